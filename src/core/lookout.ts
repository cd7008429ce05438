/** Many deadlines on one timer. */
import type { Clock, Timer } from "./ports.ts";
import { STEP_MS, SteppedTime } from "./stepped_time.ts";

/** What may wait too long. */
export interface Watched {
  /** In the clock's time; `Infinity` = nothing is waited for. */
  readonly deadlineAt: number;
  /** `deadlineAt` has come; it must have moved or gone when this returns. */
  onDeadline(): void;
}

/**
 * The deadlines of many waits on one timer, as setting a timer costs more than parsing a head. A
 * deadline is a number that its owner writes down; the lookout reads it when the earliest one it heard
 * of has come, so a deadline that moves away, as nearly all do, costs nothing. No deadline, no timer.
 */
export class Lookout {
  readonly #clock: Clock;
  readonly #time: SteppedTime;
  readonly #watched = new Set<Watched>();
  #timer: Timer | undefined;
  #timerAt = Infinity;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#time = new SteppedTime(clock);
  }

  /** The time for limits to count from: up to 100 ms ahead while it is asked for often. */
  now(): number {
    return this.#time.now();
  }

  add(watched: Watched): void {
    this.#watched.add(watched);
    this.expect(watched.deadlineAt);
  }

  remove(watched: Watched): void {
    this.#watched.delete(watched);
    if (this.#watched.size > 0) return;
    this.#disarm();
    this.#time.stop();
  }

  /** Tells that something watched has a deadline at `at` now. */
  expect(at: number): void {
    if (at >= this.#timerAt || this.#watched.size === 0) return;
    this.#disarm();
    this.#timerAt = at;
    this.#timer = this.#clock.at(at, () => this.#look());
  }

  /**
   * What held the loop up has held the answer up as well: it is there, and is read in this turn, but
   * after the timers. So who seems late is looked at again in the next turn.
   */
  #look(): void {
    this.#disarm();
    const now = this.#clock.now();
    if (this.#earliest() > now) return this.#lookLater(now);
    this.#timerAt = now;
    this.#timer = this.#clock.at(now, () => this.#tell());
  }

  #tell(): void {
    this.#disarm();
    const now = this.#clock.now();
    for (const watched of this.#watched) {
      if (watched.deadlineAt <= now) watched.onDeadline();
    }
    this.#lookLater(now);
  }

  /** Deadlines are kept to within a step. */
  #lookLater(now: number): void {
    this.expect(Math.max(this.#earliest(), now + STEP_MS));
  }

  #earliest(): number {
    let earliest = Infinity;
    for (const { deadlineAt } of this.#watched) earliest = Math.min(earliest, deadlineAt);
    return earliest;
  }

  #disarm(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#timerAt = Infinity;
  }
}
