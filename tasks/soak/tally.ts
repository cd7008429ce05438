/** What became of the requests. */

/** Failures that are told in full; more are counted only. */
const TOLD_FAILURES = 20;

export class Tally {
  readonly #outcomes = new Map<string, number>();
  readonly #onFailure: (line: string) => void;
  #passed = 0;
  #failed = 0;

  /** `onFailure` is given a line for each failure, up to a number of them. */
  constructor(onFailure: (line: string) => void) {
    this.#onFailure = onFailure;
  }

  get passed(): number {
    return this.#passed;
  }

  get failed(): number {
    return this.#failed;
  }

  /** Outcomes and how often they were met, most frequent first. */
  get outcomes(): readonly (readonly [outcome: string, count: number])[] {
    return [...this.#outcomes].sort(([, one], [, other]) => other - one);
  }

  pass(outcome: string): void {
    this.#passed++;
    this.#outcomes.set(outcome, (this.#outcomes.get(outcome) ?? 0) + 1);
  }

  fail(what: string): void {
    this.#failed++;
    if (this.#failed <= TOLD_FAILURES) this.#onFailure(what);
  }
}
