import { type Clock, ConnectError, type Net } from "../core/mod.ts";
import { type EncodedRequest, encodeRequestHead } from "../http1/mod.ts";
import { Connection } from "./connection.ts";
import { Deadlines } from "./deadlines.ts";
import { dial } from "./dial.ts";
import { Exchange, type Job } from "./exchange.ts";
import { KeptConnections } from "./kept_connections.ts";
import { Peer } from "./peer.ts";
import type {
  ClientRequest,
  ClientResponse,
  Field,
  InstanceClient,
  RequestOptions,
} from "./types.ts";
import { Watch } from "./watch.ts";

export interface UnixClientOptions {
  /** Path of the instance's socket. */
  readonly path: string;
  readonly net: Net;
  readonly clock: Clock;
  /** Named in errors. */
  readonly engine?: string;
}

/** The limits of a request that names none; see `RequestOptions`. */
const DEFAULTS = {
  connectMs: 1_000,
  writeIdleMs: 120_000,
  headMs: 600_000,
  bodyIdleMs: 600_000,
  totalMs: Infinity,
  maxBodyBytes: 16 * 1024 * 1024,
} as const;

const NO_BODY = new Uint8Array(0);

/** Methods for which a missing body is said to be one of no bytes (RFC 9110 section 8.6). */
const BODY_METHODS: ReadonlySet<string> = new Set(["POST", "PUT", "PATCH"]);

/** The client of one process behind one socket. Another process on that path gets another client. */
export class UnixClient implements InstanceClient {
  readonly #options: UnixClientOptions;
  readonly #peer: Peer;
  readonly #deadlines: Deadlines;
  readonly #kept = new KeptConnections();

  constructor(options: UnixClientOptions) {
    this.#options = options;
    this.#peer = new Peer(options.path, options.engine);
    this.#deadlines = new Deadlines(options.clock);
  }

  async request(request: ClientRequest, options: RequestOptions = {}): Promise<ClientResponse> {
    const job = this.#newJob(request, options);
    try {
      job.watch.throwIfInterrupted();
      const kept = options.fresh ? undefined : this.#kept.take();
      if (kept !== undefined) {
        try {
          return await new Exchange(kept, job).run();
        } catch (error) {
          if (!isUnsent(error)) throw error;
        }
      }
      return await new Exchange(await this.#dial(job, options), job).run();
    } finally {
      job.watch.end();
    }
  }

  close(): void {
    this.#kept.close();
  }

  /** Refuses what must not be sent before anything else is done. */
  #newJob(request: ClientRequest, options: RequestOptions): Job {
    const head = encode(request, options);
    const limits = { ...DEFAULTS, ...options };
    const peer = this.#peer;
    const watch = new Watch({
      deadlines: this.#deadlines,
      signal: options.signal,
      totalMs: limits.totalMs,
      timedOut: (phase, limitMs) => peer.timedOut(phase, limitMs),
    });
    return { head, body: request.body ?? NO_BODY, limits, peer, watch, kept: this.#kept };
  }

  /** Not once the client is closed: what listens there by then may be another process. */
  async #dial({ peer, watch }: Job, options: RequestOptions): Promise<Connection> {
    if (this.#kept.isClosed) throw peer.clientClosed();
    watch.enter("connect", options.connectMs ?? DEFAULTS.connectMs);
    const { net, path } = this.#options;
    const stream = await dial({ net, path, peer, watch });
    if (!this.#kept.isClosed) return new Connection(stream, this.#deadlines);
    stream.close();
    throw peer.clientClosed();
  }
}

/** Whether the connection failed before it took a byte of the request. */
function isUnsent(error: unknown): boolean {
  return error instanceof ConnectError && error.stage === "before_send";
}

/** Adds what every request of ours carries: `Host`, a length where there is a body, `close`. */
function encode(request: ClientRequest, { fresh }: RequestOptions): EncodedRequest {
  const { method, target, body } = request;
  const fields: Field[] = [["Host", "localhost"], ...request.fields ?? []];
  if (body !== undefined || BODY_METHODS.has(method)) {
    fields.push(["Content-Length", String(body?.length ?? 0)]);
  }
  if (fresh) fields.push(["Connection", "close"]);
  return encodeRequestHead({ method, target, fields });
}
