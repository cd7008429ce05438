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
  #endsInCr = false;

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
    if (part.length === 0) return;
    const room = this.#kept.length - this.#length;
    this.#kept.set(part.subarray(0, room), this.#length);
    this.#length += Math.min(part.length, room);
    this.#cutBytes += Math.max(part.length - room, 0);
    this.#endsInCr = part[part.length - 1] === CR;
  }

  #flush(): void {
    const lineBytes = this.#length + this.#cutBytes - (this.#endsInCr ? 1 : 0);
    const isCut = lineBytes > this.#kept.length;
    const kept = this.#kept.subarray(0, Math.min(lineBytes, this.#kept.length));
    const bytes = isCut ? wholeCharacters(kept) : kept;
    const text = toPlainText(this.#decoder.decode(bytes));
    this.#length = 0;
    this.#cutBytes = 0;
    this.#endsInCr = false;
    this.#onLine(isCut ? `${text}… (${lineBytes - bytes.length} bytes more)` : text);
  }
}

/** `bytes` without a last character of UTF-8 that was cut in two. */
function wholeCharacters(bytes: Uint8Array): Uint8Array {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back] ?? 0;
    if ((byte & 0xc0) === 0x80) continue;
    const wanted = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
    return wanted > back ? bytes.subarray(0, bytes.length - back) : bytes;
  }
  return bytes;
}

// deno-lint-ignore no-control-regex
const ESCAPES = /\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[ -/]*[0-~])?/g;
// deno-lint-ignore no-control-regex
const CONTROLS = /[\x00-\x08\x0b-\x1f\x7f\x80-\x9f]/g;

/** Takes out terminal escapes and control characters, so that no engine can steer a terminal. */
function toPlainText(text: string): string {
  return text.replaceAll(ESCAPES, "").replaceAll(CONTROLS, "");
}
