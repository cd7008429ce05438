import type { Clock, Timer } from "../core/mod.ts";

/** What may wait too long. */
export interface Watched {
  /** In the clock's time; `Infinity` = nothing is waited for. */
  readonly deadlineAt: number;
  /** `deadlineAt` has come; it must have moved or gone when this returns. */
  onDeadline(): void;
}

/** Deadlines that lie closer together are looked at together: they are kept to within this. */
const GRAIN_MS = 100;

/**
 * The deadlines of all connections on one timer. A deadline is a number that its owner writes down;
 * the lookout reads it when the earliest one it heard of has come, so a deadline that moves away, as
 * nearly all do, costs nothing. No deadline, no timer.
 */
export class Lookout {
  readonly #clock: Clock;
  readonly #watched = new Set<Watched>();
  #timer: Timer | undefined;
  #timerAt = Infinity;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  now(): number {
    return this.#clock.now();
  }

  add(watched: Watched): void {
    this.#watched.add(watched);
    this.expect(watched.deadlineAt);
  }

  remove(watched: Watched): void {
    this.#watched.delete(watched);
    if (this.#watched.size === 0) this.#disarm();
  }

  /** Tells that something watched has a deadline at `at` now. */
  expect(at: number): void {
    if (at >= this.#timerAt || this.#watched.size === 0) return;
    this.#disarm();
    this.#timerAt = at;
    this.#timer = this.#clock.at(at, () => this.#look());
  }

  #look(): void {
    this.#disarm();
    const now = this.#clock.now();
    let next = Infinity;
    for (const watched of this.#watched) {
      if (watched.deadlineAt <= now) watched.onDeadline();
      next = Math.min(next, watched.deadlineAt);
    }
    this.expect(Math.max(next, now + GRAIN_MS));
  }

  #disarm(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#timerAt = Infinity;
  }
}
