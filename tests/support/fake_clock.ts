import type { Clock, Timer } from "../../src/core/mod.ts";

interface Pending {
  readonly deadline: number;
  readonly order: number;
  readonly callback: () => void;
}

/** How late a limit may be felt that a `Lookout` keeps: a step of its time, and its grain. */
export const LATE_MS = 200;

/** A clock that stands still until a test moves it. */
export class FakeClock implements Clock {
  #now = 0;
  #order = 0;
  readonly #pending = new Set<Pending>();

  /** Wall time at `now() === 0`: 2025-01-01T00:00:00Z. Settable, as people set clocks. */
  wallStart = Date.UTC(2025, 0, 1);

  now(): number {
    return this.#now;
  }

  wall(): number {
    return this.wallStart + this.#now;
  }

  at(deadline: number, callback: () => void): Timer {
    const pending = { deadline, order: this.#order++, callback };
    this.#pending.add(pending);
    return { cancel: () => void this.#pending.delete(pending) };
  }

  /** Timers that were set, did not fire and were not cancelled. */
  get timers(): number {
    return this.#pending.size;
  }

  /**
   * Moves time on, firing each timer at its own deadline, in order, and letting everything that
   * follows from it run before the next one. Timers set meanwhile fire too when they fall due.
   */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms;
    await settle();
    for (let next = this.#due(end); next !== undefined; next = this.#due(end)) {
      this.#pending.delete(next);
      this.#now = Math.max(this.#now, next.deadline);
      next.callback();
      await settle();
    }
    this.#now = end;
  }

  /** Moves time on without firing a timer, as when the event loop is held up: they are late. */
  stall(ms: number): void {
    this.#now += ms;
  }

  #due(end: number): Pending | undefined {
    return [...this.#pending]
      .filter((pending) => pending.deadline <= end)
      .sort((a, b) => a.deadline - b.deadline || a.order - b.order)[0];
  }
}

/** Lets everything run that only waits for other code, not for the outside. */
export function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
