/**
 * Whether an engine that is ready still lives: three checks of its health in a row without a 200, five
 * seconds apart, say that it does not. An answer that moves is life enough.
 *
 * @module
 */
import type { Clock } from "../core/mod.ts";
import type { InstanceClient, Traffic } from "../pool/mod.ts";
import { isLackOfOurs } from "./engine_answers.ts";

const CHECK_EVERY_MS = 5_000;
const CHECK_LIMIT_MS = 2_000;
const MISSES = 3;

export interface LivenessOptions {
  readonly client: InstanceClient;
  readonly clock: Clock;
  readonly healthPath: string;
  /** What goes over the connections that are lent to others; an answer that moves is life enough. */
  readonly traffic: Traffic;
  readonly signal: AbortSignal;
}

export class Liveness {
  readonly #options: LivenessOptions;
  #checkedAt: number;
  #misses = 0;
  /** How far the traffic was when it was last looked at. */
  #moves: number;

  constructor(options: LivenessOptions) {
    this.#options = options;
    this.#moves = options.traffic.moves;
    this.#checkedAt = options.clock.now();
  }

  /** Checks if that is due. Resolves with `hung` once it is sure. */
  async check(): Promise<"lives" | "hung"> {
    const { clock } = this.#options;
    if (clock.now() - this.#checkedAt < CHECK_EVERY_MS) return "lives";
    this.#checkedAt = clock.now();
    const isAlive = this.#hasMoved() || await this.#isHealthy();
    if (isAlive !== null) this.#misses = isAlive ? 0 : this.#misses + 1;
    return this.#misses < MISSES ? "lives" : "hung";
  }

  /** Whether anything went over the lent connections since this was last asked. */
  #hasMoved(): boolean {
    const before = this.#moves;
    this.#moves = this.#options.traffic.moves;
    return this.#moves !== before;
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
      return isLackOfOurs(error) ? null : false;
    }
  }
}
