import { AdmissionError, type BoundView, type Clock, sleep } from "../../core/mod.ts";

/** Searches that may be under way at once. */
export const MAX_SEARCHES = 16;

/** Searches of what is kept: only so many at once, and the work of all of them a piece at a time. */
export class LogSearches {
  readonly #clock: Clock;
  #used = 0;
  #refused = 0;
  #last: Promise<void> = Promise.resolve();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Rejects with `queue_full` when there are enough of them. */
  async run<T>(search: () => Promise<T>): Promise<T> {
    if (this.#used === MAX_SEARCHES) {
      this.#refused++;
      throw tooMany();
    }
    this.#used++;
    try {
      return await search();
    } finally {
      this.#used--;
    }
  }

  /** Resolves when the next piece of work may be done: one at a time, everything else in between. */
  turn(): Promise<void> {
    this.#last = this.#last.then(() => sleep(this.#clock, 0));
    return this.#last;
  }

  bounds(): readonly BoundView[] {
    const [used, refused] = [this.#used, this.#refused];
    return [{ name: "log_searches", engine: null, limit: MAX_SEARCHES, used, refused }];
  }
}

function tooMany(): AdmissionError {
  return new AdmissionError("queue_full", {
    detail: `${MAX_SEARCHES} searches of logs are under way, which is the limit.`,
    remedy: "Try again when one of them is done.",
    retryAfterS: 1,
  });
}
