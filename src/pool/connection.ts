import type { ByteStream } from "../core/mod.ts";
import { ClientCodec, type EncodedRequest } from "../http1/mod.ts";

/** Largest single read. */
const BUFFER_BYTES = 16 * 1024;

/**
 * One stream with its codec and its read buffer. While it rests between two requests a read is
 * pending: end-of-file or any byte then retires it. The next exchange takes that read over.
 */
export class Connection {
  readonly codec = new ClientCodec();
  #isFresh = true;
  readonly #stream: ByteStream;
  readonly #buffer = new Uint8Array(BUFFER_BYTES);
  #reading: Promise<number | null> | undefined;
  #onRetired: (() => void) | undefined;

  constructor(stream: ByteStream) {
    this.#stream = stream;
  }

  /** Whether no request has gone over it yet. */
  get isFresh(): boolean {
    return this.#isFresh;
  }

  /** Begins an exchange; returns the head's bytes for {@linkcode write}. */
  begin(request: EncodedRequest): Uint8Array {
    this.#isFresh = false;
    return this.codec.sendHead(request);
  }

  /** Reads into the codec; `false` at end-of-file. The bytes stay valid until the next read. */
  async read(): Promise<boolean> {
    const reading = this.#reading ?? this.#stream.read(this.#buffer);
    this.#reading = undefined;
    const count = await reading;
    if (count === null) this.codec.receiveEof();
    else this.codec.receive(this.#buffer.subarray(0, count));
    return count !== null;
  }

  /** Writes some of `bytes`; returns how many. */
  async write(bytes: Uint8Array): Promise<number> {
    const count = await this.#stream.write(bytes);
    this.codec.written(count);
    return count;
  }

  /** Rests until {@linkcode wake}; `onRetired` is called once if the peer ends it before. */
  rest(onRetired: () => void): void {
    this.#onRetired = onRetired;
    const reading = this.#stream.read(this.#buffer);
    const retire = () => this.#retire();
    reading.then(retire, retire);
    this.#reading = reading;
  }

  /** Ends the rest: what is read from now on is the answer to a request. */
  wake(): void {
    this.#onRetired = undefined;
  }

  /** Idempotent. */
  close(): void {
    this.#onRetired = undefined;
    this.#stream.close();
  }

  #retire(): void {
    const onRetired = this.#onRetired;
    if (onRetired === undefined) return;
    this.close();
    onRetired();
  }
}
