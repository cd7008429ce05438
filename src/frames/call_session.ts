/**
 * The caller's side of one connection, without the connection: which calls are open, and what the
 * bytes that come in say about them.
 *
 * @module
 */
import { type EngineFailure, parseFailure, parseHello } from "./notes.ts";
import { broken, type Frame, type Payload } from "./wire.ts";
import { FrameDecoder } from "./frame_decoder.ts";

/** So many calls at once at most, whatever the engine takes. */
export const MAX_OPEN_CALLS = 1024;

const LAST_ID = 0xffff_ffff;

/** What has become of a call. */
export type CallOutcome =
  | { readonly kind: "result"; readonly payload: Payload }
  | { readonly kind: "failure"; readonly failure: EngineFailure };

/** An answer, and whose call it is. */
export interface CallAnswer<Owner> {
  readonly owner: Owner;
  readonly outcome: CallOutcome;
}

/** An `Owner` is whoever made a call. */
export class CallSession<Owner> {
  readonly #decoder = new FrameDecoder();
  /** By id; `null` = nobody wants the answer, but it will come. */
  readonly #open = new Map<number, Owner | null>();
  #lastId = 0;
  /** How many calls the engine takes at once; 0 before its hello. */
  #slots = 0;

  /** Whether one more call may be made now. */
  get hasSlot(): boolean {
    return this.#open.size < this.#slots;
  }

  /** Whether the engine has said hello. */
  get isGreeted(): boolean {
    return this.#slots > 0;
  }

  /** Calls made and not answered, those taken back among them. */
  get openCalls(): number {
    return this.#open.size;
  }

  /** A call of `owner` begins; returns its id. */
  begin(owner: Owner): number {
    if (!this.hasSlot) throw new TypeError("a call without a slot");
    do this.#lastId = this.#lastId === LAST_ID ? 1 : this.#lastId + 1; while (
      this.#open.has(this.#lastId)
    );
    this.#open.set(this.#lastId, owner);
    return this.#lastId;
  }

  /** Nobody wants the answer to call `id` any more; it keeps its slot until it is answered. */
  abandon(id: number): void {
    if (this.#open.has(id)) this.#open.set(id, null);
  }

  /**
   * Takes bytes in and gives the answers in them that somebody wants; their payloads are the caller's.
   * Throws `ProtocolError` for a peer that did not keep to the protocol: it is not to be heard again.
   */
  receive(bytes: Uint8Array): CallAnswer<Owner>[] {
    this.#decoder.receive(bytes);
    const answers: CallAnswer<Owner>[] = [];
    for (let frame = this.#decoder.next(); frame !== null; frame = this.#decoder.next()) {
      const answer = this.#take(frame);
      if (answer !== null) answers.push(answer);
    }
    return answers;
  }

  /** The bytes have ended. Throws when they ended within a frame. */
  receiveEof(): void {
    this.#decoder.receiveEof();
  }

  #take(frame: Frame): CallAnswer<Owner> | null {
    if (!this.isGreeted) {
      if (frame.kind !== "hello") throw broken("FRAME_HELLO", "It did not begin with a hello.");
      this.#slots = Math.min(parseHello(frame.body).maxCalls, MAX_OPEN_CALLS);
      return null;
    }
    if (frame.kind !== "result" && frame.kind !== "error") {
      throw broken("FRAME_KIND", `It sent a ${frame.kind} where only answers are due.`);
    }
    const owner = this.#open.get(frame.id);
    if (owner === undefined) {
      throw broken("FRAME_ID", `It answered call ${frame.id}, made by nobody.`);
    }
    const outcome = toOutcome(frame);
    this.#open.delete(frame.id);
    return owner === null ? null : { owner, outcome };
  }
}

function toOutcome({ kind, format, body }: Frame): CallOutcome {
  if (kind === "error") return { kind: "failure", failure: parseFailure(body) };
  // The decoder lets no result pass that is neither.
  return {
    kind: "result",
    payload: { format: format === "bytes" ? "bytes" : "json", bytes: body.slice() },
  };
}
