import { ProtocolError } from "../core/mod.ts";
import { type BodyDecoder, bodyDecoder } from "./body_decoder.ts";
import { type DirectionEvent, type DirectionState, moveDirection } from "./direction_states.ts";
import type { FieldList } from "./field_list.ts";
import type { BodyFraming } from "./framing.ts";
import { byteAt, CR, escapeBytes, LF } from "./grammar.ts";
import { HeadParser } from "./head_parser.ts";
import { Intake } from "./intake.ts";
import { DEFAULT_LIMITS, type Http1Limits } from "./limits.ts";
import { type DataEvent, type EndEvent, NEED_DATA, type NeedData } from "./outcomes.ts";
import { ReceivedRequest } from "./received_request.ts";
import { readRequestFacts, type RequestFacts } from "./request_facts.ts";
import { RequestFault } from "./request_fault.ts";
import { requestFraming, wantsPersistence } from "./request_framing.ts";
import { RequestLine } from "./request_line.ts";
import {
  type AnsweredRequest,
  planResponse,
  type ResponsePlan,
  type ResponseWish,
} from "./response_plan.ts";
import { localFault, remoteFault } from "./rules.ts";
import { PAUSED, type RequestEvent, type ServerOutcome } from "./server_outcomes.ts";

/** What reads heads, one after the other. */
interface Heads {
  readonly line: RequestLine;
  readonly parser: HeadParser;
}

/** What a response goes by when no request could be read. */
const NO_REQUEST: AnsweredRequest = {
  minorVersion: 1,
  isHead: false,
  isPersistent: false,
  asksUpgrade: false,
};

/**
 * The server's side of one HTTP/1.1 connection, without the connection: bytes go in, outcomes come
 * out. One exchange at a time: what a client pipelines behind a request stays unread (`paused`) until
 * that request and its response are whole, so whoever feeds the codec must stop while it is paused,
 * but for one read that tells whether the client is still there.
 *
 * The response is the caller's bytes; the codec is told of it and keeps the books, so that `sendEnd`
 * never passes for a body that is not whole.
 *
 * @example
 * ```ts ignore
 * codec.receive(buffer, count); // what was read
 * for (;;) {
 *   const it = codec.next(); // throws RequestFault: answer `fault.status`, then close
 *   if (it.type === "need_data") break; // read on; nothing of `buffer` is needed any more
 *   if (it.type === "paused") break; // answer first
 *   if (it.type === "head") begin(it.request, it.framing);
 *   if (it.type === "data") take(it.bytes); // a view, valid until `receive`
 *   if (it.type === "end") finish(it.trailers);
 * }
 * // the response, any time after `head`:
 * const plan = codec.planResponse({ status: 200, body: { kind: "length", bytes: 2 } });
 * codec.sendHead(plan); // write a head that says what `plan` says
 * codec.sendData(2); // and write 2 bytes of body
 * codec.sendEnd();
 * if (!codec.isReusable) close(); // else go on with `next`: a pipelined request may be there
 * ```
 */
export class ServerCodec {
  readonly #limits: Http1Limits;
  readonly #intake = new Intake();
  #in: DirectionState = "idle";
  #out: DirectionState = "idle";
  /** Made for the first head: most connections at rest have had none. */
  #heads: Heads | undefined;
  #hasSkippedLine = false;
  #request = NO_REQUEST;
  #body: BodyDecoder | undefined;
  #awaitsContinue = false;
  #unsentBytes = 0;
  #isPersistent = true;
  #isAtEof = false;

  constructor(limits: Http1Limits = DEFAULT_LIMITS) {
    this.#limits = limits;
  }

  /** Whether `next` may give another request: both directions whole, nobody asked to close. */
  get isReusable(): boolean {
    const isBetween = this.#out === this.#in && (this.#in === "idle" || this.#in === "done");
    return isBetween && this.#isPersistent && !this.#isAtEof;
  }

