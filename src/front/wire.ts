import {
  type AcceptedStream,
  formatDuration,
  type Lookout,
  type Scheme,
  TimeoutError,
  type Watched,
} from "../core/mod.ts";
import type { RequestRecords } from "../gateway/mod.ts";
import { ServerCodec } from "../http1/mod.ts";
import { ClientReader, type ReaderOwner, type Take } from "./client_reader.ts";
import { ClientWriter, type WriterOwner } from "./client_writer.ts";
import type { FrontLimits } from "./front_limits.ts";
import type { ReadBuffers } from "./read_buffers.ts";

/** What the connections of one front share. */
export interface WireOptions {
  readonly lookout: Lookout;
  readonly buffers: ReadBuffers;
  readonly limits: FrontLimits;
  readonly records: RequestRecords;
}

/** Who is told of what nobody waits for. */
export interface WireGuest {
  /** The connection ended while nobody read, or was closed by us. */
  onEnd(): void;
  /** Bytes came that nobody asked for. */
  onMore(): void;
}

/** As much is read and thrown away after the last answer of a connection. */
const LINGER_BYTES = 16 * 1024 * 1024;

/** One client's connection: its stream, the codec that keeps its books, and its deadlines. */
export class Wire implements Watched, ReaderOwner, WriterOwner {
  readonly codec = new ServerCodec();
  readonly reader: ClientReader;
  readonly writer: ClientWriter;
  readonly stream: AcceptedStream;
  readonly lookout: Lookout;
  readonly buffers: ReadBuffers;
  readonly limits: FrontLimits;
  readonly records: RequestRecords;
  /** The exchange under way. */
  guest: WireGuest | undefined;
  readonly #onClosed: () => void;
  readonly #feed: Take = (bytes, count) => {
    if (bytes === null) this.codec.receiveEof();
    else this.codec.receive(bytes, count);
  };
  #isClosed = false;

  /** `onClosed` is called once, when the connection is closed, by whom ever. */
  constructor(stream: AcceptedStream, options: WireOptions, onClosed: () => void) {
    this.stream = stream;
    this.lookout = options.lookout;
    this.buffers = options.buffers;
    this.limits = options.limits;
    this.records = options.records;
    this.#onClosed = onClosed;
    this.reader = new ClientReader(this);
    this.writer = new ClientWriter(this);
    this.lookout.add(this);
  }

  get clientAddress(): string | null {
    return this.stream.clientAddress;
  }

  get scheme(): Scheme {
    return this.stream.handshake === undefined ? "http" : "https";
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  get deadlineAt(): number {
    return Math.min(this.reader.deadlineAt, this.writer.deadlineAt);
  }

  onDeadline(): void {
    const at = this.deadlineAt;
    if (this.reader.deadlineAt === at) this.reader.onDeadline();
    if (this.writer.deadlineAt === at) this.writer.onDeadline();
  }

  /** The time in `ms` milliseconds. */
  in(ms: number): number {
    return this.lookout.now() + ms;
  }

  onReadEnd(): void {
    this.guest?.onEnd();
  }

  onUnasked(): void {
    this.guest?.onMore();
  }

  /** Gives the codec what came unasked. */
  takeHeld(): void {
    this.reader.takeHeld(this.#feed);
  }

  onStall(): void {
    this.cut();
  }

  tooLate(): TimeoutError {
    return bodyStopped(this.limits.bodyIdleMs);
  }

  /** Reads on, for the codec; rejects when nothing came by `deadlineAt`. */
  receive(deadlineAt: number): Promise<void> {
    return this.reader.read(deadlineAt, this.#feed);
  }

  /** The same between requests and in a head, where there is no answer but to end the connection. */
  awaitHead(deadlineAt: number): Promise<void> {
    return this.reader.await(deadlineAt, this.#feed);
  }

  /** Ends the connection at once; what waits on it ends too. Idempotent. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.lookout.remove(this);
    this.stream.close();
    this.reader.close();
    this.guest?.onEnd();
    this.#onClosed();
  }

  /** As `close`; where the transport can tell, what was sent does not pass for all there was. */
  cut(): void {
    if (!this.#isClosed) this.stream.cut?.();
    this.close();
  }

  /** Ends the connection so that a client that is still sending reads what was sent to it. */
  async linger(): Promise<void> {
    try {
      await this.stream.closeWrite();
      const until = this.in(this.limits.lingerMs);
      for (let left = LINGER_BYTES; left > 0 && !this.reader.hasEnded;) {
        await this.reader.read(until, (_bytes, count) => left -= count);
      }
    } catch {
      // It is gone, or goes on for too long: there is nothing to wait for.
    }
    this.close();
  }
}

function bodyStopped(limitMs: number): TimeoutError {
  return new TimeoutError("body", {
    detail: `The client sent nothing more of its request within ${formatDuration(limitMs)}.`,
    remedy: "Send the whole body that the request announces.",
  });
}
