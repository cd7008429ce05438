/**
 * One timer for a deadline that comes, goes and moves with every request, which is more than setting a
 * timer is worth: a deadline that goes or moves back leaves the timer as it is; it looks again when it
 * fires.
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

  /** Sets the deadline in the clock's time; `null` = none for now. */
  set(deadline: number | null): void {
    this.#deadline = deadline;
    if (deadline === null) return;
    if (this.#armed === undefined || deadline < this.#armed.at) this.#arm(deadline);
  }

  /** No deadline, and none soon. */
  stop(): void {
    this.#deadline = null;
    this.#armed?.timer.cancel();
    this.#armed = undefined;
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
