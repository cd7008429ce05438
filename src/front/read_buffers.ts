/** Buffers that connections borrow while a large head or body comes in. */

/** Reads of this size move most bodies at full speed. */
const LARGE_BYTES = 64 * 1024;
/** Of what fills a large buffer at once more is there: it takes fewer turns of the loop so. */
const HUGE_BYTES = 256 * 1024;

/** As many are kept for the next borrowers; more at once are made and let go. */
const KEPT_BUFFERS = 32;

/** There are never more: whoever finds none goes on with large ones. */
const HUGE_BUFFERS = 16;

export class ReadBuffers {
  readonly #free: Uint8Array[] = [];
  readonly #freeHuge: Uint8Array[] = [];
  /** How many huge ones may still be made. */
  #unmade = HUGE_BUFFERS;

  borrow(): Uint8Array {
    return this.#free.pop() ?? new Uint8Array(LARGE_BYTES);
  }

  /** In the place of `buffer`, which was filled; `buffer` itself where there is none that is larger. */
  exchange(buffer: Uint8Array): Uint8Array {
    if (buffer.length >= HUGE_BYTES) return buffer;
    const huge = this.#freeHuge.pop() ?? this.#makeHuge();
    if (huge === undefined) return buffer;
    this.giveBack(buffer);
    return huge;
  }

  /** No read into `buffer` may be under way. */
  giveBack(buffer: Uint8Array): void {
    if (buffer.length >= HUGE_BYTES) this.#freeHuge.push(buffer);
    else if (this.#free.length < KEPT_BUFFERS) this.#free.push(buffer);
  }

  /** `buffer` does not come back, as somebody may still write what is in it. */
  lose(buffer: Uint8Array): void {
    if (buffer.length >= HUGE_BYTES) this.#unmade++;
  }

  #makeHuge(): Uint8Array | undefined {
    if (this.#unmade === 0) return undefined;
    this.#unmade--;
    return new Uint8Array(HUGE_BYTES);
  }
}
