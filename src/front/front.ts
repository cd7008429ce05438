import type { Listener } from "../access/mod.ts";
import {
  type AcceptedStream,
  AdmissionError,
  type BoundView,
  Lookout,
  sleep,
  type StreamListener,
} from "../core/mod.ts";
import { DEFAULT_LIMITS, RequestFault } from "../http1/mod.ts";
import { Connection, type ConnectionOptions } from "./connection.ts";
import { dated } from "./dated.ts";
import { FairnessGate } from "./fairness_gate.ts";
import { DEFAULT_FRONT_LIMITS } from "./front_limits.ts";
import type { FrontOptions } from "./front_options.ts";
import { Handshakes } from "./handshakes.ts";
import { ReadBuffers } from "./read_buffers.ts";

/** Connections open at once; each is a descriptor and about 10 kB while idle. */
const MAX_CONNECTIONS = 16_384;

/** Clients beyond that who are being told so; more are closed without a word. */
const MAX_REFUSALS = 256;

/** The pauses after an accept that failed (no descriptor left), doubled up to the longest. */
const FIRST_PAUSE_MS = 10;
const LONGEST_PAUSE_MS = 1_000;

/**
 * Everything that listens: takes connections in, reads requests, asks `access`, and hands what is
 * allowed to the gateway or to `ours`.
 *
 * @example
 * ```ts ignore
 * const front = new Front({ clock, gateway, records, ours, renderError, onFault });
 * const tcp = openTcpListener(address);
 * front.listen(tcp, tcp.address);
 * front.listen(await openUnixListener(path, "--control"), { kind: "control" });
 * await front.drain(500); // answers under way may end; then everything is closed
 * ```
 */
export class Front {
  readonly #options: FrontOptions;
  readonly #shared: Omit<ConnectionOptions, "listener">;
  readonly #maxConnections: number;
  readonly #listeners = new Set<StreamListener>();
  readonly #connections = new Set<Connection>();
  readonly #refusals = new Set<Connection>();
  readonly #handshakes: Handshakes;
  #speaksTls = false;
  readonly #accepting: Promise<void>[] = [];
  readonly #draining = new AbortController();
  readonly #refused = { connections: 0, heads: 0, bodies: 0 };

  constructor(options: FrontOptions) {
    this.#options = options;
    this.#maxConnections = options.maxConnections ?? MAX_CONNECTIONS;
    this.#shared = {
      front: dated({ ...options, renderError: this.#renderError }, options.clock),
      lookout: new Lookout(options.clock),
      buffers: new ReadBuffers(),
      gate: new FairnessGate(options.clock),
      records: options.records,
      onClosed: (connection) => {
        this.#connections.delete(connection);
        this.#refusals.delete(connection);
      },
      limits: { ...DEFAULT_FRONT_LIMITS, ...options.limits },
      tokens: options.tokens ?? null,
      ...options.access,
    };
    const { lookout, limits } = this.#shared;
    this.#handshakes = new Handshakes({ lookout, limitMs: limits.headMs });
  }

  /** Connections that are open and served. */
  get openConnections(): number {
    return this.#connections.size;
  }

  bounds(): readonly BoundView[] {
    const { connections, heads, bodies } = this.#refused;
    const { maxHeadBytes, maxRequestBodyBytes } = DEFAULT_LIMITS;
    const used = this.openConnections;
    const limit = this.#maxConnections;
    const { headMs } = this.#shared.limits;
    const { failed } = this.#handshakes;
    return [
      { name: "connections", engine: null, limit, used, refused: connections },
      { name: "head_bytes", engine: null, limit: maxHeadBytes, used: null, refused: heads },
      { name: "body_bytes", engine: null, limit: maxRequestBodyBytes, used: null, refused: bodies },
      ...this.#speaksTls
        ? [
          {
            name: "handshake_ms",
            engine: null,
            limit: headMs,
            used: null,
            refused: failed,
          } as const,
        ]
        : [],
    ];
  }

  /** Serves what connects to `source`, which is closed by `drain`. `listener` is for `access`. */
  listen(source: StreamListener, listener: Listener): void {
    this.#listeners.add(source);
    this.#speaksTls ||= listener.kind === "tls";
    const accepting = this.#acceptAll(source, listener);
    this.#accepting.push(accepting);
    this.#detach(accepting);
  }

  /**
   * Takes no new connection and no new request; resolves when the answers under way have ended, or,
   * cut, when `deadlineMs` milliseconds are over.
   */
  async drain(deadlineMs: number): Promise<void> {
    this.#draining.abort();
    for (const listener of this.#listeners) listener.close();
    this.#handshakes.close();
    const all = [...this.#connections, ...this.#refusals];
    for (const connection of this.#connections) connection.retire();
    const isDone = new AbortController();
    const closed = Promise.all([
      ...this.#accepting,
      ...all.map((connection) => connection.closed),
    ]);
    await Promise.race([closed, sleep(this.#options.clock, deadlineMs, isDone.signal)]);
    isDone.abort();
    for (const connection of all) connection.close();
  }

  async #acceptAll(source: StreamListener, listener: Listener): Promise<void> {
    const options = { ...this.#shared, listener };
    let pauseMs = FIRST_PAUSE_MS;
    while (!this.#draining.signal.aborted) {
      let stream: AcceptedStream | null;
      try {
        stream = await source.accept();
      } catch {
        await sleep(this.#options.clock, pauseMs, this.#draining.signal);
        pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS);
        continue;
      }
      if (stream === null) return;
      pauseMs = FIRST_PAUSE_MS;
      this.#take(stream, options);
    }
  }

  #take(stream: AcceptedStream, options: ConnectionOptions): void {
    if (stream.handshake === undefined) return this.#serve(stream, options);
    const inAll = this.#connections.size + this.#handshakes.size;
    if (inAll < this.#maxConnections + MAX_REFUSALS) {
      return this.#detach(this.#agree(stream, options));
    }
    this.#refused.connections++;
    stream.close();
  }

  async #agree(stream: AcceptedStream, options: ConnectionOptions): Promise<void> {
    if (await this.#handshakes.agree(stream)) this.#serve(stream, options);
  }

  #serve(stream: AcceptedStream, options: ConnectionOptions): void {
    if (this.#draining.signal.aborted) return stream.close();
    const isServed = this.#connections.size < this.#maxConnections;
    if (!isServed) this.#refused.connections++;
    if (!isServed && this.#refusals.size >= MAX_REFUSALS) return stream.close();
    const connection = new Connection(stream, options);
    (isServed ? this.#connections : this.#refusals).add(connection);
    this.#detach(isServed ? connection.run() : connection.refuse(tooMany(this.#maxConnections)));
  }

  readonly #renderError: FrontOptions["renderError"] = (error, ask) => {
    if (error.code === "head_too_large") this.#refused.heads++;
    if (error instanceof RequestFault && error.code === "too_large") this.#refused.bodies++;
    return this.#options.renderError(error, ask);
  };

  /** Takes care of what nobody waits for. */
  #detach(work: Promise<void>): void {
    work.catch(this.#options.onFault);
  }
}

function tooMany(limit: number): AdmissionError {
  return new AdmissionError("too_many_connections", {
    detail: `${limit} connections are open, which is the limit.`,
    remedy: "Close some clients, or let them share connections, then try again.",
    retryAfterS: 5,
  });
}
