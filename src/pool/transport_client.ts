import { type Clock, ConnectError, Lookout, type Transport } from "../core/mod.ts";
import { type EncodedRequest, encodeRequestHead } from "../http1/mod.ts";
import { connectFirst, connectFresh, type Connecting } from "./connecting.ts";
import type { Connection } from "./connection.ts";
import { type Envelope, PLAIN } from "./envelope.ts";
import { Exchange, type Job } from "./exchange.ts";
import { KeptConnections } from "./kept_connections.ts";
import { LeasedConnection } from "./leased_connection.ts";
import { Peer } from "./peer.ts";
import type { Traffic } from "./traffic.ts";
import type {
  ClientRequest,
  ClientResponse,
  ConnectionWish,
  Field,
  InstancePool,
  PooledConnection,
  RequestOptions,
  UsualLimits,
} from "./types.ts";
import { Watch, type WatchOptions } from "./watch.ts";

export interface TransportClientOptions {
  readonly transport: Transport;
  readonly clock: Clock;
  /** Named in errors. */
  readonly engine?: string;
  /** Instead of those that `RequestOptions` has by default. */
  readonly limits?: Partial<UsualLimits>;
  /** Counts what goes over connections that are lent. @default nobody looks */
  readonly traffic?: Traffic;
  /** What goes with every request. @default nothing */
  readonly envelope?: Envelope | undefined;
}

/** The limits of a request where neither it nor its client names any; see `RequestOptions`. */
const DEFAULTS = {
  connectMs: 1_000,
  writeIdleMs: 120_000,
  headMs: 600_000,
  bodyIdleMs: 600_000,
} as const satisfies UsualLimits;

const MAX_BODY_BYTES = 16 * 1024 * 1024;

const NO_BODY = new Uint8Array(0);

/** Methods for which a missing body is said to be one of no bytes (RFC 9110 section 8.6). */
const BODY_METHODS: ReadonlySet<string> = new Set(["POST", "PUT", "PATCH"]);

/** The client of one process at one address. Another process there gets another client. */
export class TransportClient implements InstancePool {
  readonly #to: Connecting;

  constructor(options: TransportClientOptions) {
    const { transport, clock, engine, traffic = { moves: 0 }, limits, envelope } = options;
    this.#to = {
      transport,
      envelope,
      peer: new Peer(transport.name, engine),
      clock,
      lookout: new Lookout(clock),
      kept: new KeptConnections(),
      traffic,
      limits: { ...DEFAULTS, ...limits },
    };
  }

  async request(request: ClientRequest, options: RequestOptions = {}): Promise<ClientResponse> {
    const job = this.#newJob(request, options);
    try {
      job.watch.throwIfInterrupted();
      const kept = options.fresh ? undefined : this.#to.kept.take();
      if (kept !== undefined) {
        try {
          return await new Exchange(kept, job).run();
        } catch (error) {
          if (!isUnsent(error)) throw error;
        }
      }
      const fresh = kept !== undefined || options.fresh === true;
      const connection = await this.#connect(job.watch, { ...options, fresh });
      return await new Exchange(connection, job).run();
    } finally {
      job.watch.end();
    }
  }

  lease(wish: ConnectionWish = {}): PooledConnection | Promise<PooledConnection> {
    const kept = wish.fresh ? undefined : this.#to.kept.take();
    return kept === undefined ? this.#leaseLater(wish) : new LeasedConnection(kept, this.#to);
  }

  close(): void {
    this.#to.kept.close();
  }

  /** Refuses what must not be sent before anything else is done. */
  #newJob(request: ClientRequest, options: RequestOptions): Job {
    const { peer, kept, limits: usual, envelope } = this.#to;
    const head = encode(request, { ...options, envelope });
    const limits = {
      ...usual,
      totalMs: Infinity,
      maxBodyBytes: MAX_BODY_BYTES,
      ...options,
    };
    const watch = this.#newWatch(options.signal, limits.totalMs);
    const { onHead } = options;
    return { head, body: request.body ?? NO_BODY, limits, peer, watch, kept, onHead };
  }

  async #leaseLater({ signal, fresh = false }: ConnectionWish): Promise<PooledConnection> {
    const watch = this.#newWatch(signal, Infinity);
    try {
      watch.throwIfInterrupted();
      return new LeasedConnection(await this.#connect(watch, { fresh }), this.#to);
    } finally {
      watch.end();
    }
  }

  #connect(watch: Watch, { fresh, connectMs }: RequestOptions): Promise<Connection> {
    const limitMs = connectMs ?? this.#to.limits.connectMs;
    if (fresh !== true) return connectFirst(this.#to, watch, limitMs);
    watch.enter("connect", limitMs);
    return connectFresh(this.#to, watch);
  }

  #newWatch(signal: AbortSignal | undefined, totalMs: number): Watch {
    const { clock, lookout, peer } = this.#to;
    const timedOut: WatchOptions["timedOut"] = (phase, limitMs) => peer.timedOut(phase, limitMs);
    return new Watch({ clock, lookout, signal, totalMs, timedOut });
  }
}

/** Whether the connection failed before it took a byte of the request. */
function isUnsent(error: unknown): boolean {
  return error instanceof ConnectError && error.stage === "before_send";
}

/** Adds what every request of ours carries: `Host`, a length where there is a body, `close`. */
function encode(
  request: ClientRequest,
  { fresh, envelope = PLAIN }: RequestOptions & { readonly envelope?: Envelope | undefined },
): EncodedRequest {
  const { method, body } = request;
  const target = envelope.prefix + request.target;
  const host = envelope.host ?? "localhost";
  const fields: Field[] = [["Host", host], ...request.fields ?? [], ...envelope.fields];
  if (body !== undefined || BODY_METHODS.has(method)) {
    fields.push(["Content-Length", String(body?.length ?? 0)]);
  }
  if (fresh) fields.push(["Connection", "close"]);
  return encodeRequestHead({ method, target, fields });
}
