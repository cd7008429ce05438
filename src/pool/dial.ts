import {
  type ByteStream,
  type ConnectError,
  DialError,
  TimeoutError,
  type Transport,
} from "../core/mod.ts";
import type { Peer } from "./peer.ts";
import type { Watch } from "./watch.ts";

export interface DialOptions {
  readonly transport: Transport;
  readonly peer: Peer;
  readonly watch: Watch;
}

const FIRST_PAUSE_MS = 1;
const LONGEST_PAUSE_MS = 50;

/**
 * Connects. A full backlog, at which a Unix socket fails at once where TCP would wait, is tried
 * again after 1, 2, 4 … 50 ms until the watch says stop: nothing was sent, so any request may be.
 * So is a lack of descriptors, of which the time-out would tell nothing.
 * Throws `ConnectError`, or what interrupted the watch.
 */
export async function dial({ transport, peer, watch }: DialOptions): Promise<ByteStream> {
  let lack: ConnectError | undefined;
  for (let pauseMs = FIRST_PAUSE_MS;; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
    try {
      return await watch.race(transport.connect(), (stream) => stream.close());
    } catch (error) {
      watch.throwIfInterrupted();
      const failure = error instanceof DialError ? error.failure : "other";
      if (failure === "no_descriptors") lack = peer.dialFailed(error);
      else if (failure === "backlog_full") lack = undefined;
      else throw peer.dialFailed(error);
    }
    await watch.pause(pauseMs).catch((reason) => {
      throw reason instanceof TimeoutError ? lack ?? reason : reason;
    });
  }
}
