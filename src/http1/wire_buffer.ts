const FIRST_CAPACITY = 1024;
/** Copying a view costs about as much as so many bytes copied one by one. */
const SHORT = 32;

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
    this.#reserve(bytes.length);
    if (bytes.length > SHORT) this.#bytes.set(bytes, this.#size);
    else for (let i = 0; i < bytes.length; i++) this.#bytes[this.#size + i] = bytes[i] ?? 0;
    this.#size += bytes.length;
  }

  /** Adds text of Latin-1, one byte a character. */
  addText(text: string): void {
    this.#reserve(text.length);
    for (let i = 0; i < text.length; i++) this.#bytes[this.#size + i] = text.charCodeAt(i);
    this.#size += text.length;
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
