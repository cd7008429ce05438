import { type ByteStream, RequestError, type RequestRecord, type Scheme } from "../core/mod.ts";
import type { AnswerPart, ClientExchange } from "../gateway/mod.ts";
import type {
  BodyFraming,
  DataEvent,
  EndEvent,
  ReceivedRequest,
  RequestEvent,
  ResponsePlan,
  ResponseWish,
  ServerOutcome,
} from "../http1/mod.ts";
import { clientLeft } from "./client_left.ts";
import type { Sender } from "./client_writer.ts";
import { TakenStream } from "./taken_stream.ts";
import type { Wire, WireGuest } from "./wire.ts";

/** So much of a body that nobody wanted is read to keep its connection; more costs a new one less. */
const DISCARDED_BYTES = 256 * 1024;

/**
 * So much of what a client sends behind its request is read while that is answered: its leaving would be
 * seen only behind it.
 */
const READ_ON_BYTES = 16 * 1024;

const CONTINUE = 100;
const CONTINUE_HEAD = new TextEncoder().encode("HTTP/1.1 100 Continue\r\n\r\n");

const NOTHING = () => {};

/**
 * How far the answer is. `taken` = the stream is somebody else's after a 101; `gone` = it ended before
 * the answer was whole, by the client or by us.
 */
type AnswerState = "none" | "begun" | "whole" | "taken" | "gone";

export interface ExchangeOptions {
  readonly wire: Wire;
  readonly event: RequestEvent;
  /** Whether the connection is to end with the answer, asked when the answer is planned. */
  readonly isLast: () => boolean;
}

/** One request on a connection while it is answered. */
export class Exchange implements ClientExchange, WireGuest, Sender {
  readonly request: ReceivedRequest;
  readonly framing: BodyFraming;
  readonly upgrade: Uint8Array | undefined;
  readonly expectsContinue: boolean;
  readonly #wire: Wire;
  readonly #isLast: () => boolean;
  #record: RequestRecord | undefined;
  #answer: AnswerState = "none";
  #end: EndEvent | undefined;
  /** Why the body can't be read any more. */
  #failure: unknown;
  #bodyBytes = 0;
  #owesContinue: boolean;
  #endsConnection = false;
  /** With what is being sent the answer is whole. */
  #isEnding = false;
  /** The request is whole, so that what comes is not its. */
  #isWatching = false;
  #leave = NOTHING;
  #opens: ((bytes: Uint8Array) => Uint8Array) | undefined;

  constructor({ wire, event, isLast }: ExchangeOptions) {
    this.request = event.request;
    this.framing = event.framing;
    this.upgrade = event.upgrade;
    this.expectsContinue = this.#owesContinue = event.expectsContinue;
    this.#wire = wire;
    this.#isLast = isLast;
    wire.guest = this;
    // What has no body is read to its end, so that from here on the client is watched.
    const { framing } = event;
    if (framing.kind === "none" || (framing.kind === "length" && framing.bytes === 0)) {
      this.#nextPart();
    } else if (this.#owesContinue && wire.codec.bufferedBytes === 0) {
      // Until it is told to send its body it sends nothing, so that only its leaving can come.
      wire.reader.watch();
    }
  }

  get clientAddress(): string | null {
    return this.#wire.clientAddress;
  }

  get scheme(): Scheme {
    return this.#wire.scheme;
  }

  get record(): RequestRecord {
    return this.#record ??= this.#wire.records.of(this.request);
  }

  /** Whether a byte of the final answer may have been sent, or none can be any more. */
  get hasBegun(): boolean {
    return this.#answer !== "none";
  }

  get isWhole(): boolean {
    return this.#answer === "whole";
  }

  /** Whether the request was read to its end. */
  get isRequestWhole(): boolean {
    return this.#end !== undefined;
  }

  get isGone(): boolean {
    return this.#answer === "gone";
  }

  /** Whether the stream is somebody else's, after a 101. */
  get isTaken(): boolean {
    return this.#answer === "taken";
  }

  /** The connection ended while nobody read. */
  onEnd(): void {
    this.#lose();
  }

