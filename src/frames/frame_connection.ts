/**
 * One connection for the calls of one process: many calls in flight, one reader, one writer.
 *
 * A call that finds no slot waits in line, and what waits is bounded by number and by bytes. Nothing is
 * encoded before it is written, and one write is under way at a time, so that an engine that reads
 * slowly holds up its callers and fills nobody's memory.
 *
 * @module
 */
import {
  AdmissionError,
  type AiEngineError,
  type ByteStream,
  ConnectError,
  formatDuration,
  type Lookout,
  TimeoutError,
  toAiEngineError,
  type Watched,
} from "../core/mod.ts";
import { toCallError } from "./call_error.ts";
import { type CallAnswer, CallSession } from "./call_session.ts";
import { type CallOptions, OpenCall } from "./open_call.ts";
import { type Call, encodeCall, encodeCancel, type Payload } from "./wire.ts";

/** Calls that may wait in line, and the bytes of their arguments together. */
export const MAX_WAITING_CALLS = 1024;
export const MAX_WAITING_BYTES = 32 * 1024 * 1024;

/** How long the engine's hello may take. */
const HELLO_MS = 10_000;
/** How long a write may stand still. */
const WRITE_STALL_MS = 120_000;

const READ_BYTES = 64 * 1024;
/** Small frames leave together in one write up to this size. */
const BATCH_BYTES = 64 * 1024;

export interface FrameConnectionOptions {
  readonly stream: ByteStream;
  readonly lookout: Lookout;
  /** Named in errors. */
  readonly engine: string;
  /** Told of every read that brings something. */
  readonly onMoved: () => void;
}

export class FrameConnection implements Watched {
  readonly #options: FrameConnectionOptions;
  readonly #session = new CallSession<OpenCall>();
  /** All that nobody has an answer to; those not sent are in `#waiting`, too. */
  readonly #calls = new Set<OpenCall>();
  readonly #waiting = new Set<OpenCall>();
  #waitingBytes = 0;
  /** Calls taken back that the engine has yet to be told of. */
  #takenBack: number[] = [];
  #isWriting = false;
  #end: AiEngineError | null = null;
  #deadlineAt: number;

  constructor(options: FrameConnectionOptions) {
    this.#options = options;
    this.#deadlineAt = options.lookout.now() + HELLO_MS;
    options.lookout.add(this);
    this.#read().catch((error) => this.#break(error));
  }

  /** Whether it takes calls. */
  get isOpen(): boolean {
    return this.#end === null;
  }

  get deadlineAt(): number {
    return this.#deadlineAt;
  }

