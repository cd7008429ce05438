/** Buffers that connections borrow while a large head or body comes in. */

/** Reads of this size move bulk at full speed; larger ones gain nothing. */
const LARGE_BYTES = 64 * 1024;

/** As many are kept for the next borrowers; more at once are made and let go. */
const KEPT_BUFFERS = 32;

export class ReadBuffers {
  readonly #free: Uint8Array[] = [];

  borrow(): Uint8Array {
    return this.#free.pop() ?? new Uint8Array(LARGE_BYTES);
  }

  /** No read into `buffer` may be under way. */
  giveBack(buffer: Uint8Array): void {
    if (this.#free.length < KEPT_BUFFERS) this.#free.push(buffer);
  }
}
