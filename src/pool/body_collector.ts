import { newBytes, remoteFault } from "../http1/mod.ts";

const FIRST_CAPACITY = 1024;
/** What a peer announces is believed up to here; beyond, memory grows with what really comes. */
const LARGEST_FIRST_CAPACITY = 64 * 1024;

/** Puts a body together from its pieces, up to a limit. */
export class BodyCollector {
  readonly #maxBytes: number;
  #bytes: Uint8Array<ArrayBuffer>;
  #size = 0;

  /** `announcedBytes` is 0 when unknown. Throws `BODY_TOO_LARGE` when it is over the limit. */
  constructor(maxBytes: number, announcedBytes: number) {
    if (announcedBytes > maxBytes) throw remoteFault("BODY_TOO_LARGE");
    this.#maxBytes = maxBytes;
    this.#bytes = newBytes(Math.min(announcedBytes, LARGEST_FIRST_CAPACITY));
  }

  /** Copies `piece`. Throws `BODY_TOO_LARGE`. */
  add(piece: Uint8Array): void {
    const size = this.#size + piece.length;
    if (size > this.#maxBytes) throw remoteFault("BODY_TOO_LARGE");
    if (size > this.#bytes.length) this.#grow(Math.max(size, FIRST_CAPACITY, 2 * this.#size));
    this.#bytes.set(piece, this.#size);
    this.#size = size;
  }

  /** The whole body, in a buffer of its own size. */
  finish(): Uint8Array {
    return this.#size === this.#bytes.length ? this.#bytes : this.#bytes.slice(0, this.#size);
  }

  #grow(capacity: number): void {
    const grown = new Uint8Array(Math.min(capacity, this.#maxBytes));
    grown.set(this.#bytes.subarray(0, this.#size));
    this.#bytes = grown;
  }
}
