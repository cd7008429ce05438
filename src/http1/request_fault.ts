import { ProtocolError } from "../core/mod.ts";
import type { Rule } from "./rules.ts";

/** Faults of a request that are not answered with 400. */
const STATUS: Partial<Record<Rule, number>> = {
  HEAD_TOO_LARGE: 431,
  BODY_TOO_LARGE: 413,
  BAD_EXPECT: 417,
  UNSUPPORTED_TE: 501,
  UNSUPPORTED_METHOD: 501,
  BAD_VERSION: 505,
};

/** A client's request that broke a rule. The connection is closed after it was answered. */
export class RequestFault extends ProtocolError {
  override readonly code: "bad_request" | "head_too_large" | "too_large";
  /** The status to answer with. */
  readonly status: number;

  constructor(fault: ProtocolError) {
    super("remote", fault.rule, {
      detail: fault.message,
      remedy: fault.rule === "BODY_TOO_LARGE"
        ? "Send it in several requests."
        : "Correct the client: it has to send HTTP/1.1 as RFC 9112 defines it.",
      cause: fault,
    });
    const statuses: Readonly<Record<string, number>> = STATUS;
    this.status = statuses[fault.rule] ?? 400;
    this.code = codeOf(this.status);
  }
}

function codeOf(status: number): RequestFault["code"] {
  if (status === 431) return "head_too_large";
  return status === 413 ? "too_large" : "bad_request";
}
