import type { ByteStream } from "../core/mod.ts";
import { SYSTEM_HOLDS_BYTES, type Traffic } from "./traffic.ts";

/** A connection that speaks no HTTP any more, still counted. */
export class WatchedStream implements ByteStream {
  readonly #stream: ByteStream;
  readonly #traffic: Traffic;
  #writtenBytes = 0;

  constructor(stream: ByteStream, traffic: Traffic) {
    this.#stream = stream;
    this.#traffic = traffic;
  }

  read(buffer: Uint8Array): Promise<number | null> {
    return this.#stream.read(buffer).then((count) => {
      if (count !== null) this.#traffic.moves++;
      return count;
    });
  }

  write(bytes: Uint8Array): Promise<number> {
    return this.#stream.write(bytes).then((count) => {
      this.#writtenBytes += count;
      if (this.#writtenBytes > SYSTEM_HOLDS_BYTES) this.#traffic.moves++;
      return count;
    });
  }

  close(): void {
    this.#stream.close();
  }
}
