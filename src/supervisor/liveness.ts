/**
 * Whether an engine that is ready still lives: three checks of its health in a row without a 200, five
 * seconds apart, say that it does not. Whatever shows life in between makes a check needless.
 *
 * @module
 */
import { type ByteStream, type Clock, ConnectError, type Net } from "../core/mod.ts";
import type { InstanceClient } from "../pool/mod.ts";

const CHECK_EVERY_MS = 5_000;
const CHECK_LIMIT_MS = 2_000;
const MISSES = 3;

export interface LivenessOptions {
  readonly client: InstanceClient;
  readonly clock: Clock;
  readonly healthPath: string;
  readonly moves: Moves;
  readonly signal: AbortSignal;
}

export class Liveness {
  readonly #options: LivenessOptions;
  #checkedAt: number;
  #misses = 0;

  constructor(options: LivenessOptions) {
    this.#options = options;
    this.#checkedAt = options.clock.now();
  }

  /** It has just shown that it lives. */
  proven(): void {
    const { clock, moves } = this.#options;
    this.#checkedAt = clock.now();
    this.#misses = 0;
    moves.take();
  }

  /** Checks if that is due. Resolves with `hung` once it is sure. */
  async check(): Promise<"lives" | "hung"> {
    const { clock, moves } = this.#options;
    if (clock.now() - this.#checkedAt < CHECK_EVERY_MS) return "lives";
    this.#checkedAt = clock.now();
    const isAlive = moves.take() || await this.#isHealthy();
    if (isAlive !== null) this.#misses = isAlive ? 0 : this.#misses + 1;
    return this.#misses < MISSES ? "lives" : "hung";
  }

  /** `null` = it could not be asked, for a lack of ours. */
  async #isHealthy(): Promise<boolean | null> {
    const { client, healthPath, signal } = this.#options;
    try {
      const { status } = await client.request({ method: "GET", target: healthPath }, {
        signal,
        totalMs: CHECK_LIMIT_MS,
      });
      return status === 200;
    } catch (error) {
      const isOurs = error instanceof ConnectError && error.code === "too_many_connections";
      return isOurs ? null : false;
    }
  }
}

/** Whether bytes come from an engine, told without looking at the time. */
export class Moves {
  #hasMoved = false;

  readonly mark = (): void => {
    this.#hasMoved = true;
  };

  /** Whether there were any since this was last asked. */
  take(): boolean {
    const hasMoved = this.#hasMoved;
    this.#hasMoved = false;
    return hasMoved;
  }
}

/**
 * `net`, whose connections tell when bytes have come: a second read without a write in between is only
 * made by who got something from the first. So it costs no promise, and misses what comes in one piece.
 */
export function watchNet(net: Net, onMove: () => void): Net {
  return {
    connectUnix: async (path) => new WatchedStream(await net.connectUnix(path), onMove),
  };
}

class WatchedStream implements ByteStream {
  readonly #stream: ByteStream;
  readonly #onMove: () => void;
  #isNew = true;

  constructor(stream: ByteStream, onMove: () => void) {
    this.#stream = stream;
    this.#onMove = onMove;
  }

  read(buffer: Uint8Array): Promise<number | null> {
    if (!this.#isNew) this.#onMove();
    this.#isNew = false;
    return this.#stream.read(buffer);
  }

  write(bytes: Uint8Array): Promise<number> {
    this.#isNew = true;
    return this.#stream.write(bytes);
  }

  close(): void {
    this.#stream.close();
  }
}
