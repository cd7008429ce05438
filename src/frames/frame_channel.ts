import {
  type ByteStream,
  type Clock,
  ConnectError,
  DialError,
  Lookout,
  RequestError,
  sleep,
} from "../core/mod.ts";
import { FrameConnection } from "./frame_connection.ts";
import type { CallOptions } from "./open_call.ts";
import type { Call, Payload } from "./wire.ts";

/** A full backlog is tried again for so long: nothing was sent. */
const DIAL_MS = 1_000;
const DIAL_PAUSE_MS = 5;

export interface FrameChannelOptions {
  /** Connects to where the process takes calls. Throws `DialError`. */
  readonly dial: () => Promise<ByteStream>;
  readonly clock: Clock;
  /** Named in errors. */
  readonly engine: string;
  /** Told of everything that comes from the process. */
  readonly onMoved: () => void;
}

/** The calls of one process: one connection, made with the first call and anew after it broke. */
export class FrameChannel {
  readonly #options: FrameChannelOptions;
  readonly #lookout: Lookout;
  #opening: Promise<FrameConnection> | undefined;
  #connection: FrameConnection | undefined;
  #isClosed = false;

  constructor(options: FrameChannelOptions) {
    this.#options = options;
    this.#lookout = new Lookout(options.clock);
  }

  /**
   * Calls a function; see {@linkcode FrameConnection.call}. Throws `not_found` when nobody listens for
   * calls, `ConnectError` when the connection can't be made.
   */
  async call(call: Call, options: CallOptions = {}): Promise<Payload> {
    const connection = this.#connection?.isOpen ? this.#connection : await this.#open();
    return await connection.call(call, options);
  }

  /** The process is gone: what is open is rejected, and so are later calls. */
  close(): void {
    this.#isClosed = true;
    this.#connection?.close();
  }

  #open(): Promise<FrameConnection> {
    this.#opening ??= this.#connect().finally(() => this.#opening = undefined);
    return this.#opening;
  }

  async #connect(): Promise<FrameConnection> {
    const { engine, onMoved } = this.#options;
    const stream = await this.#dial();
    this.#connection = new FrameConnection({ stream, lookout: this.#lookout, engine, onMoved });
    if (this.#isClosed) this.#connection.close();
    return this.#connection;
  }

  async #dial(): Promise<ByteStream> {
    const { clock, dial, engine } = this.#options;
    for (const until = clock.now() + DIAL_MS;;) {
      if (this.#isClosed) throw toConnectError(undefined, engine);
      try {
        return await dial();
      } catch (error) {
        const failure = error instanceof DialError ? error.failure : "other";
        if (failure === "no_socket" || failure === "refused") throw offersNoCalls(engine);
        const mayPass = failure === "backlog_full" || failure === "no_descriptors";
        if (!mayPass || clock.now() >= until) throw toConnectError(error, engine);
      }
      await sleep(clock, DIAL_PAUSE_MS);
    }
  }
}

/** An engine without direct calls. */
export function offersNoCalls(engine: string): RequestError {
  return new RequestError("not_found", {
    engine,
    detail: `The engine ${engine} offers no direct calls: nothing listens on AI_ENGINE_FRAMES.`,
    remedy:
      `Use its HTTP paths under /upstream/${engine}/, or let it listen there; docs/frames.md ` +
      "says how.",
  });
}

function toConnectError(error: unknown, engine: string): ConnectError {
  const isLack = error instanceof DialError && error.failure === "no_descriptors";
  return new ConnectError(isLack ? "too_many_connections" : "upstream_failed", "before_send", {
    engine,
    detail: `Can't connect to the engine ${engine} for direct calls${
      isLack ? ": this program has no descriptor left (`ulimit -n`)" : ""
    }.`,
    remedy: isLack ? "Run it with a higher `ulimit -n`." : "See the engine's last output lines.",
    cause: error,
    ...(isLack ? { retryAfterS: 1 } : {}),
  });
}
