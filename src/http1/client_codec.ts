import { type BodyDecoder, bodyDecoder } from "./body_decoder.ts";
import { type DirectionEvent, type DirectionState, moveDirection } from "./direction_states.ts";
import { isPersistent, responseFraming } from "./framing.ts";
import { HeadParser } from "./head_parser.ts";
import { Intake } from "./intake.ts";
import { DEFAULT_LIMITS, type Http1Limits } from "./limits.ts";
import { readFacts } from "./message_facts.ts";
import { NEED_DATA } from "./outcomes.ts";
import type {
  DataEvent,
  EndEvent,
  HeadEvent,
  InformationalEvent,
  NeedData,
  ResponseHead,
  UpgradedEvent,
} from "./outcomes.ts";
import type { OutgoingRequest } from "./outgoing_request.ts";
import type { EncodedRequest } from "./request_head.ts";
import { localFault, remoteFault } from "./rules.ts";
import { StatusLine } from "./status_line.ts";
import { isUpgradeTo } from "./upgrade.ts";

/** What `ClientCodec.next` says: an event, or that it needs more bytes. */
export type ClientOutcome =
  | InformationalEvent
  | HeadEvent
  | DataEvent
  | EndEvent
  | UpgradedEvent
  | NeedData;

/** What reads heads, one after the other. */
interface Heads {
  readonly line: StatusLine;
  readonly parser: HeadParser;
}

/**
 * The client's side of one HTTP/1.1 connection, without the connection: bytes go in, outcomes come
 * out. One request at a time, any number after each other while {@linkcode isReusable}.
 *
 * @example
 * ```ts ignore
 * const head = codec.sendHead(encodeRequestHead({ method: "GET", target: "/", fields }));
 * // write `head` and tell `codec.written(head.length)`, then feed what is read:
 * codec.receive(chunk);
 * for (let it = codec.next(); it.type !== "need_data"; it = codec.next()) handle(it);
 * ```
 */
export class ClientCodec {
  readonly #limits: Http1Limits;
  readonly #intake = new Intake();
  #out: DirectionState = "idle";
  #in: DirectionState = "idle";
  #method = "";
  #asked: Uint8Array | undefined;
  #unwrittenBytes = 0;
  #isPersistent = true;
  #isAtEof = false;
  #idleHintMs: number | undefined;
  #informational = 0;
  #heads: Heads | undefined;
  #body: BodyDecoder | undefined;

  constructor(limits: Http1Limits = DEFAULT_LIMITS) {
    this.#limits = limits;
  }

  /** Whether another request may be sent: both directions whole, nobody asked to close, no byte left. */
  get isReusable(): boolean {
    const isBetween = this.#out === this.#in && (this.#in === "idle" || this.#in === "done");
    return isBetween && this.#isPersistent && !this.#isAtEof && this.#intake.size === 0;
  }

  /** How long the peer keeps an idle connection, in milliseconds, if its last answer said so. */
  get idleHintMs(): number | undefined {
    return this.#idleHintMs;
  }

  /**
   * Begins an exchange; returns the bytes to write first. Those of the body follow as they are, and
   * `written` is told of both.
   */
  sendHead(request: EncodedRequest): Uint8Array {
    const { bytes, method, bodyBytes, saysClose } = request;
    const body = { kind: "length", bytes: bodyBytes } as const;
    this.begin({ method, headBytes: bytes.length, body, saysClose });
    return bytes;
  }

  /**
   * Begins an exchange whose head is the caller's own bytes. `written` is told of all bytes of the
   * request, those that frame chunks too; the end of a chunked body is told by `sendEnd`. Throws
   * `BAD_STATE` unless `isReusable`.
   */
  begin(request: OutgoingRequest): void {
    if (!this.isReusable) throw localFault("BAD_STATE");
    if (this.#in === "done") {
      this.#moveOut("next");
      this.#moveIn("next");
    }
    this.#method = request.method;
    this.#asked = request.upgrade;
    this.#unwrittenBytes = bytesToWrite(request);
    this.#isPersistent = !request.saysClose;
    this.#idleHintMs = undefined;
    this.#informational = 0;
    this.#moveOut("head");
  }

