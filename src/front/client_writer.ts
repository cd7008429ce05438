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
  async write(bytes: Uint8Array): Promise<void> {
    const { stream, lookout, limits } = this.#owner;
    // Only an answer that overtakes its own `100 Continue` waits here.
    if (this.#isWriting) await new Promise<void>((resolve) => this.#callNext = resolve);
    this.#isWriting = true;
    try {
      for (let at = 0; at < bytes.length;) {
        this.#deadlineAt = lookout.now() + limits.writeStallMs;
        lookout.expect(this.#deadlineAt);
        at += await stream.write(at === 0 ? bytes : bytes.subarray(at));
      }
    } finally {
      this.#isWriting = false;
      this.#deadlineAt = Infinity;
      this.#callNext?.();
    }
  }

  /** The deadline has come. */
  onDeadline(): void {
    this.#deadlineAt = Infinity;
    this.#owner.onStall();
  }
}
