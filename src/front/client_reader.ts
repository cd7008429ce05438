import type { ByteStream, Lookout } from "../core/mod.ts";
import type { ReadBuffers } from "./read_buffers.ts";

/** What a connection reads into before it has shown that its requests are larger. */
const SMALL_BYTES = 256;
/** And after that: a typical request fits, and an idle connection still costs little. */
const MEDIUM_BYTES = 2 * 1024;

/**
 * Takes what came, before anything else can happen on the connection: the first `count` of `bytes`,
 * valid until the next read, or `null` at the end of the connection.
 */
export type Take = (bytes: Uint8Array | null, count: number) => void;

/** What came and nobody has taken yet. */
type Held = Uint8Array | null;

const DONE = Promise.resolve();

/** Ends a wait that can be interrupted. */
interface Interruptible {
  readonly resolve: () => void;
  readonly reject: (reason: unknown) => void;
}

/** The connection that a reader belongs to; there are many, so it is one object for all it needs. */
export interface ReaderOwner {
  readonly stream: ByteStream;
  readonly lookout: Lookout;
  readonly buffers: ReadBuffers;
  /** The connection ended while nobody read. */
  onReadEnd(): void;
  /** Bytes came that nobody asked for; they are held. */
  onUnasked(): void;
  /** What a read is rejected with that has waited too long. */
  tooLate(): unknown;
  /** Ends the connection, and the read under way with it. */
  close(): void;
}

/**
 * The incoming side of a connection: at most one read is under way, also while nobody asks, so that
 * the end of the connection is seen at once. What came unasked is held for who asks next, and nothing
 * more is read before. An end and a broken connection are the same here.
 */
export class ClientReader {
  readonly #owner: ReaderOwner;
  #resting = new Uint8Array(SMALL_BYTES);
  /** For large reads, in turns: somebody may hold a view of what the one before has brought. */
  #borrowed: Uint8Array | undefined;
  #other: Uint8Array | undefined;
  #hasBorrowed = false;
  /** What the read under way goes into. */
  #reading: Uint8Array | undefined;
  /** Resolves when the read under way has brought something. */
  #arriving = DONE;
  #isFilled = false;
  /** A read has filled a borrowed buffer. */
  #isFull = false;
  #held: Held | undefined;
  #hasEnded = false;
  /** Who waits: gets what comes, and may be one who can be interrupted. */
  #take: Take | undefined;
  #waiter: Interruptible | undefined;
  #deadlineAt = Infinity;

  constructor(owner: ReaderOwner) {
    this.#owner = owner;
  }

  /** When the read that is waited for is too late. */
  get deadlineAt(): number {
    return this.#deadlineAt;
  }

  /** Whether end-of-file or an error was read. */
  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** Whether bytes came that nobody has asked for yet. */
  get holdsBytes(): boolean {
    return this.#held !== undefined && this.#held !== null;
  }

  /** Whether no read is under way, and none has brought anything yet that was not asked for. */
  get isQuiet(): boolean {
    return this.#reading === undefined && this.#held === undefined;
  }

