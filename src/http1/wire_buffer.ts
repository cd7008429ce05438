import { copyRange } from "./copy_range.ts";

const FIRST_CAPACITY = 1024;
const EMPTY = new Uint8Array(0);

/**
 * One growing buffer that heads, chunks and small bodies are put into, so that they go out in one
 * write. What `bytes` gives is valid until something is added or the buffer is cleared.
 */
export class WireBuffer {
  #bytes: Uint8Array = EMPTY;
  #size = 0;

  /** What was put in, as a view. */
  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#size);
  }

  get size(): number {
    return this.#size;
  }

  /** Adds `bytes` as they are. */
  add(bytes: Uint8Array): void {
    this.addRange(bytes, 0, bytes.length);
  }

  /** Adds those of `bytes` from `start` up to, but without, `end`. */
  addRange(bytes: Uint8Array, start: number, end: number): void {
    this.#reserve(end - start);
    copyRange(this.#bytes, this.#size, { bytes, start, end });
    this.#size += end - start;
  }

  /** Adds text of Latin-1, one byte a character. */
  addText(text: string): void {
    this.#reserve(text.length);
    const to = this.#bytes;
    const from = this.#size;
    for (let i = 0; i < text.length; i++) to[from + i] = text.charCodeAt(i);
    this.#size = from + text.length;
  }

  /** Takes everything out; the buffer stays for what comes next. */
  clear(): void {
    this.#size = 0;
  }

  /** Takes everything out and lets go of the buffer: for a connection that rests. */
  release(): void {
    this.#bytes = EMPTY;
    this.#size = 0;
  }

  #reserve(extra: number): void {
    const needed = this.#size + extra;
    if (needed <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(needed, FIRST_CAPACITY, 2 * this.#bytes.length));
    grown.set(this.bytes);
    this.#bytes = grown;
  }
}
