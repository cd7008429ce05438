const FIRST_CAPACITY = 1024;
/** Making a view and copying it costs about as much as so many bytes copied one by one. */
const SHORT = 64;

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
    if (bytes.length <= SHORT) return this.addRange(bytes, 0, bytes.length);
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#size);
    this.#size += bytes.length;
  }

  /** Adds those of `bytes` from `start` up to, but without, `end`; for few it makes no view. */
  addRange(bytes: Uint8Array, start: number, end: number): void {
    if (end - start > SHORT) return this.add(bytes.subarray(start, end));
    this.#reserve(end - start);
    const to = this.#bytes;
    let at = this.#size;
    for (let i = start; i < end; i++) to[at++] = bytes[i] ?? 0;
    this.#size = at;
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
