/**
 * Shows monotonic times as wall-clock times. The offset between the two clocks is kept, so that a
 * shown time stands still; it is taken anew when they have drifted apart by more than a second.
 */
import type { Clock } from "../core/mod.ts";

const MAX_DRIFT_MS = 1_000;

export class WallTime {
  readonly #clock: Clock;
  #offset: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#offset = clock.wall() - clock.now();
  }

  /** RFC 3339, UTC, of the monotonic time `at`. */
  show(at: number): string {
    const offset = this.#clock.wall() - this.#clock.now();
    if (Math.abs(offset - this.#offset) > MAX_DRIFT_MS) this.#offset = offset;
    return new Date(Math.round(at + this.#offset)).toISOString();
  }
}