  /** More came behind the request; after the answer it is the next one's. */
  onMore(): void {
    if (!this.#isWatching || this.isWhole || this.isTaken || this.isGone) return;
    this.#wire.takeHeld();
    this.#readOn();
  }

  onGone(leave: () => void): void {
    this.#leave = leave;
    if (this.#answer === "gone") this.#tellGone();
  }

  nextBody(): DataEvent | EndEvent | Promise<DataEvent | EndEvent> {
    this.#checkUnanswered();
    if (this.#failure !== undefined) throw this.#failure;
    return this.#nextPart() ?? this.#nextPartLater();
  }

  planResponse(wish: ResponseWish): ResponsePlan {
    const isLast = this.#isLast() || this.#isBodyLost;
    return this.#wire.codec.planResponse(isLast ? { ...wish, close: true } : wish);
  }

  async inform(status: number, head: Uint8Array): Promise<void> {
    const { codec, writer } = this.#wire;
    if (this.#answer !== "none" || !codec.mayInform) return;
    codec.sendInformational(status);
    if (status === CONTINUE) this.#owesContinue = false;
    try {
      await writer.write(head);
    } catch {
      throw this.onWriteFailed();
    }
  }

  send(bytes: Uint8Array, part: AnswerPart): Promise<void> {
    if (this.#answer === "gone") return Promise.reject(clientLeft());
    const { codec, writer } = this.#wire;
    let out = bytes;
    if (part.plan !== undefined) {
      codec.sendHead(part.plan);
      this.#endsConnection = part.plan.connection === "close";
      this.#answer = "begun";
      if (this.#opens !== undefined) out = this.#opens(bytes);
    }
    if (part.bodyBytes > 0) codec.sendData(part.bodyBytes);
    this.#isEnding = part.then === "end" && part.plan?.status !== 101;
    return writer.write(out, this);
  }

  /** From now on `opens` is what becomes of bytes that begin with the head of an answer. */
  openBy(opens: (bytes: Uint8Array) => Uint8Array): void {
    this.#opens = opens;
  }

  /** What `send` was given is out. */
  onWritten(): void {
    if (this.isGone) throw clientLeft();
    if (!this.#isEnding) return;
    this.#wire.codec.sendEnd();
    this.#answer = "whole";
  }

  onWriteFailed(): RequestError {
    this.#lose();
    return clientLeft();
  }

  cut(): void {
    this.#leave = NOTHING;
    this.#wire.cut();
  }

  takeOver(): { readonly stream: ByteStream; readonly rest: Uint8Array } {
    const rest = this.#wire.codec.takeRest();
    this.#answer = "taken";
    this.#leave = NOTHING;
    return { stream: new TakenStream(this.#wire), rest };
  }

  /** Nobody answers any more: whoever still waits for the body is told so. */
  finish(): void {
    this.#leave = NOTHING;
    if (this.isTaken) return;
    const { reader } = this.#wire;
    reader.interrupt(answered);
    // Up to Deno 2.8 a write outlives the close of its connection: a piece of the body on its way to
    // an engine that answered early must stay what it is.
    if (!this.isRequestWhole) reader.abandon();
  }

  /**
   * After the answer: reads what nobody wanted of the body, if that is little. Tells whether the
   * request came to its end.
   */
  async discardBody(): Promise<boolean> {
    const until = this.#wire.in(this.#wire.limits.lingerMs);
    try {
      for (let left = DISCARDED_BYTES; left >= 0 && !this.#endsConnection;) {
        const part = this.#nextPart();
        if (part === undefined) await this.#wire.receive(until);
        else if (part.type === "end") return true;
        else left -= part.bytes.length;
      }
    } catch {
      // It broke off, broke a rule or takes too long: the connection ends with this request.
      return false;
    }
    return false;
  }

  /** The next part of the body, if it is here. */
  #nextPart(): DataEvent | EndEvent | undefined {
    if (this.#end !== undefined) return this.#end;
    const part = this.#nextOutcome();
    if (part.type === "data") {
      this.#bodyBytes += part.bytes.length;
      this.#owesContinue = false;
      return part;
    }
    if (part.type !== "end") return undefined;
    this.#end = part;
    if (!this.isWhole) this.#watch();
    return part;
  }

  #nextOutcome(): ServerOutcome {
    try {
      return this.#wire.codec.next();
    } catch (error) {
      this.#failure = error;
      throw error;
    }
  }

  /** Once the answer is whole, what is left of the body is thrown away: nobody else may take of it. */
  #checkUnanswered(): void {
    if (this.#answer === "gone") throw clientLeft();
    if (this.#answer === "whole" || this.#answer === "taken") throw answered();
  }

  async #nextPartLater(): Promise<DataEvent | EndEvent> {
    for (;;) {
      if (this.#owesContinue) await this.inform(CONTINUE, CONTINUE_HEAD);
      this.#checkUnanswered();
      await this.#receive();
      this.#checkUnanswered();
      const part = this.#nextPart();
      if (part !== undefined) return part;
    }
  }

  async #receive(): Promise<void> {
    const { limits, reader } = this.#wire;
    if (this.framing.kind === "chunked" || this.#bytesLeft > 0) reader.expectMuch();
    try {
      await this.#wire.receive(this.#wire.in(limits.bodyIdleMs));
    } catch (error) {
      this.#failure = error;
      throw error;
    }
    if (reader.hasEnded) this.#lose();
  }

  /** The request is whole: from here on a read tells when the client leaves. */
  #watch(): void {
    this.#isWatching = true;
    this.#readOn();
  }

  /** The codec keeps what came behind the request; no more than a little is read of it. */
  #readOn(): void {
    const { codec, reader } = this.#wire;
    codec.next();
    reader.rest();
    if (codec.bufferedBytes <= READ_ON_BYTES) reader.watch();
  }

  /** The connection is over, whoever ended it. */
  #lose(): void {
    if (this.#answer === "whole" || this.#answer === "taken" || this.#answer === "gone") return;
    this.#answer = "gone";
    this.#wire.close();
    this.#wire.reader.interrupt(clientLeft);
    this.#tellGone();
  }

  #tellGone(): void {
    const leave = this.#leave;
    this.#leave = NOTHING;
    leave();
  }

  /** Whether the rest of the body is too much to be read for nothing, or may be. */
  get #isBodyLost(): boolean {
    if (this.#failure !== undefined || this.#bytesLeft > DISCARDED_BYTES) return true;
    return this.framing.kind === "chunked" && this.#end === undefined;
  }

  get #bytesLeft(): number {
    return this.framing.kind === "length" ? this.framing.bytes - this.#bodyBytes : 0;
  }
}

function answered(): RequestError {
  return new RequestError("bad_request", {
    detail: "The request was answered before its body was read.",
    remedy: "Send the request again if it was meant to be read.",
  });
}
