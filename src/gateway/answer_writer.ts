import type { Clock } from "../core/mod.ts";
import {
  ChunkWriter,
  type FieldList,
  type HeadEvent,
  type ResponsePlan,
  type Skips,
  type WireBuffer,
} from "../http1/mod.ts";
import type { ClientExchange } from "./client_exchange.ts";
import type { AnswerTail } from "./answer_tail.ts";
import { announcedBody, writeResponseHead } from "./response_head.ts";

/** What keeps the end of an answer with such a head, if anything does. */
export type TailOf = (fields: FieldList) => AnswerTail | undefined;

const NO_BYTES = new Uint8Array(0);
const CRLF = Uint8Array.of(0x0d, 0x0a);

/**
 * Sends the final answer to the client. What comes together goes out together: the head with the first
 * of the body, all pieces of one read as one chunk. A piece that goes alone is not copied.
 */
export class AnswerWriter {
  readonly #exchange: ClientExchange;
  readonly #out: WireBuffer;
  readonly #tailOf: TailOf | undefined;
  #plan: ResponsePlan | undefined;
  #isHeadSent = false;
  #hasCopied = false;
  /** Views that the next read of the engine's connection makes invalid. */
  #pieces: Uint8Array[] = [];
  #bytes = 0;
  /** Of an answer that may tell at its end how many tokens there were. */
  #tail: AnswerTail | undefined;

  /** `out` is empty, and free again when the last `flush` has ended. */
  constructor(exchange: ClientExchange, out: WireBuffer, tailOf: TailOf | undefined) {
    this.#exchange = exchange;
    this.#out = out;
    this.#tailOf = tailOf;
  }

  /** Whether bytes of the answer may have reached the client. */
  get hasBegun(): boolean {
    return this.#isHeadSent;
  }

  get hasHead(): boolean {
    return this.#plan !== undefined;
  }

  /** Whether the last of it went out as a copy, so that nobody reads the engine's bytes any more. */
  get hasCopied(): boolean {
    return this.#hasCopied;
  }

  /** Whether something waits to be sent. */
  get isPending(): boolean {
    return this.#bytes > 0 || (this.hasHead && !this.#isHeadSent);
  }

  /** `clock` is asked where the answer does not say when it was made. */
  begin(event: HeadEvent, clock: Clock): void {
    const wish = { status: event.head.status, body: announcedBody(event) };
    const plan = this.#exchange.planResponse(wish);
    const { record } = this.#exchange;
    writeResponseHead(this.#out, event.head, { plan, clock, record });
    this.#plan = plan;
    this.#tail = this.#tailOf?.(event.head.fields);
  }

  add(piece: Uint8Array): void {
    if (piece.length === 0) return;
    this.#bytes += piece.length;
    this.#tail?.add(piece);
    // Behind the head it goes as a copy anyway.
    if (this.#out.size > 0 && this.#plan?.framing.kind !== "chunked") this.#out.add(piece);
    else this.#pieces.push(piece);
  }

  /** Resolves when the client's side has taken all there is. */
  flush(): Promise<void> {
    return this.#send("more");
  }

  /** The same, and then the answer is whole. */
  end(trailers: FieldList, skips?: Skips): Promise<void> {
    this.#tail?.tell(this.#exchange.record);
    if (this.#plan?.framing.kind !== "chunked") return this.#send("end");
    this.#frame();
    new ChunkWriter(this.#out).last(trailers, skips);
    return this.#send("end");
  }

  #send(then: "more" | "end"): Promise<void> {
    const bodyBytes = this.#bytes;
    this.#exchange.record.bytesOut += bodyBytes;
    const plan = this.#isHeadSent ? undefined : this.#plan;
    const bytes = this.#join();
    this.#isHeadSent = true;
    const sending = this.#exchange.send(bytes, { plan, bodyBytes, then });
    // The next bytes come only when these are sent, so the buffer is theirs till then.
    this.#out.clear();
    if (this.#pieces.length > 0) this.#pieces = [];
    this.#bytes = 0;
    return sending;
  }

  #join(): Uint8Array {
    this.#hasCopied = true;
    if (this.#plan?.framing.kind === "chunked") this.#frame();
    else if (this.#out.size === 0 && this.#pieces.length <= 1) {
      this.#hasCopied = this.#pieces.length === 0;
      return this.#pieces[0] ?? NO_BYTES;
    } else for (const piece of this.#pieces) this.#out.add(piece);
    return this.#out.bytes;
  }

  /** Puts the pieces into one chunk. */
  #frame(): void {
    // Not twice, and never a chunk of no bytes, which would end the body.
    if (this.#pieces.length === 0) return;
    this.#out.addText(`${this.#bytes.toString(16)}\r\n`);
    for (const piece of this.#pieces) this.#out.add(piece);
    this.#out.add(CRLF);
    this.#pieces = [];
  }
}
