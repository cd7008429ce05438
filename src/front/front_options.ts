import type { AccessRules, Listener, Tokens } from "../access/mod.ts";
import type { AiEngineError, Clock, RequestRecord } from "../core/mod.ts";
import type { Gateway, RequestRecords } from "../gateway/mod.ts";
import type { FrontLimits } from "./front_limits.ts";

/** What comes with a request of ours. */
export interface OwnContext {
  /** Where the request came in. */
  readonly listener: Listener;
  /** IP address of the client; `null` on a Unix socket. */
  readonly clientAddress: string | null;
  /** Aborts when, and only when, the client leaves before its answer is complete. */
  readonly signal: AbortSignal;
  /** What is told of it, should it be for an engine; and what it is called. */
  readonly record: RequestRecord;
  /** Ends the connection unless the answer is out: for who leaves an answer unread. */
  readonly cut: () => void;
}

/** Answers what is not for an engine: pages and API. */
export type Ours = (request: Request, context: OwnContext) => Promise<Response>;

/** How an error is to be told. */
export interface ErrorAsk {
  /** The status to answer with; it may be more exact than that of the error's code. */
  readonly status: number;
  /** The client's `Accept`; `null` when it sent none, or nothing that could be read. */
  readonly accept: string | null;
  /** What was asked for, without the query; `null` when that could not be read. */
  readonly path: string | null;
  /** What the request is called; `null` when it could not be read. */
  readonly requestId: string | null;
}

export interface FrontOptions {
  readonly clock: Clock;
  readonly gateway: Gateway;
  readonly records: RequestRecords;
  readonly ours: Ours;
  /** Tells an error to a client. */
  readonly renderError: (error: AiEngineError, ask: ErrorAsk) => Response | Promise<Response>;
  /** Told of what went wrong in this program and can't be told to a client any more. */
  readonly onFault: (error: unknown) => void;
  /** Of which a request needs one, but on the control socket. @default none: it needs none */
  readonly tokens?: Tokens | null;
  /** What else we are called, and whose pages may use us. @default nothing, nobody's but ours */
  readonly access?: Pick<AccessRules, "hosts" | "origins">;
  /** Connections open at once; more are answered 503 and closed. @default 16_384 */
  readonly maxConnections?: number;
  /** @default what contract section 6 says */
  readonly limits?: Partial<FrontLimits>;
}
