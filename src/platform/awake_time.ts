/**
 * Time that leaves out suspends: a gap of more than 5 s between two looks at a clock that is looked
 * at every second is time in which this program did not run, so it did not pass.
 *
 * @module
 */

/** The gap from which on time counts as not passed, and the beat at which somebody looks. */
export const GAP_MS = 5_000;
export const BEAT_MS = 1_000;

export class AwakeTime {
  readonly #onGap: (gapMs: number) => void;
  #last: number;
  #skipped = 0;

  /** `raw` is the monotonic source's value now. */
  constructor(raw: number, onGap: (gapMs: number) => void) {
    this.#last = raw;
    this.#onGap = onGap;
  }

  /** Awake time at the source's value `raw`, in milliseconds. */
  at(raw: number): number {
    const gap = raw - this.#last;
    this.#last = raw;
    if (gap > GAP_MS) {
      // One beat passes even without a suspend.
      this.#skipped += gap - BEAT_MS;
      this.#onGap(gap);
    }
    return raw - this.#skipped;
  }
}
