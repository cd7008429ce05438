/**
 * One timer for a deadline that moves often. A deadline that only moves back leaves the timer as it
 * is; it looks again when it fires.
 */
import type { Clock, Timer } from "../core/mod.ts";

export class DeadlineTimer {
  readonly #clock: Clock;
  readonly #onDue: () => void;
  #deadline: number | null = null;
  #armed: { readonly at: number; readonly timer: Timer } | undefined;

  constructor(clock: Clock, onDue: () => void) {
    this.#clock = clock;
    this.#onDue = onDue;
  }

  /** Sets the deadline in the clock's time; `null` = none. */
  set(deadline: number | null): void {
    this.#deadline = deadline;
    if (deadline === null) {
      this.#armed?.timer.cancel();
      this.#armed = undefined;
    } else if (this.#armed === undefined || deadline < this.#armed.at) {
      this.#arm(deadline);
    }
  }

  #arm(deadline: number): void {
    this.#armed?.timer.cancel();
    this.#armed = { at: deadline, timer: this.#clock.at(deadline, () => this.#fire()) };
  }

  #fire(): void {
    this.#armed = undefined;
    if (this.#deadline === null) return;
    if (this.#clock.now() < this.#deadline) this.#arm(this.#deadline);
    else this.#onDue();
  }
}
