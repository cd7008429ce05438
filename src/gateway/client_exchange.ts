/**
 * One request of a client while it is answered, as the gateway sees it. `front` implements it on a
 * connection; tests script it.
 *
 * @module
 */
import type { ByteStream, RequestRecord, Scheme } from "../core/mod.ts";
import type {
  BodyFraming,
  DataEvent,
  EndEvent,
  ReceivedRequest,
  ResponsePlan,
  ResponseWish,
} from "../http1/mod.ts";

/** What a piece of an answer holds, for the books of the connection. */
export interface AnswerPart {
  /** The plan of the head that `bytes` begin with. */
  readonly plan?: ResponsePlan | undefined;
  /** How many of the bytes are the body's own (not those that frame chunks). */
  readonly bodyBytes: number;
  /** `end`: with these bytes the answer is whole. */
  readonly then: "more" | "end";
}

export interface ClientExchange {
  readonly request: ReceivedRequest;
  readonly framing: BodyFraming;
  /** The value of `Upgrade` when the client asks for another protocol. */
  readonly upgrade: Uint8Array | undefined;
  /** The client waits for a 100 before it sends its body. */
  readonly expectsContinue: boolean;
  /** IP address of the client; `null` on a Unix socket. */
  readonly clientAddress: string | null;
  /** What the client speaks on its connection. */
  readonly scheme: Scheme;
  /** What is told of it; made when it is first asked for. */
  readonly record: RequestRecord;

  /** Calls `leave` once if the client goes before the answer is whole; the last one set counts. */
  onGone(leave: () => void): void;
  /**
   * The next piece of the request's body, a view valid until the next call but one; a promise only when
   * it is not here yet. Throws one of our errors when the body breaks off or breaks a rule.
   */
  nextBody(): DataEvent | EndEvent | Promise<DataEvent | EndEvent>;
  /** How a final answer goes out on this connection. */
  planResponse(wish: ResponseWish): ResponsePlan;
  /** Sends a whole 1xx head; does nothing for a client that can't take one. */
  inform(status: number, head: Uint8Array): Promise<void>;
  /** Sends bytes of the final answer; resolves when the system has taken all of them. */
  send(bytes: Uint8Array, part: AnswerPart): Promise<void>;
  /** Ends the connection visibly: what was sent so far must not pass for a whole answer. */
  cut(): void;
  /**
   * After a 101 was sent by `send`: the stream is the caller's, who closes it. `rest` is what the
   * client has sent behind its request.
   */
  takeOver(): { readonly stream: ByteStream; readonly rest: Uint8Array };
}

/** What `front` hands proxied requests to. */
export interface Gateway {
  /** Whether this request is for an engine; looks at the target's bytes only. */
  isFor(request: ReceivedRequest): boolean;
  /**
   * Answers the exchange. Throws or rejects with one of our errors only while nothing of the final answer was sent;
   * afterwards what goes wrong cuts the connection.
   */
  forward(exchange: ClientExchange): Promise<void>;
}
