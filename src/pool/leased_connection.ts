import { AiEngineError, type ByteStream, ConnectError, ProtocolError } from "../core/mod.ts";
import type { ClientOutcome, OutgoingRequest } from "../http1/mod.ts";
import type { Connection, ConnectionUser } from "./connection.ts";
import { type Envelope, PLAIN, putIn } from "./envelope.ts";
import type { KeptConnections } from "./kept_connections.ts";
import type { Peer } from "./peer.ts";
import { SYSTEM_HOLDS_BYTES, type Traffic } from "./traffic.ts";
import type { Phase, PooledConnection, UsualLimits } from "./types.ts";
import { WatchedStream } from "./watched_stream.ts";

/** Whose connections these are. */
export interface Lender {
  readonly peer: Peer;
  readonly kept: KeptConnections;
  readonly traffic: Traffic;
  readonly limits: UsualLimits;
  readonly envelope: Envelope | undefined;
}

/** How the lease has ended; `timed_out` closes the connection, too. */
type State = "used" | "over" | { readonly timedOut: AiEngineError };

const NO_BYTES = new Uint8Array(0);

/** What was pending when its user closed it; that one knows why, so it is made once. */
const CLOSED = new ConnectError("upstream_failed", "after_send", {
  detail: "The connection was closed while it was in use.",
  remedy: "Send the request again.",
});

export class LeasedConnection implements PooledConnection, ConnectionUser {
  readonly isReused: boolean;
  readonly #connection: Connection;
  readonly #lender: Lender;
  #state: State = "used";
  #phase: Phase = "head";
  #limitMs = Infinity;
  #unsentBytes = Infinity;
  #writtenBytes = 0;
  #hasAnswerBytes = false;
  /** What begins with the first write, where there is an envelope. */
  #unbegun: OutgoingRequest | undefined;
  /** What is being written. */
  #bytes: Uint8Array = NO_BYTES;

  constructor(connection: Connection, lender: Lender) {
    this.#connection = connection;
    this.#lender = lender;
    this.isReused = !connection.isFresh;
  }

  get limits(): UsualLimits {
    return this.#lender.limits;
  }
  get writtenBytes(): number {
    return this.#writtenBytes;
  }
  get hasAnswerBytes(): boolean {
    return this.#hasAnswerBytes;
  }
  get isSent(): boolean {
    return this.#unsentBytes === 0;
  }

  begin(request: OutgoingRequest): void {
    this.#connection.use();
    if (this.#lender.envelope === undefined) this.#begin(request);
    else this.#unbegun = request;
  }

  #begin(request: OutgoingRequest): void {
    const { body, headBytes } = request;
    this.#connection.codec.begin(request);
    if (body.kind !== "chunked") {
      this.#unsentBytes = headBytes + (body.kind === "length" ? body.bytes : 0);
    }
  }

  write(bytes: Uint8Array): Promise<void> {
    this.#bytes = this.#unbegun === undefined ? bytes : this.#put(bytes, this.#unbegun);
    return this.#connection.writeFor(this, this.#bytes);
  }

  /** The first write, the whole head in it, as it goes out to this peer. */
  #put(bytes: Uint8Array, request: OutgoingRequest): Uint8Array {
    const { envelope = PLAIN } = this.#lender;
    const put = putIn(envelope, bytes, request.headBytes);
    this.#unbegun = undefined;
    this.#begin({ ...request, headBytes: put.headBytes });
    return put.bytes;
  }

  sendEnd(): void {
    this.#connection.codec.sendEnd();
    this.#unsentBytes = 0;
  }

  next(): ClientOutcome {
    try {
      return this.#connection.codec.next();
    } catch (error) {
      throw this.#explain(error);
    }
  }

  read(buffer?: Uint8Array<ArrayBuffer>): Promise<number> {
    return this.#connection.readFor(this, buffer);
  }

  limit(phase: Phase, limitMs: number): void {
    if (this.#state !== "used") return;
    this.#phase = phase;
    this.#limitMs = limitMs;
    this.#connection.limit(limitMs, this.#onLimit);
  }

  unlimit(): void {
    if (this.#state === "used") this.#connection.unlimit();
  }

  takeOver(): { readonly stream: ByteStream; readonly rest: Uint8Array } {
    const { codec, stream } = this.#connection;
    this.#state = "over";
    this.#connection.letGo();
    return { stream: new WatchedStream(stream, this.#lender.traffic), rest: codec.takeRest() };
  }

  giveBack(): void {
    if (this.#state !== "used") return;
    this.#state = "over";
    this.#lender.kept.giveBack(this.#connection);
  }

  close(): void {
    if (this.#state !== "used") return;
    this.#state = "over";
    this.#connection.close();
  }

  onRead(count: number | null): number {
    // A stream that was closed under us may say end-of-file; that must not end a body tidily.
    if (this.#state !== "used" || (count === null && !this.#hasAnswerBytes)) {
      throw this.#explain(undefined);
    }
    this.#hasAnswerBytes = true;
    if (count !== null) this.#lender.traffic.moves++;
    this.#connection.received(count);
    return count ?? 0;
  }

  onWritten(count: number): Promise<void> | undefined {
    if (this.#state !== "used") throw this.#explain(undefined);
    this.#connection.codec.written(count);
    this.#writtenBytes += count;
    this.#unsentBytes -= count;
    if (this.#writtenBytes > SYSTEM_HOLDS_BYTES) this.#lender.traffic.moves++;
    const isShort = count < this.#bytes.length;
    return isShort ? this.write(this.#bytes.subarray(count)) : undefined;
  }

  onBroken(error: unknown): AiEngineError {
    return this.#state === "over" ? CLOSED : this.#explain(error);
  }

  readonly #onLimit = (): void => {
    if (this.#state !== "used") return;
    this.#state = { timedOut: this.#lender.peer.timedOut(this.#phase, this.#limitMs) };
    this.#connection.close();
  };

  #explain(error: unknown): AiEngineError {
    const { peer } = this.#lender;
    if (typeof this.#state === "object") return this.#state.timedOut;
    if (error instanceof ProtocolError && error.rule !== "TRUNCATED") return peer.brokeRule(error);
    if (error instanceof AiEngineError && !(error instanceof ProtocolError)) return error;
    const stage = this.#writtenBytes === 0 ? "before_send" : "after_send";
    const when = this.#hasAnswerBytes ? "in the middle of an answer" : "without an answer";
    return peer.brokeOff(stage, { when, cause: error });
  }
}