  /** Whether the connection rests: reusable, and no byte of another request is there. */
  get isIdle(): boolean {
    return this.isReusable && this.#intake.size === 0;
  }

  /** How many bytes came in and were not taken out: bounded by the head's limit and one `receive`. */
  get bufferedBytes(): number {
    return this.#intake.size;
  }

  /** Whether a 1xx may be sent now: there is a request of HTTP/1.1 and no answer to it yet. */
  get mayInform(): boolean {
    return this.#out === "idle" && this.#in !== "idle" && this.#request.minorVersion === 1;
  }

  /** Takes the first `count` bytes of `chunk`, all by default. `chunk` must not change until `next` has said `need_data` or `paused`. */
  receive(chunk: Uint8Array, count = chunk.length): void {
    this.#intake.receive(chunk, count);
  }

  /** Tells that nothing more will come. */
  receiveEof(): void {
    this.#isAtEof = true;
  }

  /**
   * The next outcome. Throws {@linkcode RequestFault}: nothing more is read then; a response may still
   * be sent if none was begun, and the connection is to be closed.
   */
  next(): ServerOutcome {
    try {
      const outcome = this.#advance();
      if (outcome.type !== "need_data" && outcome.type !== "paused") return outcome;
      this.#intake.keep();
      if (this.#isAtEof && outcome.type === "need_data") this.#checkEof();
      return outcome;
    } catch (error) {
      this.#isPersistent = false;
      this.#moveIn("fault");
      throw error instanceof ProtocolError ? new RequestFault(error) : error;
    }
  }

  /**
   * Plans how a response goes out; nothing is begun by it. The connection ends with it when the client
   * was never told to send the body it asked about: whether one comes can't be known then (RFC 9110
   * section 10.1.1). Throws `ProtocolError("local", "BAD_UPGRADE")` for a 101 nobody asked for.
   */
  planResponse(wish: ResponseWish): ResponsePlan {
    const isLast = !this.#isPersistent || this.#awaitsContinue;
    return planResponse(this.#request, isLast ? { ...wish, close: true } : wish);
  }

  /** Tells that a 1xx other than 101 goes out. Throws `BAD_STATE` unless `mayInform`. */
  sendInformational(status: number): void {
    if (!this.mayInform || status < 100 || status > 199 || status === 101) {
      throw localFault("BAD_STATE");
    }
    if (status === 100) this.#awaitsContinue = false;
    this.#moveOut("informational");
  }

  /**
   * Tells that the head of the final answer goes out as planned. A 101 hands the connection over: the
   * rest is in {@linkcode takeRest}. Throws `BAD_STATE` when an answer was begun before, and for a 101
   * before the request is whole.
   */
  sendHead(plan: ResponsePlan): void {
    if (this.#out !== "idle") throw localFault("BAD_STATE");
    if (plan.status === 101) return this.#switch();
    if (plan.connection === "close") this.#isPersistent = false;
    this.#unsentBytes = bytesToSend(plan.framing);
    this.#moveOut("head");
  }

  /** Tells that `count` bytes of the body go out, its own ones, not those that frame chunks. */
  sendData(count: number): void {
    this.#unsentBytes -= count;
    if (this.#out !== "body" || this.#unsentBytes < 0) throw localFault("BAD_STATE");
    this.#moveOut("data");
  }

  /** Tells that the response is whole. Throws `BAD_STATE` while bytes that were announced are missing. */
  sendEnd(): void {
    const isWhole = this.#unsentBytes === 0 || this.#unsentBytes === Infinity;
    if (this.#out !== "body" || !isWhole) throw localFault("BAD_STATE");
    this.#moveOut("end");
  }

  /** After a 101: the bytes that came behind the request, as a copy. They are the new protocol's. */
  takeRest(): Uint8Array {
    if (this.#in !== "switched") throw localFault("BAD_STATE");
    return this.#intake.takeCopy(this.#intake.size);
  }

  #advance(): ServerOutcome {
    if (this.#in === "body") return this.#moveBody();
    if (this.#in === "failed") throw new TypeError("the connection is over: a rule was broken");
    if (this.#in === "done" && this.isReusable) this.#beginNext();
    if (this.#in !== "idle" || this.#out !== "idle") return PAUSED;
    return this.#head();
  }

  #checkEof(): void {
    if (this.#in === "body") this.#decoder.atEof();
    if (this.#intake.size > 0) throw remoteFault("TRUNCATED");
  }

  #beginNext(): void {
    this.#moveIn("next");
    this.#moveOut("next");
    this.#request = NO_REQUEST;
    this.#hasSkippedLine = false;
  }

  #head(): RequestEvent | NeedData {
    if (this.#heads?.parser.isInHead !== true && !this.#maybeSkipLine()) return NEED_DATA;
    const { line, parser } = this.#heads ??= this.#newHeads();
    const fields = parser.parse(this.#intake);
    if (fields === undefined) return NEED_DATA;
    return this.#requestEvent(line, fields);
  }

  /** RFC 9112 section 2.2: one empty line before a request is let by. `false` = more is needed. */
  #maybeSkipLine(): boolean {
    const { bytes, start, size } = this.#intake;
    if (size === 0) return false;
    if (byteAt(bytes, start) !== CR || this.#hasSkippedLine) return true;
    if (size === 1) return false;
    const line = this.#intake.take(2);
    if (byteAt(line, 1) !== LF) throw remoteFault("BAD_LINE_END", escapeBytes(line));
    this.#hasSkippedLine = true;
    return this.#intake.size > 0;
  }

  #newHeads(): Heads {
    const line = new RequestLine();
    return { line, parser: new HeadParser({ limits: this.#limits, startLine: line }) };
  }

  #requestEvent(line: RequestLine, fields: FieldList): RequestEvent {
    const request = new ReceivedRequest(line, fields);
    const { minorVersion } = request;
    const facts = readRequestFacts(fields);
    const framed = { minorVersion, facts };
    const isHttp11 = minorVersion === 1;
    if (isHttp11) checkHttp11(facts);
    const framing = requestFraming(framed);
    const isPersistent = wantsPersistence(framed);
    const asksUpgrade = isHttp11 && facts.saysUpgrade && facts.upgrades === 1;
    this.#request = { minorVersion, isHead: request.isMethod("HEAD"), isPersistent, asksUpgrade };
    this.#isPersistent = isPersistent;
    this.#awaitsContinue = isHttp11 && facts.expects === "continue" && hasBody(framing);
    this.#body = bodyDecoder(framing, this.#limits, this.#limits.maxRequestBodyBytes);
    this.#moveIn("head");
    const upgrade = asksUpgrade ? fields.value(fields.find("upgrade")) : undefined;
    return { type: "head", request, framing, expectsContinue: this.#awaitsContinue, upgrade };
  }

  #moveBody(): DataEvent | EndEvent | NeedData {
    const outcome = this.#decoder.next(this.#intake);
    if (outcome.type === "need_data") return outcome;
    // Who sends a body does not wait any more.
    this.#awaitsContinue = false;
    this.#moveIn(outcome.type);
    return outcome;
  }

  #switch(): void {
    if (this.#in !== "done" || !this.#request.asksUpgrade) throw localFault("BAD_STATE");
    this.#isPersistent = false;
    this.#moveIn("switch");
    this.#moveOut("switch");
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

/** What only a client of HTTP/1.1 can get wrong. */
function checkHttp11(facts: RequestFacts): void {
  if (facts.hosts === 0) throw remoteFault("BAD_HOST");
  if (facts.expects === "other") throw remoteFault("BAD_EXPECT");
}

function hasBody(framing: BodyFraming): boolean {
  return framing.kind === "length" ? framing.bytes > 0 : framing.kind !== "none";
}

/** `Infinity` where only `sendEnd` tells the end. */
function bytesToSend(framing: BodyFraming): number {
  if (framing.kind === "none") return 0;
  return framing.kind === "length" ? framing.bytes : Infinity;
}
