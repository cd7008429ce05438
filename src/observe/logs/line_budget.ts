/**
 * How much of an engine's output is kept in a second. What is over it is read and counted, not kept:
 * so a flood costs little more than reading it.
 *
 * @module
 */
import type { Clock } from "../../core/mod.ts";

const SLICE_MS = 1_000;

export interface LineBudgetOptions {
  readonly clock: Clock;
  readonly linesPerS: number;
  readonly bytesPerS: number;
}

export class LineBudget {
  readonly #options: LineBudgetOptions;
  #sliceEndsAt = -Infinity;
  #lines = 0;
  #bytes = 0;

  constructor(options: LineBudgetOptions) {
    this.#options = options;
  }

  /** Whether one more line may be kept. Asks the clock only when nothing is left. */
  hasRoom(): boolean {
    if (this.#lines > 0 && this.#bytes > 0) return true;
    const { clock, linesPerS, bytesPerS } = this.#options;
    const now = clock.now();
    if (now < this.#sliceEndsAt) return false;
    this.#sliceEndsAt = now + SLICE_MS;
    this.#lines = linesPerS;
    this.#bytes = bytesPerS;
    return true;
  }

  /** A line was kept. */
  spend(bytes: number): void {
    this.#lines--;
    this.#bytes -= bytes;
  }
}
