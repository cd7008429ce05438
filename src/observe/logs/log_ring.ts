/** The newest lines of one log, bounded by their number and by their length. */
import type { LogLine } from "./log_line.ts";

export interface LogRingOptions {
  readonly maxLines: number;
  /** Characters of all lines together; the newest line is kept whatever its length. */
  readonly maxChars: number;
}

export class LogRing {
  readonly #options: LogRingOptions;
  /** The numbers of those that are in the ring have no hole. */
  #lines: (LogLine | undefined)[] = [];
  /** Index of the oldest line that is still in the ring. */
  #first = 0;
  #chars = 0;
  #lastN = 0;

  constructor(options: LogRingOptions) {
    this.#options = options;
  }

  /** Number of the newest line; 0 before the first. */
  get lastN(): number {
    return this.#lastN;
  }

  /** `line.n` is one more than that of the line before. */
  push(line: LogLine): void {
    const { maxLines, maxChars } = this.#options;
    this.#lines.push(line);
    this.#lastN = line.n;
    this.#chars += lengthOf(line);
    while (this.#size > 1 && (this.#size > maxLines || this.#chars > maxChars)) {
      this.#chars -= lengthOf(this.#lines[this.#first]);
      this.#lines[this.#first++] = undefined;
    }
    // Once in a while, so that a push costs the same on the average.
    if (this.#first > maxLines) {
      this.#lines = this.#lines.slice(this.#first);
      this.#first = 0;
    }
  }

  /** The lines that are kept with a number above `n`, oldest first; at most `limit` of them. */
  after(n: number, limit = Infinity): readonly LogLine[] {
    const firstN = this.#lastN - this.#size + 1;
    const from = this.#first + Math.max(0, n + 1 - firstN);
    return this.#lines.slice(from, from + limit).filter((line) => line !== undefined);
  }

  get #size(): number {
    return this.#lines.length - this.#first;
  }
}

function lengthOf(line: LogLine | undefined): number {
  return line === undefined ? 0 : line.text.length + (line.styled?.length ?? 0);
}
