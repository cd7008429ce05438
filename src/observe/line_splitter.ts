/**
 * Cuts a byte stream into lines, whatever comes: no newline at all, invalid UTF-8, control
 * characters. A line keeps its first bytes; the rest is counted and let go, so memory is bounded.
 *
 * @module
 */

const LF = 10;
const CR = 13;

export interface LineSplitterOptions {
  /** Bytes kept of one line. @default 4_096 */
  readonly maxLineBytes?: number;
}

export class LineSplitter {
  readonly #onLine: (line: string) => void;
  readonly #decoder = new TextDecoder();
  readonly #kept: Uint8Array;
  #length = 0;
  #cutBytes = 0;

  constructor(onLine: (line: string) => void, options: LineSplitterOptions = {}) {
    this.#onLine = onLine;
    this.#kept = new Uint8Array(options.maxLineBytes ?? 4_096);
  }

  write(chunk: Uint8Array): void {
    for (let from = 0; from < chunk.length;) {
      const newline = chunk.indexOf(LF, from);
      const to = newline === -1 ? chunk.length : newline;
      this.#keep(chunk.subarray(from, to));
      if (newline === -1) return;
      this.#flush();
      from = newline + 1;
    }
  }

  /** Ends a last line that has no newline. */
  end(): void {
    if (this.#length > 0) this.#flush();
  }

  #keep(part: Uint8Array): void {
    const room = this.#kept.length - this.#length;
    this.#kept.set(part.subarray(0, room), this.#length);
    this.#length += Math.min(part.length, room);
    this.#cutBytes += Math.max(part.length - room, 0);
  }

  #flush(): void {
    const endsInCr = this.#cutBytes === 0 && this.#kept[this.#length - 1] === CR;
    const bytes = this.#kept.subarray(0, endsInCr ? this.#length - 1 : this.#length);
    const text = toPlainText(this.#decoder.decode(bytes));
    this.#onLine(this.#cutBytes === 0 ? text : `${text}… (${this.#cutBytes} bytes more)`);
    this.#length = 0;
    this.#cutBytes = 0;
  }
}

/** Takes out terminal escapes and control characters, so that no engine can steer a terminal. */
function toPlainText(text: string): string {
  // deno-lint-ignore no-control-regex
  const plain = text.replaceAll(
    /\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|.)?/g,
    "",
  );
  // deno-lint-ignore no-control-regex
  return plain.replaceAll(/[\x00-\x08\x0b-\x1f\x7f\x80-\x9f]/g, "");
}
