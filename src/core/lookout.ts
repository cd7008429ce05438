/** Many deadlines on one timer. */
import type { Clock, Timer } from "./ports.ts";

/** What may wait too long. */
export interface Watched {
  /** In the clock's time; `Infinity` = nothing is waited for. */
  readonly deadlineAt: number;
  /** `deadlineAt` has come; it must have moved or gone when this returns. */
  onDeadline(): void;
}

/** Deadlines are kept to within this; too early only by as long as something else held the loop up. */
const GRAIN_MS = 100;

/** So few waits are told the time exactly: the timer of a step would wake a program that is at rest. */
const FEW = 8;

/**
 * The deadlines of many waits on one timer, as setting a timer costs more than parsing a head. A
 * deadline is a number that its owner writes down; the lookout reads it when the earliest one it heard
 * of has come, so a deadline that moves away, as nearly all do, costs nothing. No deadline, no timer.
 */
export class Lookout {
  readonly #clock: Clock;
  readonly #watched = new Set<Watched>();
  #timer: Timer | undefined;
  #timerAt = Infinity;
  /** Set while `#now` may be told. */
  #step: Timer | undefined;
  #now = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * The time for limits to count from: up to 100 ms ahead, as it is told in steps. To ask the system
   * for every read and write costs more than what is read and written is looked at.
   */
  now(): number {
    if (this.#watched.size < FEW) return this.#clock.now();
    if (this.#step === undefined) {
      this.#now = this.#clock.now() + GRAIN_MS;
      this.#step = this.#clock.at(this.#now, () => this.#step = undefined);
    }
    return this.#now;
  }

  /** Whether `at` has passed, to the millisecond. */
  isPast(at: number): boolean {
    return this.#clock.now() >= at;
  }

  add(watched: Watched): void {
    this.#watched.add(watched);
    this.expect(watched.deadlineAt);
  }

  remove(watched: Watched): void {
    this.#watched.delete(watched);
    if (this.#watched.size > 0) return;
    this.#disarm();
    this.#step?.cancel();
    this.#step = undefined;
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
