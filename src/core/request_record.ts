/**
 * One request to an engine, from its head to its end: numbers that are written down as it goes on. What is
 * text is made of them when somebody looks.
 *
 * @module
 */
import { AdmissionError, type AiEngineError, ERROR_TABLE, type ErrorCode } from "./errors.ts";
import type { RequestOutcome, RequestWay } from "./request_view.ts";

/** Of a trace, and of the step of it that is ours. */
export const TRACE_ID_BYTES = 16;
export const SPAN_ID_BYTES = 8;

/** Where a request is; `unbooked` = nobody was told of it. */
type RequestPhase = "unbooked" | "held" | "sent" | "answering" | "ended";

/** Who keeps records: told of each when it begins, when it ends, and of what is worth telling in between. */
export interface RequestDesk {
  /** In the clock's time. */
  now(): number;
  began(record: RequestRecord): void;
  moved(record: RequestRecord): void;
  ended(record: RequestRecord): void;
}

/** A request that has ended, for whoever counts. Times are milliseconds from its head on. */
export interface EndedRequest {
  readonly id: string;
  readonly traceId: string;
  readonly way: RequestWay;
  readonly engine: string | null;
  /** As the client named it, its first 256 characters. */
  readonly model: string | null;
  readonly method: string;
  /** What its target begins with, query and all. */
  readonly target: string;
  readonly outcome: RequestOutcome;
  /** Of the answer; `null` = it had none. */
  readonly status: number | null;
  /** Of an error of ours. */
  readonly errorCode: ErrorCode | null;
  /** To its engine's free slot; `null` = it got none. */
  readonly heldMs: number | null;
  /** To the head of the answer; `null` = there was none. */
  readonly firstByteMs: number | null;
  readonly totalMs: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
  /** `null` = the answer does not say. */
  readonly tokensIn: number | null;
  readonly tokensOut: number | null;
}

export interface NewRecord {
  readonly method: string;
  /** Its first characters. */
  readonly target: string;
  /** Random bytes of which {@linkcode TRACE_ID_BYTES} and {@linkcode SPAN_ID_BYTES} from `at` on are this one's. */
  readonly chance: Uint8Array;
  readonly at: number;
}

export class RequestRecord implements EndedRequest {
  readonly method: string;
  readonly target: string;
  readonly chance: Uint8Array;
  readonly chanceAt: number;
  /** What the client calls it, where that can be an id. */
  clientId: string | null = null;
  /** Of the client's trace, where it is in one. */
  clientTraceId: string | null = null;
  /** The client's `tracestate`, until it has ended. */
  traceState: string | null = null;
  /** The client has a `tracestate` that is not about this trace. */
  dropsTraceState = false;
  isSampled = true;

  way: RequestWay = "upstream";
  engine: string | null = null;
  model: string | null = null;
  phase: RequestPhase = "unbooked";
  outcome: RequestOutcome = "answered";
  errorCode: ErrorCode | null = null;
  bytesIn = 0;
  bytesOut = 0;
  tokensIn: number | null = null;
  tokensOut: number | null = null;
  /** Ends it for both sides; `null` = nothing can be ended. */
  canceller: { cancel(): void } | null = null;
  isCancelled = false;
  /** The line for its engine, while it stands in one; who has left that has no place there. */
  line: { placeOf(record: RequestRecord): number | null } | null = null;
  /** For who keeps it: where it keeps it, whether it was told of, and wall time less the clock's. */
  keptAt = -1;
  wasTold = false;
  wallLessClockMs = 0;

  readonly beganAt: number;
  readonly #desk: RequestDesk;
  #hasWaited = false;
  #toldPlace = 0;
  #sentAt = NaN;
  #answeredAt = NaN;
  #endedAt = NaN;
  #status = 0;

  constructor(desk: RequestDesk, { method, target, chance, at }: NewRecord) {
    this.#desk = desk;
    this.beganAt = desk.now();
    this.method = method;
    this.target = target;
    this.chance = chance;
    this.chanceAt = at;
  }

