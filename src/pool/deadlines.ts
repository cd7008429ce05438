import type { Clock, Timer } from "../core/mod.ts";

/** One wait's deadline; `at` in the clock's time, `Infinity` = none for now. */
export interface Deadline {
  readonly at: number;
}

class Entry implements Deadline {
  at: number;
  readonly reached: () => void;

  constructor(at: number, reached: () => void) {
    this.at = at;
    this.reached = reached;
  }
}

/**
 * All deadlines of one client on one timer, as setting a timer costs more than parsing an answer.
 * The timer stands at the earliest deadline there was; one that moves away or goes leaves it there,
 * and it looks again when it fires. No deadline, no timer.
 */
export class Deadlines {
  readonly #clock: Clock;
  readonly #entries = new Set<Entry>();
  #timer: Timer | undefined;
  #timerAt = Infinity;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  now(): number {
    return this.#clock.now();
  }

  /** Calls `reached` once, when `at` has come, unless the deadline is moved or removed. */
  add(at: number, reached: () => void): Deadline {
    const entry = new Entry(at, reached);
    this.#entries.add(entry);
    if (at < this.#timerAt) this.#arm(at);
    return entry;
  }

  /** Does nothing when the deadline was reached or removed. */
  move(deadline: Deadline, at: number): void {
    const entry = deadline as Entry;
    entry.at = at;
    if (at < this.#timerAt && this.#entries.has(entry)) this.#arm(at);
  }

  remove(deadline: Deadline): void {
    this.#entries.delete(deadline as Entry);
    if (this.#entries.size === 0) this.#disarm();
  }

  #arm(at: number): void {
    this.#disarm();
    this.#timerAt = at;
    this.#timer = this.#clock.at(at, () => this.#onTimer());
  }

  #disarm(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#timerAt = Infinity;
  }

  #onTimer(): void {
    this.#disarm();
    const now = this.#clock.now();
    const entries = [...this.#entries];
    const later = entries.filter((entry) => entry.at > now).map((entry) => entry.at);
    const next = Math.min(...later);
    if (next < Infinity) this.#arm(next);
    for (const entry of entries) {
      // One that was reached may remove or move another.
      if (entry.at <= now && this.#entries.delete(entry)) entry.reached();
    }
  }
}
