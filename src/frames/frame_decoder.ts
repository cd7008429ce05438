import {
  broken,
  type Frame,
  HEAD_BYTES,
  LENGTH_BYTES,
  MAX_FRAME_LENGTH,
  readHead,
  readLength,
} from "./wire.ts";

/** What it holds when there is little to hold. */
const SMALL_BYTES = 16 * 1024;
/** One frame. */
const MAX_BYTES = LENGTH_BYTES + MAX_FRAME_LENGTH;

/**
 * Bytes in, frames out, wherever the bytes were split. It holds what has come of one frame and one
 * `receive`, never what a length announces. Every fault is a `ProtocolError`, after which it is done.
 */
export class FrameDecoder {
  #bytes = new Uint8Array(SMALL_BYTES);
  #start = 0;
  #end = 0;

  /** Memory it has at the moment, in bytes. */
  get heldBytes(): number {
    return this.#bytes.length;
  }

  /** Takes bytes in; take all frames out by {@linkcode next} before the next ones. */
  receive(bytes: Uint8Array): void {
    this.#makeRoom(bytes.length);
    this.#bytes.set(bytes, this.#end);
    this.#end += bytes.length;
  }

  /** The next whole frame, whose body is good until the next `receive`; `null` = not yet. */
  next(): Frame | null {
    const there = this.#end - this.#start;
    if (there < LENGTH_BYTES) return null;
    // A length that no frame has is told at once, not when so much has come.
    const length = readLength(this.#bytes, this.#start);
    if (there < HEAD_BYTES) return null;
    const head = readHead(this.#bytes, this.#start);
    if (there < LENGTH_BYTES + length) return null;
    const from = this.#start + HEAD_BYTES;
    this.#start += LENGTH_BYTES + length;
    return { ...head, body: this.#bytes.subarray(from, this.#start) };
  }

  /** The bytes have ended. Throws when they ended within a frame. */
  receiveEof(): void {
    if (this.#end > this.#start) throw broken("FRAME_CUT", "It ended within a frame.");
  }

  /** Behind what is kept, for `count` bytes. */
  #makeRoom(count: number): void {
    const kept = this.#bytes.subarray(this.#start, this.#end);
    const needed = kept.length + count;
    const had = this.#bytes.length;
    const isLarge = kept.length === 0 && had > SMALL_BYTES && needed <= SMALL_BYTES;
    if (needed > had || isLarge) {
      // Twice as much as before, so that what comes in pieces is not copied with each of them.
      const size = needed > had ? Math.min(2 * had, MAX_BYTES) : SMALL_BYTES;
      this.#bytes = new Uint8Array(Math.max(needed, size));
      this.#bytes.set(kept);
    } else if (this.#end + count > had) this.#bytes.copyWithin(0, this.#start, this.#end);
    else return;
    this.#start = 0;
    this.#end = kept.length;
  }
}
