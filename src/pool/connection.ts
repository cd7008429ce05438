import type { ByteStream } from "../core/mod.ts";
import { ClientCodec, type EncodedRequest } from "../http1/mod.ts";
import type { Deadline, Deadlines } from "./deadlines.ts";

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
  readonly #deadlines: Deadlines;
  readonly #idleDeadline: Deadline;
  readonly #buffer = new Uint8Array(BUFFER_BYTES);
  #reading: Promise<number | null> | undefined;
  #onRetired: ((self: Connection) => void) | undefined;

  constructor(stream: ByteStream, deadlines: Deadlines) {
    this.#stream = stream;
    this.#deadlines = deadlines;
    this.#idleDeadline = deadlines.add(Infinity, this.#retire);
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

  /** Reads some bytes for {@linkcode received}; `null` at end-of-file. */
  read(): Promise<number | null> {
    const reading = this.#reading ?? this.#stream.read(this.#buffer);
    this.#reading = undefined;
    return reading;
  }

  /** Hands what `read` gave to the codec; the bytes stay valid until the next read. */
  received(count: number | null): void {
    if (count === null) this.codec.receiveEof();
    else this.codec.receive(this.#buffer.subarray(0, count));
  }

  /** Writes some of `bytes`; returns how many, which the codec is to be told. */
  write(bytes: Uint8Array): Promise<number> {
    return this.#stream.write(bytes);
  }

  /**
   * Rests until {@linkcode wake}. If it is over before, by the peer or after `idleMs`, the connection
   * is closed and `onRetired` called.
   */
  rest(idleMs: number, onRetired: (self: Connection) => void): void {
    this.#onRetired = onRetired;
    this.#deadlines.move(this.#idleDeadline, this.#deadlines.now() + idleMs);
    this.#reading = this.#stream.read(this.#buffer);
    this.#reading.then(this.#retire, this.#retire);
  }

  /**
   * Ends the rest: what is read from now on is the answer to a request. `false` = it is past its
   * idle limit, of which the timer was late to tell, and is closed.
   */
  wake(): boolean {
    this.#onRetired = undefined;
    const isInTime = this.#deadlines.now() < this.#idleDeadline.at;
    if (isInTime) this.#deadlines.move(this.#idleDeadline, Infinity);
    else this.close();
    return isInTime;
  }

  /** Idempotent. */
  close(): void {
    this.#onRetired = undefined;
    this.#deadlines.remove(this.#idleDeadline);
    this.#stream.close();
  }

  /** Made once, as it is handed out with every rest. */
  readonly #retire = (): void => {
    const onRetired = this.#onRetired;
    if (onRetired === undefined) return;
    this.close();
    onRetired(this);
  };
}
