/** A client's exchange that a test plays: bytes of a request in, bytes of an answer out. */
import type { ByteStream, RequestRecord, Scheme } from "../../../src/core/mod.ts";
import type { AnswerPart, ClientExchange, RequestRecords } from "../../../src/gateway/mod.ts";
import {
  type BodyFraming,
  type DataEvent,
  type EndEvent,
  type ReceivedRequest,
  type ResponsePlan,
  type ResponseWish,
  ServerCodec,
} from "../../../src/http1/mod.ts";
import { FakeClock } from "../../support/fake_clock.ts";
import { newRecords } from "../../support/request_records.ts";
import { ScriptedStream } from "../../support/scripted_stream.ts";

export interface ScriptedClientOptions {
  /** @default "203.0.113.9" */
  readonly address?: string | null;
  /** @default "http" */
  readonly scheme?: Scheme;
  /** @default records that nobody else sees, on a clock that stands */
  readonly records?: RequestRecords;
}

export class ScriptedClient implements ClientExchange {
  readonly request: ReceivedRequest;
  readonly framing: BodyFraming;
  readonly upgrade: Uint8Array | undefined;
  readonly expectsContinue: boolean;
  readonly scheme: Scheme;
  readonly clientAddress: string | null;
  readonly record: RequestRecord;
  /** After a 101: the client's stream. */
  readonly stream = new ScriptedStream();
  /** How each `send` was cut, for tests that ask what went together. */
  readonly sends: string[] = [];
  readonly informed: string[] = [];
  /** How the exchange stands for the client. */
  outcome: "open" | "whole" | "cut" | "gone" | "taken" = "open";
  /** How often the body was asked for. */
  asks = 0;
  /** A `send` waits for the client to read. */
  isSending = false;
  /** While set, `send` waits for it: a client that does not read. */
  stuck: Promise<void> | undefined;
  readonly #codec = new ServerCodec();
  readonly #whenSent = new Set<() => void>();
  #leave = () => {};
  #waiting:
    | { resolve: (part: DataEvent | EndEvent) => void; reject: (e: unknown) => void }
    | undefined;

  /** `bytes` hold at least the head. */
  constructor(
    bytes: string | Uint8Array,
    { address = "203.0.113.9", scheme = "http", records = newRecords(new FakeClock()).records }:
      ScriptedClientOptions = {},
  ) {
    this.scheme = scheme;
    this.clientAddress = address;
    this.#codec.receive(toBytes(bytes));
    const event = this.#codec.next();
    if (event.type !== "head") throw new TypeError(`no head but ${event.type}`);
    ({ request: this.request, framing: this.framing, upgrade: this.upgrade } = event);
    this.expectsContinue = event.expectsContinue;
    this.record = records.of(this.request);
  }

  /** More bytes of the request. */
  more(bytes: string | Uint8Array): void {
    this.#codec.receive(toBytes(bytes));
    const waiting = this.#waiting;
    if (waiting === undefined) return;
    try {
      const part = this.#part();
      if (part === undefined) return;
      waiting.resolve(part);
    } catch (error) {
      waiting.reject(error);
    }
    this.#waiting = undefined;
  }

  /** The client closes its side. */
  goes(): void {
    this.outcome = "gone";
    this.#waiting?.reject(new Error("gone"));
    this.#leave();
  }

  /** Whether the gateway waits for the body. */
  get isAsked(): boolean {
    return this.#waiting !== undefined;
  }

  /** All bytes of the final answer. */
  get answer(): string {
    return this.sends.join("");
  }

  /** Resolves when the answer holds `text`. */
  async until(text: string): Promise<void> {
    while (!this.answer.includes(text)) {
      await new Promise<void>((resolve) => this.#whenSent.add(resolve));
    }
  }

  onGone(leave: () => void): void {
    this.#leave = leave;
  }

  nextBody(): DataEvent | EndEvent | Promise<DataEvent | EndEvent> {
    this.asks++;
    return this.#part() ??
      new Promise((resolve, reject) => this.#waiting = { resolve, reject });
  }

  planResponse(wish: ResponseWish): ResponsePlan {
    return this.#codec.planResponse(wish);
  }

  inform(status: number, head: Uint8Array): Promise<void> {
    if (this.#codec.mayInform) {
      this.#codec.sendInformational(status);
      this.informed.push(toText(head));
    }
    return Promise.resolve();
  }

  async send(bytes: Uint8Array, { plan, bodyBytes, then }: AnswerPart): Promise<void> {
    if (this.outcome !== "open") throw new Error(`a send to a client that is ${this.outcome}`);
    if (plan !== undefined) this.#codec.sendHead(plan);
    if (bodyBytes > 0) this.#codec.sendData(bodyBytes);
    // As the system does: what is sent is what stands there when the write is done.
    this.isSending = true;
    await this.stuck;
    this.isSending = false;
    this.sends.push(toText(bytes));
    if (then === "end" && plan?.status !== 101) {
      this.#codec.sendEnd();
      this.outcome = "whole";
    }
    for (const told of this.#whenSent) told();
    this.#whenSent.clear();
  }

  cut(): void {
    this.outcome = "cut";
  }

  takeOver(): { readonly stream: ByteStream; readonly rest: Uint8Array } {
    this.outcome = "taken";
    return { stream: this.stream, rest: this.#codec.takeRest() };
  }

  #part(): DataEvent | EndEvent | undefined {
    const it = this.#codec.next();
    return it.type === "data" || it.type === "end" ? it : undefined;
  }
}

function toBytes(bytes: string | Uint8Array): Uint8Array {
  return typeof bytes === "string" ? Uint8Array.from(bytes, (char) => char.charCodeAt(0)) : bytes;
}

function toText(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
}