  /**
   * Gives the next arrival to `take`, then resolves; rejects when none came by `deadlineAt`, or when
   * it was interrupted.
   */
  read(deadlineAt: number, take: Take): Promise<void> {
    if (this.#takesHeld(take)) return DONE;
    this.#expect(deadlineAt, take);
    return new Promise((resolve, reject) => {
      this.#waiter = { resolve, reject };
      if (this.#reading === undefined) this.#start();
    });
  }

  /**
   * The same for who waits for nothing but this read: it is not interrupted, and at the deadline the
   * connection is closed, with which it ends. It costs no promise of its own.
   */
  await(deadlineAt: number, take: Take): Promise<void> {
    if (this.#takesHeld(take)) return DONE;
    this.#expect(deadlineAt, take);
    if (this.#reading === undefined) this.#start();
    return this.#arriving;
  }

  #takesHeld(take: Take): boolean {
    const held = this.#held;
    if (held === undefined) return false;
    // An end stays, for all who ask.
    if (held !== null) this.#held = undefined;
    take(held, held?.length ?? 0);
    return true;
  }

  #expect(deadlineAt: number, take: Take): void {
    // Both would wait for one arrival, and one of them for ever.
    if (this.#take !== undefined) throw new TypeError("A read is waited for already");
    this.#take = take;
    this.#deadlineAt = deadlineAt;
    this.#owner.lookout.expect(deadlineAt);
  }

  /** Gives bytes that came unasked to `take`, if some did. */
  takeHeld(take: Take): void {
    const held = this.#held;
    if (held === undefined || held === null) return;
    this.#held = undefined;
    take(held, held.length);
  }

  /** Keeps a read under way though nobody asks. Nobody may hold a view of what came before. */
  watch(): void {
    if (this.#hasEnded) this.#owner.onReadEnd();
    else if (this.isQuiet) this.#start();
  }

  /** Tells that more is to come than a small buffer takes. */
  expectMuch(): void {
    this.#isFilled = true;
  }

  /** A request was read to its end: no view of it is held, large buffers go back. */
  rest(): void {
    this.#isFilled = false;
    if (this.#borrowed === undefined || this.#reading !== undefined || this.holdsBytes) return;
    this.#owner.buffers.giveBack(this.#borrowed);
    if (this.#other !== undefined) this.#owner.buffers.giveBack(this.#other);
    this.#borrowed = this.#other = undefined;
    // Not for the first one: most of many clients at rest have asked once.
    const isSmall = this.#resting.length < MEDIUM_BYTES;
    if (this.#hasBorrowed && isSmall) this.#resting = new Uint8Array(MEDIUM_BYTES);
    this.#hasBorrowed = true;
  }

  /** Somebody may still write what came: it is not read over, and nobody else gets its buffers. */
  abandon(): void {
    if (this.#borrowed !== this.#reading) this.#borrowed = this.#lose(this.#borrowed);
    if (this.#other !== this.#reading) this.#other = this.#lose(this.#other);
    if (this.#resting !== this.#reading) this.#resting = new Uint8Array(SMALL_BYTES);
  }

  /** The connection is over, with whatever was under way. */
  close(): void {
    this.#borrowed = this.#lose(this.#borrowed);
    this.#other = this.#lose(this.#other);
  }

  #lose(buffer: Uint8Array | undefined): undefined {
    if (buffer !== undefined) this.#owner.buffers.lose(buffer);
  }

  /** Rejects the read that is waited for, if there is one; what it brings will be held. */
  interrupt(reason: () => unknown): void {
    if (this.#waiter !== undefined) this.#endWait()?.reject(reason());
  }

  /** The deadline has come. */
  onDeadline(): void {
    if (this.#waiter === undefined) this.#owner.close();
    else this.interrupt(() => this.#owner.tooLate());
  }

  #start(): void {
    if (this.#isFilled || this.#borrowed !== undefined) {
      const last = this.#borrowed;
      const next = this.#other ?? this.#owner.buffers.borrow();
      // Nobody holds a view of the one before the last.
      this.#borrowed = this.#isFull ? this.#owner.buffers.exchange(next) : next;
      this.#other = last;
    }
    this.#reading = this.#borrowed ?? this.#resting;
    this.#arriving = this.#owner.stream.read(this.#reading).then(this.#arrived, this.#broke);
  }

  readonly #broke = (): void => this.#arrived(null);

  readonly #arrived = (count: number | null): void => {
    const bytes = count === null ? null : this.#reading ?? null;
    this.#reading = undefined;
    this.#isFilled = count === bytes?.length;
    this.#isFull = this.#isFilled && bytes === this.#borrowed;
    if (bytes === null) {
      this.#hasEnded = true;
      this.#held = null;
    }
    const take = this.#take;
    const waiter = this.#endWait();
    if (take !== undefined) {
      take(bytes, count ?? 0);
      waiter?.resolve();
    } else if (bytes === null) this.#owner.onReadEnd();
    else {
      this.#held = bytes.subarray(0, count ?? 0);
      this.#owner.onUnasked();
    }
  };

  #endWait(): Interruptible | undefined {
    const waiter = this.#waiter;
    this.#take = undefined;
    this.#waiter = undefined;
    this.#deadlineAt = Infinity;
    return waiter;
  }
}
