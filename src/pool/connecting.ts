import type { Clock, Lookout, Transport } from "../core/mod.ts";
import { Connection } from "./connection.ts";
import { dial } from "./dial.ts";
import type { Envelope } from "./envelope.ts";
import type { KeptConnections, Waiter } from "./kept_connections.ts";
import type { Peer } from "./peer.ts";
import type { Traffic } from "./traffic.ts";
import type { UsualLimits } from "./types.ts";
import { Watch } from "./watch.ts";

/** What connecting to one instance takes. */
export interface Connecting {
  readonly transport: Transport;
  readonly envelope: Envelope | undefined;
  readonly peer: Peer;
  readonly clock: Clock;
  readonly lookout: Lookout;
  readonly kept: KeptConnections;
  readonly traffic: Traffic;
  /** Of exchanges that name none. */
  readonly limits: UsualLimits;
}

/**
 * Dials, for one exchange alone; `watch` has the limit. Not once the client is closed: what listens
 * there by then may be another process.
 */
export async function connectFresh(to: Connecting, watch: Watch): Promise<Connection> {
  const { transport, peer, lookout, kept } = to;
  if (kept.isClosed) throw peer.clientClosed();
  const stream = await dial({ transport, peer, watch });
  if (!kept.isClosed) return new Connection(stream, lookout);
  stream.close();
  throw peer.clientClosed();
}

/**
 * A new connection or one that is given back meanwhile, whichever is there first; a dial that lost is
 * kept for others. Rejects when `watch` is interrupted, with which the dial ends too.
 */
export function connectFirst(
  to: Connecting,
  watch: Watch,
  connectMs: number,
): Promise<Connection> {
  const { peer, clock, lookout, kept } = to;
  const dialing = new Watch({
    clock,
    lookout,
    totalMs: Infinity,
    timedOut: (phase, limitMs) => peer.timedOut(phase, limitMs),
  });
  dialing.enter("connect", connectMs);
  return new Promise((resolve, reject) => {
    const waiter: Waiter = { take: resolve };
    kept.wait(waiter);
    watch.onInterrupt(() => {
      kept.leave(waiter);
      dialing.interrupt(watch.interruption?.reason);
      reject(watch.interruption?.reason);
    });
    connectFresh(to, dialing).then((connection) => {
      dialing.end();
      if (kept.leave(waiter)) resolve(connection);
      else kept.giveBack(connection);
    }, (error) => {
      dialing.end();
      if (kept.leave(waiter)) reject(error);
    });
  });
}
