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

/** Who is told what becomes of a write, before the one who waits for it goes on. */
export interface Sender {
  /** The system has taken all of it. */
  onWritten(): void;
  /** It broke off; gives what the write rejects with. */
  onWriteFailed(): unknown;
}

const DONE = Promise.resolve();
const NO_BYTES = new Uint8Array(0);

/** The outgoing side of a connection: one write at a time, each to its end. */
export class ClientWriter {
  readonly #owner: WriterOwner;
  #isWriting = false;
  /** What the write under way was given, and by whom. */
  #bytes: Uint8Array = NO_BYTES;
  #sender: Sender | undefined;
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
  write(bytes: Uint8Array, sender?: Sender): Promise<void> {
    if (this.#isWriting) return this.#writeNext(bytes, sender);
    if (bytes.length === 0) {
      sender?.onWritten();
      return DONE;
    }
    this.#isWriting = true;
    this.#sender = sender;
    return this.#writeOn(bytes);
  }

  /** Only an answer that overtakes its own `100 Continue` waits here. */
  async #writeNext(bytes: Uint8Array, sender: Sender | undefined): Promise<void> {
    await new Promise<void>((resolve) => this.#callNext = resolve);
    await this.write(bytes, sender);
  }

  /** Neither an async function nor closures for each write: at full speed they are felt. */
  #writeOn(bytes: Uint8Array): Promise<void> {
    const { stream, lookout, limits } = this.#owner;
    this.#deadlineAt = lookout.now() + limits.writeStallMs;
    lookout.expect(this.#deadlineAt);
    this.#bytes = bytes;
    return stream.write(bytes).then(this.#wrote, this.#broke);
  }

  readonly #wrote = (count: number): void | Promise<void> => {
    const bytes = this.#bytes;
    if (count < bytes.length) return this.#writeOn(bytes.subarray(count));
    this.#end()?.onWritten();
  };

  readonly #broke = (error: unknown): never => {
    const sender = this.#end();
    throw sender === undefined ? error : sender.onWriteFailed();
  };

  #end(): Sender | undefined {
    const sender = this.#sender;
    this.#isWriting = false;
    this.#bytes = NO_BYTES;
    this.#sender = undefined;
    this.#deadlineAt = Infinity;
    const callNext = this.#callNext;
    this.#callNext = undefined;
    callNext?.();
    return sender;
  }

  /** The deadline has come. */
  onDeadline(): void {
    this.#deadlineAt = Infinity;
    this.#owner.onStall();
  }
}
