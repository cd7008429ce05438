/**
 * A request to an engine as everybody is told of it: by `GET /api/requests`, the event `request`, the
 * pages, the command line, the log.
 *
 * @module
 */
import type { ErrorCode } from "./errors.ts";

/** Which way it came: `/upstream/NAME/…`, `/v1/…`, `POST /api/engines/NAME/input`, or `…/call/FUNCTION`. */
export type RequestWay = "upstream" | "model" | "input" | "call";

/**
 * How it ended: the engine's whole `answered` (whatever its status); ours, an error before the engine's head,
 * `refused`; broken off after the head `cut`; the client `left`; by hand `cancelled`.
 */
export type RequestOutcome = "answered" | "refused" | "cut" | "left" | "cancelled";

/**
 * Where it is: `held` until an engine has room for it, `sent` until the head of its answer, `answering`
 * until its end.
 */
export type RequestProgress =
  | { readonly phase: "held" | "sent" | "answering" }
  | { readonly phase: "ended"; readonly outcome: RequestOutcome };

export interface RequestView {
  /** The client's `X-Request-Id` where that can be one, else ours. */
  readonly id: string;
  /** Of its `traceparent`, the client's or ours: 32 hexadecimal digits. */
  readonly traceId: string;
  readonly way: RequestWay;
  /** `null` while, or because, none was found. */
  readonly engine: string | null;
  /** As the client named it. */
  readonly model: string | null;
  readonly method: string;
  /** Without the query; at most 256 characters. */
  readonly path: string;
  readonly progress: RequestProgress;
  /** In the line for its engine, from 1 on; `null` = it stands in none. */
  readonly place: number | null;
  /** When its head was read; RFC 3339, UTC. */
  readonly startedAt: string;
  /** Of the answer; `null` before its head. */
  readonly status: number | null;
  /** Of an error of ours. */
  readonly errorCode: ErrorCode | null;
  /** From its head to its engine's free slot, to the first byte of the answer, and to the end; `null` = not yet. */
  readonly heldMs: number | null;
  readonly firstByteMs: number | null;
  readonly totalMs: number | null;
  /** Of the bodies. */
  readonly bytesIn: number;
  readonly bytesOut: number;
  /** As the answer's end says (`usage`); `null` = it does not. */
  readonly tokensIn: number | null;
  readonly tokensOut: number | null;
}
