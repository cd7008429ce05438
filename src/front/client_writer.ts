import type { ByteStream, Lookout } from "../core/mod.ts";
import type { FrontLimits } from "./front_limits.ts";

/** The connection that a writer belongs to. */
export interface WriterOwner {
  readonly stream: ByteStream;
  readonly lookout: Lookout;
  readonly limits: Pick<FrontLimits, "writeStallMs">;
  /** A write has not moved for too long; the stream is to be closed, which ends it. */
  onStall(): void;
}

const DONE = Promise.resolve();

/** The outgoing side of a connection: one write at a time, each to its end. */
export class ClientWriter {
  readonly #owner: WriterOwner;
  #isWriting = false;
  /** Calls the one who waits for the write under way. */
  #callNext: (() => void) | undefined;
  #deadlineAt = Infinity;

  constructor(owner: WriterOwner) {
    this.#owner = owner;
  }

  /** When the write under way has not moved for too long. */
  get deadlineAt(): number {
    return this.#deadlineAt;
  }

  /** Resolves when the system has taken all of `bytes`; rejects when the connection is over. */
  write(bytes: Uint8Array): Promise<void> {
    if (this.#isWriting) return this.#writeNext(bytes);
    if (bytes.length === 0) return DONE;
    this.#isWriting = true;
    return this.#writeOn(bytes);
  }

  /** Only an answer that overtakes its own `100 Continue` waits here. */
  async #writeNext(bytes: Uint8Array): Promise<void> {
    await new Promise<void>((resolve) => this.#callNext = resolve);
    await this.write(bytes);
  }

  /** Not an async function: one of those for each write is felt at full speed. */
  #writeOn(bytes: Uint8Array): Promise<void> {
    const { stream, lookout, limits } = this.#owner;
    this.#deadlineAt = lookout.now() + limits.writeStallMs;
    lookout.expect(this.#deadlineAt);
    return stream.write(bytes).then((count) => {
      if (count < bytes.length) return this.#writeOn(bytes.subarray(count));
      this.#end();
    }, (error) => {
      this.#end();
      throw error;
    });
  }

  #end(): void {
    this.#isWriting = false;
    this.#deadlineAt = Infinity;
    const callNext = this.#callNext;
    this.#callNext = undefined;
    callNext?.();
  }

  /** The deadline has come. */
  onDeadline(): void {
    this.#deadlineAt = Infinity;
    this.#owner.onStall();
  }
}
