import type { ByteStream, Lookout, Watched } from "../core/mod.ts";
import { ClientCodec, type EncodedRequest } from "../http1/mod.ts";

/** Largest single read, unless the caller brings a buffer of its own. */
const BUFFER_BYTES = 16 * 1024;

/** Who reads and writes by `readFor` and `writeFor`. */
export interface ConnectionUser {
  /** What a read has brought, `null` at end-of-file; gives what its promise resolves with. */
  onRead(count: number | null): number;
  /** How much of a write the system has taken; gives what its promise waits for besides. */
  onWritten(count: number): Promise<void> | undefined;
  /** One of them failed; gives what its promise rejects with. */
  onBroken(error: unknown): unknown;
}

/**
 * One stream with its codec and its read buffer. While it rests between two requests a read is
 * pending: end-of-file or any byte then retires it. The next exchange takes that read over.
 */
export class Connection implements Watched {
  readonly codec = new ClientCodec();
  readonly stream: ByteStream;
  #isFresh = true;
  readonly #lookout: Lookout;
  #deadlineAt = Infinity;
  readonly #ownBuffer = new Uint8Array(BUFFER_BYTES);
  /** What the last read went into. */
  #buffer = this.#ownBuffer;
  #reading: Promise<number | null> | undefined;
  #onRetired: ((self: Connection) => void) | undefined;
  #onLimit: (() => void) | undefined;
  #user: ConnectionUser | undefined;

  constructor(stream: ByteStream, lookout: Lookout) {
    this.stream = stream;
    this.#lookout = lookout;
    lookout.add(this);
  }

  get deadlineAt(): number {
    return this.#deadlineAt;
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

  /** An exchange begins whose head the caller has written. */
  use(): void {
    this.#isFresh = false;
  }

  /**
   * Reads some bytes for {@linkcode received}; `null` at end-of-file. They go into `buffer` unless a
   * read is pending from the rest.
   */
  read(buffer: Uint8Array<ArrayBuffer> = this.#ownBuffer): Promise<number | null> {
    const reading = this.#reading;
    if (reading === undefined) {
      this.#buffer = buffer;
      return this.stream.read(buffer);
    }
    this.#reading = undefined;
    return reading;
  }

  /** Hands what `read` gave to the codec; the bytes stay valid until the next read. */
  received(count: number | null): void {
    if (count === null) this.codec.receiveEof();
    else this.codec.receive(this.#buffer, count);
  }

  /** As `read`, for `user`, who is told what came before the promise resolves. */
  readFor(user: ConnectionUser, buffer?: Uint8Array<ArrayBuffer>): Promise<number> {
    this.#user = user;
    return this.read(buffer).then(this.#tellRead, this.#tellBroken);
  }

  /** Writes some of `bytes` for `user`, who is told before the promise resolves. */
  writeFor(user: ConnectionUser, bytes: Uint8Array): Promise<void> {
    this.#user = user;
    return this.stream.write(bytes).then(this.#tellWritten, this.#tellBroken);
  }

  /** Writes some of `bytes`; returns how many, which the codec is to be told. */
  write(bytes: Uint8Array): Promise<number> {
    return this.stream.write(bytes);
  }

  /**
   * Rests until {@linkcode wake}. If it is over before, by the peer or after `idleMs`, the connection
   * is closed and `onRetired` called.
   */
  rest(idleMs: number, onRetired: (self: Connection) => void): void {
    this.#onLimit = undefined;
    this.#user = undefined;
    this.#onRetired = onRetired;
    this.#endIn(idleMs);
    this.#buffer = this.#ownBuffer;
    this.#reading = this.stream.read(this.#ownBuffer);
    this.#reading.then(this.#retire, this.#retire);
  }

  /**
   * Ends the rest: what is read from now on is the answer to a request. `false` = it is past its
   * idle limit, of which the timer was late to tell, and is closed.
   */
  wake(): boolean {
    this.#onRetired = undefined;
    const isInTime = this.#lookout.now() < this.#deadlineAt;
    if (isInTime) this.#deadlineAt = Infinity;
    else this.close();
    return isInTime;
  }

  /** While in use: calls `onLimit` in `limitMs`, in place of the limit before. */
  limit(limitMs: number, onLimit: () => void): void {
    this.#onLimit = onLimit;
    this.#endIn(limitMs);
  }

  /** Takes the limit away. */
  unlimit(): void {
    this.#onLimit = undefined;
    this.#deadlineAt = Infinity;
  }

  /** Idempotent. */
  close(): void {
    this.letGo();
    this.stream.close();
  }

  /** The stream is somebody else's from here on: nothing of this watches over it any more. */
  letGo(): void {
    this.#onRetired = undefined;
    this.#onLimit = undefined;
    this.#deadlineAt = Infinity;
    this.#lookout.remove(this);
  }

  // Made once, as they are handed out with every read, write and rest.
  readonly #tellRead = (count: number | null): number => this.#user?.onRead(count) ?? 0;
  readonly #tellWritten = (count: number) => this.#user?.onWritten(count);
  readonly #tellBroken = (error: unknown): never => {
    throw this.#user?.onBroken(error) ?? error;
  };

  readonly #retire = (): void => {
    const onRetired = this.#onRetired;
    if (onRetired === undefined) return;
    this.close();
    onRetired(this);
  };

  /** The limit, of a rest or of a use, was reached. */
  onDeadline(): void {
    this.#deadlineAt = Infinity;
    if (this.#onRetired === undefined) this.#onLimit?.();
    else this.#retire();
  }

  #endIn(ms: number): void {
    this.#deadlineAt = this.#lookout.now() + ms;
    this.#lookout.expect(this.#deadlineAt);
  }
}
