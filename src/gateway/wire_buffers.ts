import { WireBuffer } from "../http1/mod.ts";

/** Idle buffers kept for the next exchanges. */
const MAX_IDLE = 64;
/** A buffer that holds more is let go: memory follows what is in flight. */
const LARGEST_KEPT_BYTES = 32 * 1024;

/** One read of a large body. */
export const LARGE_READ_BYTES = 64 * 1024;
const MAX_IDLE_LARGE = 8;

/** Buffers that exchanges borrow one after the other. */
export class WireBuffers {
  readonly #idle: WireBuffer[] = [];
  readonly #large: Uint8Array<ArrayBuffer>[] = [];

  take(): WireBuffer {
    return this.#idle.pop() ?? new WireBuffer();
  }

  giveBack(buffer: WireBuffer): void {
    const capacity = buffer.bytes.buffer.byteLength;
    if (this.#idle.length >= MAX_IDLE || capacity > LARGEST_KEPT_BYTES) return;
    buffer.clear();
    this.#idle.push(buffer);
  }

  takeLarge(): Uint8Array<ArrayBuffer> {
    return this.#large.pop() ?? new Uint8Array(LARGE_READ_BYTES);
  }

  /** Only when no read into it is pending. */
  giveBackLarge(buffer: Uint8Array<ArrayBuffer>): void {
    if (this.#large.length < MAX_IDLE_LARGE) this.#large.push(buffer);
  }
}
