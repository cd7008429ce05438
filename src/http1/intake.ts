import { copyRange } from "./copy_range.ts";
import { newBytes } from "./new_bytes.ts";

const EMPTY = new Uint8Array(0);
const FIRST_CAPACITY = 1024;

/**
 * Bytes that came in and were not taken yet. A chunk is borrowed, not copied; only what is left of
 * it when more is needed (a head cut in two) is copied, once, into a buffer that doubles. An empty
 * intake holds no buffer.
 */
export class Intake {
  #bytes: Uint8Array = EMPTY;
  #start = 0;
  #end = 0;
  #isOwn = false;

  /** The buffer; what counts is `size` bytes from `start` on. */
  get bytes(): Uint8Array {
    return this.#bytes;
  }
  get start(): number {
    return this.#start;
  }
  /** How many bytes are there. */
  get size(): number {
    return this.#end - this.#start;
  }

  /**
   * Adds the first `count` bytes of `buffer`, which stay the caller's and must not change before
   * {@linkcode keep}.
   */
  receive(buffer: Uint8Array, count = buffer.length): void {
    if (this.size === 0) {
      this.#bytes = buffer;
      this.#start = 0;
      this.#end = count;
      this.#isOwn = false;
      return;
    }
    this.#reserve(count);
    this.#bytes.set(buffer.subarray(0, count), this.#end);
    this.#end += count;
  }

  /** Takes the first `count` bytes out: a view, valid until the next `receive`. */
  take(count: number): Uint8Array {
    const view = this.#bytes.subarray(this.#start, this.#start + count);
    this.#start += count;
    return view;
  }

  /** Takes the first `count` bytes out, which nobody wants to see any more. */
  skip(count: number): void {
    this.#start += count;
  }

  /** Takes the first `count` bytes out as a copy. */
  takeCopy(count: number): Uint8Array {
    const copy = newBytes(count);
    const start = this.#start;
    this.#start = start + count;
    copyRange(copy, 0, { bytes: this.#bytes, start, end: this.#start });
    return copy;
  }

  /** Copies what is left, so that the lender may use its buffer again. */
  keep(): void {
    if (this.size > 0) {
      if (!this.#isOwn) this.#reserve(0);
      return;
    }
    this.#bytes = EMPTY;
    this.#start = this.#end = 0;
  }

  /** Makes the buffer our own, with room for `extra` bytes after what is there. */
  #reserve(extra: number): void {
    if (this.#isOwn && this.#end + extra <= this.#bytes.length) return;
    const left = this.#bytes.subarray(this.#start, this.#end);
    this.#bytes = new Uint8Array(Math.max(FIRST_CAPACITY, 2 * (left.length + extra)));
    this.#bytes.set(left);
    this.#start = 0;
    this.#end = left.length;
    this.#isOwn = true;
  }
}