  /** The client's name for it, else that of our span in its trace. */
  get id(): string {
    return this.clientId ?? this.spanId;
  }

  get traceId(): string {
    return this.clientTraceId ?? hex(this.chance, this.chanceAt, TRACE_ID_BYTES);
  }

  get spanId(): string {
    return hex(this.chance, this.chanceAt + TRACE_ID_BYTES, SPAN_ID_BYTES);
  }

  /** As an engine is told of it. */
  get traceparent(): string {
    return `00-${this.traceId}-${this.spanId}-${this.isSampled ? "01" : "00"}`;
  }

  /** Its place in the line for its engine, from 1 on, as it is now; `null` = it stands in none. */
  get place(): number | null {
    return this.phase === "held" ? this.line?.placeOf(this) ?? null : null;
  }

  get status(): number | null {
    return this.#status === 0 ? null : this.#status;
  }

  get heldMs(): number | null {
    return this.#since(this.#sentAt);
  }

  get firstByteMs(): number | null {
    return this.#since(this.#answeredAt);
  }

  /** Of one that has not ended: so far. */
  get totalMs(): number {
    return this.#since(this.#endedAt) ?? this.#desk.now() - this.beganAt;
  }

  /** It is told of from here on. Does nothing the second time. */
  begin(way: RequestWay, engine: string | null): void {
    this.engine = engine;
    if (this.phase !== "unbooked") return;
    this.way = way;
    this.phase = "held";
    this.#desk.began(this);
  }

  /** It is held: nobody knows for how long. */
  waits(): void {
    this.#hasWaited = true;
    this.#desk.moved(this);
  }

  /** It has this place in the line now. */
  moves(place: number): void {
    if (place === this.#toldPlace) return;
    this.#toldPlace = place;
    this.#desk.moved(this);
  }

  /** It has its engine's slot. Who did not wait for it has it since the beginning. */
  sends(): void {
    this.phase = "sent";
    this.#sentAt = this.#hasWaited ? this.#desk.now() : this.beganAt;
    this.#desk.moved(this);
  }

  /** The head of the engine's answer is here. */
  answers(status: number): void {
    this.phase = "answering";
    this.#status = status;
    this.#answeredAt = this.#desk.now();
    this.#desk.moved(this);
  }

  /** The last word on it; what is said after that does not count. */
  end(outcome: RequestOutcome): void {
    if (this.phase === "ended" || this.phase === "unbooked") return;
    this.phase = "ended";
    this.outcome = this.isCancelled && outcome !== "answered" ? "cancelled" : outcome;
    this.#endedAt = this.#desk.now();
    this.traceState = this.canceller = this.line = null;
    this.#desk.ended(this);
  }

  /** It ends with `error` in place of an engine's answer. */
  refuse(error: AiEngineError): void {
    if (this.phase === "ended") return;
    this.errorCode = error.code;
    this.#status = ERROR_TABLE[error.code].status ?? 500;
    this.end("refused");
  }

  /** Ends it by hand, for client and engine; `false` = there is nothing to be ended, or it is on its way. */
  cancel(): boolean {
    if (this.canceller === null || this.isCancelled) return false;
    this.isCancelled = true;
    this.canceller.cancel();
    return true;
  }

  #since(at: number): number | null {
    return Number.isNaN(at) ? null : at - this.beganAt;
  }
}

/** What a client is told whose request was ended by hand before its answer had begun. */
export function cancelledByHand(engine: string | null): AdmissionError {
  return new AdmissionError("stopped_by_user", {
    ...(engine === null ? {} : { engine }),
    detail: "Somebody has cancelled this request by hand.",
    remedy: "Send it again if it is still wanted.",
  });
}

function hex(bytes: Uint8Array, from: number, count: number): string {
  let text = "";
  for (let at = from; at < from + count; at++) {
    text += (bytes[at] ?? 0).toString(16).padStart(2, "0");
  }
  return text;
}
