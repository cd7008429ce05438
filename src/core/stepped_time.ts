/** Time for those who ask for it all the time. */
import type { Clock, Timer } from "./ports.ts";

/** How long a step is. */
export const STEP_MS = 100;

/** So many times in one step the clock itself is asked: more is a program that is busy. */
const MANY = 64;

/**
 * The time, told in steps while it is asked for often: up to 100 ms ahead then, never behind. To ask
 * the system takes 90 ns, at every read and write more than they are looked at. Who asks rarely is
 * told the time exactly, so that the timer of a step wakes no program at rest.
 */
export class SteppedTime {
  readonly #clock: Clock;
  /** Set while `#now` may be told. */
  #step: Timer | undefined;
  #now = 0;
  /** Since when is counted how often the clock was asked. */
  #since = -Infinity;
  #asked = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  now(): number {
    return this.#step === undefined ? this.#ask() : this.#now;
  }

  /** Leaves no timer behind. */
  stop(): void {
    this.#step?.cancel();
    this.#step = undefined;
  }

  #ask(): number {
    const now = this.#clock.now();
    if (now - this.#since >= STEP_MS) {
      this.#since = now;
      this.#asked = 0;
    }
    if (++this.#asked <= MANY) return now;
    this.#now = now + STEP_MS;
    this.#step = this.#clock.at(this.#now, () => this.#step = undefined);
    return this.#now;
  }
}
