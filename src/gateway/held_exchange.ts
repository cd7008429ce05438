import type { ByteStream, RequestRecord, Scheme } from "../core/mod.ts";
import type {
  BodyFraming,
  DataEvent,
  EndEvent,
  ReceivedRequest,
  ResponsePlan,
  ResponseWish,
} from "../http1/mod.ts";
import type { AnswerPart, ClientExchange } from "./client_exchange.ts";
import type { HeldBody } from "./held_body.ts";

/** An exchange of which something of the body was read already, which is given again before the rest. */
export class HeldExchange implements ClientExchange {
  readonly request: ReceivedRequest;
  readonly framing: BodyFraming;
  readonly upgrade: Uint8Array | undefined;
  /** Its body was asked for. */
  readonly expectsContinue = false;
  readonly clientAddress: string | null;
  readonly scheme: Scheme;
  readonly record: RequestRecord;
  readonly #exchange: ClientExchange;
  /** The next one last. */
  readonly #pieces: Uint8Array[];
  readonly #end: EndEvent | undefined;

  /** `grownBytes` = by how much what is held is longer than what was read. */
  constructor(exchange: ClientExchange, held: HeldBody, grownBytes: number) {
    const { framing } = exchange;
    this.request = exchange.request;
    this.framing = framing.kind === "length"
      ? { kind: "length", bytes: framing.bytes + grownBytes }
      : framing;
    this.upgrade = exchange.upgrade;
    this.clientAddress = exchange.clientAddress;
    this.scheme = exchange.scheme;
    this.record = exchange.record;
    this.#exchange = exchange;
    this.#pieces = held.pieces.toReversed();
    this.#end = held.endEvent;
  }

  onGone(leave: () => void): void {
    this.#exchange.onGone(leave);
  }

  nextBody(): DataEvent | EndEvent | Promise<DataEvent | EndEvent> {
    const bytes = this.#pieces.pop();
    if (bytes !== undefined) return { type: "data", bytes };
    return this.#end ?? this.#exchange.nextBody();
  }

  planResponse(wish: ResponseWish): ResponsePlan {
    return this.#exchange.planResponse(wish);
  }

  inform(status: number, head: Uint8Array): Promise<void> {
    return this.#exchange.inform(status, head);
  }

  send(bytes: Uint8Array, part: AnswerPart): Promise<void> {
    return this.#exchange.send(bytes, part);
  }

  cut(): void {
    this.#exchange.cut();
  }

  takeOver(): { readonly stream: ByteStream; readonly rest: Uint8Array } {
    return this.#exchange.takeOver();
  }
}