  /**
   * Calls a function. Rejects with what its engine says of it as an error of ours, `queue_full`,
   * `TimeoutError`, the reason of the signal, or why the connection ended.
   */
  async call(call: Call, options: CallOptions = {}): Promise<Payload> {
    const { lookout, engine } = this.#options;
    options.signal?.throwIfAborted();
    if (this.#end !== null) throw this.#end;
    const size = call.argument.bytes.length;
    const isFull = this.#waiting.size >= MAX_WAITING_CALLS;
    // One alone may always wait.
    if (isFull || (this.#waiting.size > 0 && this.#waitingBytes + size > MAX_WAITING_BYTES)) {
      throw queueFull(engine);
    }
    const open = new OpenCall(call, { ...options, lookout, engine, onLeave: this.#onLeave });
    this.#calls.add(open);
    this.#waiting.add(open);
    this.#waitingBytes += size;
    this.#writeOn();
    return await open.answer;
  }

  /** Idempotent; what is open is rejected. */
  close(): void {
    this.#break(endedAt("was closed", this.#options.engine));
  }

  /** No hello in time, or a write that stands still. */
  onDeadline(): void {
    const { engine } = this.#options;
    const [phase, what, limitMs] = this.#session.isGreeted
      ? ["write" as const, "read nothing more of the calls", WRITE_STALL_MS]
      : ["connect" as const, "said no hello to calls", HELLO_MS];
    this.#break(
      new TimeoutError(phase, {
        engine,
        detail: `The engine ${engine} ${what} within ${formatDuration(limitMs)}.`,
        remedy: "See whether it is stuck, or restart it.",
      }),
    );
  }

  async #read(): Promise<void> {
    const { stream, engine, onMoved } = this.#options;
    const buffer = new Uint8Array(READ_BYTES);
    while (this.isOpen) {
      const count = await stream.read(buffer);
      if (count === null) {
        this.#session.receiveEof();
        throw endedAt("ended", engine);
      }
      onMoved();
      const wasGreeted = this.#session.isGreeted;
      const answers = this.#session.receive(buffer.subarray(0, count));
      if (!wasGreeted && this.#session.isGreeted) this.#limit(Infinity);
      for (const answer of answers) this.#settle(answer);
      this.#writeOn();
    }
  }

  #settle({ owner, outcome }: CallAnswer<OpenCall>): void {
    this.#calls.delete(owner);
    if (outcome.kind === "result") owner.resolve(outcome.payload);
    else owner.reject(toCallError(outcome.failure, owner.call.name, this.#options.engine));
  }

  readonly #onLeave = (call: OpenCall): void => {
    this.#calls.delete(call);
    if (call.id === null) return this.#unqueue(call);
    this.#session.abandon(call.id);
    this.#takenBack.push(call.id);
    this.#writeOn();
  };

  #unqueue(call: OpenCall): void {
    if (this.#waiting.delete(call)) this.#waitingBytes -= call.call.argument.bytes.length;
  }

  /** Writes what there is to write, unless that goes on already. */
  #writeOn(): void {
    if (this.#isWriting || !this.isOpen) return;
    const batch = this.#takeBatch();
    if (batch.length === 0) return;
    this.#isWriting = true;
    this.#write(batch).catch((error) => this.#break(error));
  }

  async #write(first: Uint8Array): Promise<void> {
    const { stream, lookout } = this.#options;
    for (let batch = first; batch.length > 0; batch = this.#takeBatch()) {
      for (let rest = batch; rest.length > 0;) {
        this.#limit(lookout.now() + WRITE_STALL_MS);
        rest = rest.subarray(await stream.write(rest));
        if (!this.isOpen) return;
      }
    }
    this.#limit(Infinity);
    this.#isWriting = false;
  }

  /** The next frames as one; empty when there is nothing that may go. */
  #takeBatch(): Uint8Array {
    const frames = this.#takenBack.splice(0).map(encodeCancel);
    let size = frames.reduce((sum, { length }) => sum + length, 0);
    for (const open of this.#waiting) {
      if (!this.#session.hasSlot || size >= BATCH_BYTES) break;
      this.#unqueue(open);
      open.id = this.#session.begin(open);
      const frame = encodeCall(open.id, open.call);
      frames.push(frame);
      size += frame.length;
    }
    return join(frames, size);
  }

  #limit(at: number): void {
    this.#deadlineAt = at;
    if (at !== Infinity) this.#options.lookout.expect(at);
  }

  #break(error: unknown): void {
    if (this.#end !== null) return;
    const { stream, lookout, engine } = this.#options;
    this.#end = toBreak(error, engine);
    lookout.remove(this);
    stream.close();
    this.#waiting.clear();
    for (const call of this.#calls) call.reject(this.#end);
    this.#calls.clear();
  }
}

/** What a stream throws is not ours. */
function toBreak(error: unknown, engine: string): AiEngineError {
  const own = toAiEngineError(error);
  return own === error ? own : endedAt("broke", engine, error);
}

function endedAt(how: string, engine: string, cause?: unknown): ConnectError {
  return new ConnectError("upstream_failed", "after_send", {
    engine,
    detail: `The connection for direct calls to the engine ${engine} ${how}.`,
    remedy: "See its last output lines; call again.",
    cause,
  });
}

function queueFull(engine: string): AdmissionError {
  return new AdmissionError("queue_full", {
    engine,
    detail: "The engine has as many calls as it takes, and as many wait as may.",
    remedy: "Send fewer at once.",
    retryAfterS: 1,
  });
}

function join(frames: readonly Uint8Array[], size: number): Uint8Array {
  const [only] = frames;
  if (only !== undefined && frames.length === 1) return only;
  const whole = new Uint8Array(size);
  let at = 0;
  for (const frame of frames) {
    whole.set(frame, at);
    at += frame.length;
  }
  return whole;
}
