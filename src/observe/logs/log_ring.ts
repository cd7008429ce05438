/** The newest lines of one engine, bounded by their number and by their length. */

export interface LogRingOptions {
  readonly maxLines: number;
  /** Characters of all lines together; the newest line is kept whatever its length. */
  readonly maxChars: number;
}

export class LogRing {
  readonly #options: LogRingOptions;
  #lines: string[] = [];
  /** Index of the oldest line that is still in the ring. */
  #first = 0;
  #chars = 0;

  constructor(options: LogRingOptions) {
    this.#options = options;
  }

  push(line: string): void {
    const { maxLines, maxChars } = this.#options;
    this.#lines.push(line);
    this.#chars += line.length;
    while (this.#size > 1 && (this.#size > maxLines || this.#chars > maxChars)) {
      this.#chars -= this.#lines[this.#first]?.length ?? 0;
      this.#lines[this.#first++] = "";
    }
    // Once in a while, so that a push costs the same on the average.
    if (this.#first > maxLines) {
      this.#lines = this.#lines.slice(this.#first);
      this.#first = 0;
    }
  }

  /** The last `count` lines, oldest first. */
  last(count: number): readonly string[] {
    return this.#lines.slice(Math.max(this.#lines.length - count, this.#first));
  }

  clear(): void {
    this.#lines = [];
    this.#first = 0;
    this.#chars = 0;
  }

  get #size(): number {
    return this.#lines.length - this.#first;
  }
}
