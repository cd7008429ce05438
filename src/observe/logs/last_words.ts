/** Keeps the end of what is skipped: after a flood its last lines say most. */

const LF = 10;

/** Bytes kept. */
const KEPT_BYTES = 4_096;

/** Lines given back, few: those of one stream must not push out those of the other. */
const KEPT_LINES = 8;

export class LastWords {
  readonly #kept = new Uint8Array(KEPT_BYTES);
  #length = 0;
  /** Whether `#kept` begins where a line begins. */
  #isWhole = true;

  /** Takes whole lines, each with its newline; the oldest give way. */
  push(lines: Uint8Array): void {
    const end = lines.subarray(-KEPT_BYTES);
    const excess = this.#length + end.length - KEPT_BYTES;
    if (excess > 0) {
      this.#kept.copyWithin(0, excess, this.#length);
      this.#length -= excess;
    }
    if (excess > 0 || end.length < lines.length) this.#isWhole = false;
    this.#kept.set(end, this.#length);
    this.#length += end.length;
  }

  /** The last lines that are there whole, without their newlines; they are forgotten with this. */
  take(): Uint8Array[] {
    const kept = this.#kept.slice(0, this.#length);
    const lines: Uint8Array[] = [];
    for (let from = this.#isWhole ? 0 : kept.indexOf(LF) + 1; from < kept.length;) {
      const newline = kept.indexOf(LF, from);
      lines.push(kept.subarray(from, newline));
      from = newline + 1;
    }
    this.forget();
    return lines.slice(-KEPT_LINES);
  }

  forget(): void {
    this.#length = 0;
    this.#isWhole = true;
  }
}
