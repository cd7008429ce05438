/**
 * What goes to one instance over kept connections: whole requests, as supervisor and command line make
 * them, and connections lent for an exchange that the caller drives itself.
 *
 * @module
 */
import type { ByteStream, TimeoutError } from "../core/mod.ts";
import type { ClientOutcome, OutgoingRequest } from "../http1/mod.ts";

export type Field = readonly [name: string, value: string];

/** A request with its body at hand. `Host` and `Content-Length` are added. */
export interface ClientRequest {
  readonly method: "GET" | "HEAD" | "POST" | "PUT" | "DELETE" | "OPTIONS" | "PATCH";
  /** Origin form, e.g. `/status?x=1`. */
  readonly target: string;
  readonly fields?: readonly Field[];
  readonly body?: Uint8Array;
}

/** A whole response. Names are lower case, values as they came, decoded as Latin-1. */
export interface ClientResponse {
  readonly status: number;
  readonly fields: readonly Field[];
  /** Use the array, never its `.buffer`: other bytes may be there too. */
  readonly body: Uint8Array;
  /** Only the end of the connection told the end of the body. @default false */
  readonly endsUnsaid?: boolean;
}

/** What comes of an answer before its body. */
export type AnswerHead = Pick<ClientResponse, "status" | "fields">;

/** Limits of one exchange, in milliseconds. */
export interface ExchangeLimits {
  /** Connecting in all, a full backlog retried. @default 1_000 */
  readonly connectMs?: number;
  /** Without a byte of the request moving. @default 120_000 */
  readonly writeIdleMs?: number;
  /** From the last byte sent to the end of the response head. @default 600_000 */
  readonly headMs?: number;
  /** Between two reads of the body. @default 600_000 */
  readonly bodyIdleMs?: number;
  /** The whole exchange. @default no limit */
  readonly totalMs?: number;
}

/** The limits of exchanges that name none. */
export type UsualLimits = Readonly<Required<Omit<ExchangeLimits, "totalMs">>>;

export interface RequestOptions extends ExchangeLimits {
  readonly signal?: AbortSignal;
  /** Largest response body; more fails the exchange. @default 16 MiB */
  readonly maxBodyBytes?: number;
  /** The connection is used for this request only. @default false */
  readonly fresh?: boolean;
  /**
   * Told of the answer's head. What it gives back is told each piece of the body as it comes, whose
   * bytes are valid until it returns; the response has them all the same.
   */
  readonly onHead?: (head: AnswerHead) => ((piece: Uint8Array) => void) | undefined;
}

/** A client of one instance. */
export interface InstanceClient {
  /**
   * One exchange. Throws `ConnectError`, `ProtocolError`, `TimeoutError`, or `signal.reason`; after
   * any of them the connection is closed. Nothing is retried but the dial; a kept connection that
   * turns out dead before a byte of the request is written counts as one.
   */
  request(request: ClientRequest, options?: RequestOptions): Promise<ClientResponse>;
  /**
   * Closes idle connections; those in use are closed when they come back. Requests after that fail:
   * what listens on the path by then may be another process.
   */
  close(): void;
}

/** What a request is waiting for. */
export type Phase = TimeoutError["phase"];

export interface ConnectionWish {
  /** Fires when nobody wants the connection any more. */
  readonly signal?: AbortSignal;
  /** No request has gone over it before. @default false */
  readonly fresh?: boolean;
}

/** The connections to one instance. */
export interface InstancePool extends InstanceClient {
  /**
   * Lends a connection for one exchange: the last used idle one at once; else a new one or one that
   * is given back, whichever is there first. Throws `ConnectError`, `TimeoutError` (1 s in all) or
   * `signal.reason`.
   */
  lease(wish?: ConnectionWish): PooledConnection | Promise<PooledConnection>;
}

/**
 * A connection that is lent for one exchange, and its books. Errors of `write`, `read` and `next` name
 * the peer: `ConnectError`, `ProtocolError`, and `TimeoutError` when a limit was reached, at which the
 * connection closes. It ends with `giveBack`, `close` or `takeOver`.
 */
export interface PooledConnection {
  /** What a caller of `limit` goes by. */
  readonly limits: UsualLimits;
  /** A request went over it before this one: the peer may have closed it unseen. */
  readonly isReused: boolean;
  /** Bytes of the request that the system has taken. */
  readonly writtenBytes: number;
  /** Whether a byte of an answer came. */
  readonly hasAnswerBytes: boolean;
  /** Begins the exchange, once. */
  begin(request: OutgoingRequest): void;
  /** Resolves when the system has taken all of `bytes`. One write at a time. */
  write(bytes: Uint8Array): Promise<void>;
  /** A chunked body was written to its end. */
  sendEnd(): void;
  /** Whether the request is whole. */
  readonly isSent: boolean;
  /** What the answer says next; its views are valid until the next `read`. */
  next(): ClientOutcome;
  /** Reads some bytes for `next`, if it can into `buffer`. Resolves with how many; 0 = the end. */
  read(buffer?: Uint8Array<ArrayBuffer>): Promise<number>;
  /** Closes it with a `TimeoutError` in `limitMs`, in place of the limit before. */
  limit(phase: Phase, limitMs: number): void;
  /** Takes the limit away. */
  unlimit(): void;
  /** After `upgraded`: the stream is the caller's, who closes it, and what came behind the answer. */
  takeOver(): { readonly stream: ByteStream; readonly rest: Uint8Array };
  /** The exchange is over: the connection is kept if it may carry another request, else closed. */
  giveBack(): void;
  /** Idempotent; what is pending rejects. */
  close(): void;
}
