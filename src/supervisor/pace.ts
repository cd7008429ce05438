/** How fast an engine works, as far as it was seen: tells who is sent away when to come again. */

/** How much the newest of the measured counts beside all before it. */
const NEWEST_SHARE = 0.2;

const LONGEST_S = 600;

export class Pace {
  #requestMs: number | null = null;
  #startMs: number | null = null;

  /** A request took so long, without its wait. */
  ended(tookMs: number): void {
    this.#requestMs = mix(this.#requestMs, tookMs);
  }

  /** How long a start usually takes; `null` before the first. */
  get startMs(): number | null {
    return this.#startMs;
  }

  /** A start took so long. */
  started(tookMs: number): void {
    this.#startMs = mix(this.#startMs, tookMs);
  }

  /**
   * Seconds, from 1 to 600, until a place is likely to be free where `waiting` stand in line for `slots`;
   * none of them while nothing is ready, when a start is waited for. For `stuckMs` none has become free:
   * those at work take that long at least, however fast others were.
   */
  retryAfterS(waiting: number, slots: number, stuckMs = 0): number {
    const requestMs = Math.max(this.#requestMs ?? 0, stuckMs);
    const ms = slots === 0 ? this.#startMs : requestMs * (waiting + 1) / slots;
    return Math.min(Math.max(Math.ceil((ms ?? 0) / 1_000), 1), LONGEST_S);
  }
}

function mix(before: number | null, newest: number): number {
  return before === null ? newest : before + NEWEST_SHARE * (newest - before);
}