  /** Tells that `count` more bytes of the request, head or body, were written. */
  written(count: number): void {
    this.#unwrittenBytes -= count;
    if (this.#out !== "body" || this.#unwrittenBytes < 0) throw localFault("BAD_STATE");
    this.#moveOut(this.#unwrittenBytes === 0 ? "end" : "data");
  }

  /** Tells that a chunked body was written to its end. */
  sendEnd(): void {
    if (this.#out !== "body" || this.#unwrittenBytes !== Infinity) throw localFault("BAD_STATE");
    this.#moveOut("end");
  }

  /** After `upgraded`: the bytes that came behind the answer. They are the new protocol's. */
  takeRest(): Uint8Array {
    if (this.#in !== "switched") throw localFault("BAD_STATE");
    return this.#intake.takeCopy(this.#intake.size);
  }

  /** Takes the first `count` bytes of `chunk`, all by default. `chunk` must not change until `next` has said `need_data`. */
  receive(chunk: Uint8Array, count = chunk.length): void {
    this.#intake.receive(chunk, count);
  }

  /** Tells that nothing more will come. */
  receiveEof(): void {
    this.#isAtEof = true;
  }

  /** The next outcome. Throws `ProtocolError("remote", rule)`; then this connection is over. */
  next(): ClientOutcome {
    try {
      const outcome = this.#advance();
      if (outcome.type !== "need_data") return outcome;
      this.#intake.keep();
      return this.#isAtEof ? this.#atEof() : NEED_DATA;
    } catch (error) {
      this.#moveIn("fault");
      throw error;
    }
  }

  #advance(): ClientOutcome {
    if (this.#in === "body") return this.#moveBody(this.#decoder.next(this.#intake));
    if (this.#in === "failed") throw new TypeError("the connection is over: a rule was broken");
    if (this.#in === "idle" && this.#out !== "idle") return this.#head();
    if (this.#in === "switched") return NEED_DATA;
    if (this.#intake.size > 0) throw remoteFault("UNSOLICITED");
    return NEED_DATA;
  }

  #atEof(): EndEvent | NeedData {
    if (this.#in === "body") return this.#moveBody(this.#decoder.atEof());
    if (this.#in === "idle" && this.#out !== "idle") throw remoteFault("TRUNCATED");
    return NEED_DATA;
  }

  #head(): ClientOutcome {
    const { line, parser } = this.#heads ??= this.#newHeads();
    const fields = parser.parse(this.#intake);
    if (fields === undefined) return NEED_DATA;
    const { status, minorVersion } = line;
    return this.#headEvent({ status, minorVersion, fields });
  }

  #newHeads(): Heads {
    const line = new StatusLine();
    return { line, parser: new HeadParser({ limits: this.#limits, startLine: line }) };
  }

  #headEvent(head: ResponseHead): InformationalEvent | HeadEvent | UpgradedEvent {
    const facts = readFacts(head.fields, remoteFault);
    const framed = { status: head.status, requestMethod: this.#method, facts };
    this.#isPersistent &&= isPersistent(framed, head.minorVersion);
    if (head.status === 101) return this.#upgradedEvent(head);
    if (head.status < 200) return this.#informationalEvent(head);
    const framing = responseFraming(framed);
    this.#idleHintMs = facts.idleHintMs;
    this.#body = bodyDecoder(framing, this.#limits);
    this.#moveIn("head");
    return { type: "head", head, framing };
  }

  #informationalEvent(head: ResponseHead): InformationalEvent {
    if (++this.#informational > this.#limits.maxInformational) throw remoteFault("TOO_MANY_1XX");
    this.#moveIn("informational");
    return { type: "informational", head };
  }

  /** Only to a protocol that was asked for, and only when the whole request is out. */
  #upgradedEvent(head: ResponseHead): UpgradedEvent {
    const isAsked = this.#asked !== undefined && isUpgradeTo(head, this.#asked);
    if (!isAsked || this.#out !== "done") throw remoteFault("BAD_UPGRADE");
    this.#moveIn("switch");
    this.#moveOut("switch");
    return { type: "upgraded", head };
  }

  #moveBody<Outcome extends DataEvent | EndEvent | NeedData>(outcome: Outcome): Outcome {
    if (outcome.type !== "need_data") this.#moveIn(outcome.type);
    return outcome;
  }

  get #decoder(): BodyDecoder {
    if (this.#body === undefined) throw new TypeError("a body without a decoder");
    return this.#body;
  }

  #moveOut(event: DirectionEvent): void {
    this.#out = moveDirection(this.#out, event);
  }

  #moveIn(event: DirectionEvent): void {
    this.#in = moveDirection(this.#in, event);
  }
}

/** `Infinity` where only `sendEnd` tells the end. */
function bytesToWrite({ headBytes, body }: OutgoingRequest): number {
  if (body.kind === "chunked") return Infinity;
  return body.kind === "length" ? headBytes + body.bytes : headBytes;
}
