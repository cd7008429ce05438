/**
 * Cuts a byte stream into lines, whatever comes: no newline at all, invalid UTF-8, control
 * characters, more than anybody wants. A line keeps its first bytes; the rest is counted and let go,
 * so memory is bounded. Lines that are not wanted are counted as skipped, but for the last of them.
 *
 * @module
 */
import { LastWords } from "./last_words.ts";
import { toPlainLine, toStyledLine } from "./plain_text.ts";

const LF = 10;
const CR = 13;

/** Who gets the lines. */
export interface LineTaker {
  /** Whether the next line is wanted; asked before each, or before many at once. */
  wants(): boolean;
  /** `styled` = `line` with its colour codes, `null` when it has none. */
  onLine(line: string, styled: string | null): void;
  /** So many lines stood here and were let go; never 0. */
  onSkipped(lines: number): void;
}

export interface LineSplitterOptions {
  /** Bytes kept of one line. @default 4_096 */
  readonly maxLineBytes?: number;
}

export class LineSplitter {
  readonly #taker: LineTaker;
  readonly #decoder = new TextDecoder();
  readonly #kept: Uint8Array;
  readonly #lastWords = new LastWords();
  #skipped = 0;
  #length = 0;
  #cutBytes = 0;
  #endsInCr = false;

  constructor(taker: LineTaker, options: LineSplitterOptions = {}) {
    this.#taker = taker;
    this.#kept = new Uint8Array(options.maxLineBytes ?? 4_096);
  }

  write(chunk: Uint8Array): void {
    for (let from = 0; from < chunk.length;) {
      if (this.#isAtStart && !this.#taker.wants()) from = this.#skip(chunk, from);
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
    this.settle();
  }

  /** Tells what was skipped up to now, and gives the last lines of it. */
  settle(): void {
    if (this.#skipped === 0) return;
    const lines = this.#lastWords.take();
    const skipped = this.#skipped - lines.length;
    this.#skipped = 0;
    if (skipped > 0) this.#taker.onSkipped(skipped);
    for (const line of lines) {
      const lineBytes = line.length - (line.at(-1) === CR ? 1 : 0);
      this.#give(line.subarray(0, this.#kept.length), lineBytes);
    }
  }

  get #isAtStart(): boolean {
    return this.#length === 0 && this.#cutBytes === 0;
  }

  /** Passes over all whole lines from `from` on; returns where the line begins that is not whole. */
  #skip(chunk: Uint8Array, from: number): number {
    const to = chunk.lastIndexOf(LF) + 1;
    if (to <= from) return from;
    // A plain loop: of very short lines, it counts ten times as many in a second as indexOf().
    let lines = 0;
    for (let i = from; i < to; i++) if (chunk[i] === LF) lines++;
    this.#skipped += lines;
    this.#lastWords.push(chunk.subarray(from, to));
    return to;
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
    const kept = this.#kept.subarray(0, this.#length);
    const lineBytes = this.#length + this.#cutBytes - (this.#endsInCr ? 1 : 0);
    const isCut = this.#cutBytes > 0;
    this.#length = 0;
    this.#cutBytes = 0;
    this.#endsInCr = false;
    if (this.#taker.wants()) {
      this.settle();
      this.#give(kept, lineBytes);
      return;
    }
    this.#skipped++;
    if (isCut) return this.#lastWords.forget();
    this.#lastWords.push(kept);
    this.#lastWords.push(Uint8Array.of(LF));
  }

  /** Gives on a line that has `lineBytes`, of which `kept` are the first or all. */
  #give(kept: Uint8Array, lineBytes: number): void {
    const bytes = lineBytes <= kept.length ? kept.subarray(0, lineBytes) : wholeCharacters(kept);
    const text = this.#decoder.decode(bytes);
    const more = bytes.length < lineBytes ? `… (${lineBytes - bytes.length} bytes more)` : "";
    const plain = toPlainLine(text);
    const styled = text.includes("\x1b") ? toStyledLine(text) : plain;
    this.#taker.onLine(plain + more, styled === plain ? null : styled + more);
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
