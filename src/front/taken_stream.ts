import type { ByteStream } from "../core/mod.ts";
import type { Wire } from "./wire.ts";

const NO_BYTES = new Uint8Array(0);

/**
 * A connection that speaks another protocol now. What the read brings that watched over the client
 * comes first.
 */
export class TakenStream implements ByteStream {
  readonly #wire: Wire;
  #left: Uint8Array = NO_BYTES;

  constructor(wire: Wire) {
    this.#wire = wire;
  }

  read(buffer: Uint8Array): Promise<number | null> {
    if (this.#left.length > 0) return Promise.resolve(this.#copy(buffer));
    return this.#wire.reader.isQuiet ? this.#wire.stream.read(buffer) : this.#readWatched(buffer);
  }

  write(bytes: Uint8Array): Promise<number> {
    return this.#wire.stream.write(bytes);
  }

  close(): void {
    this.#wire.close();
  }

  async #readWatched(buffer: Uint8Array): Promise<number | null> {
    await this.#wire.reader.read(Infinity, (bytes, count) => {
      this.#left = bytes?.subarray(0, count) ?? NO_BYTES;
    });
    return this.#left.length === 0 ? null : this.#copy(buffer);
  }

  #copy(buffer: Uint8Array): number {
    const piece = this.#left.subarray(0, buffer.length);
    buffer.set(piece);
    this.#left = this.#left.subarray(piece.length);
    return piece.length;
  }
}
