import { ProtocolError } from "../core/mod.ts";
import type { Rule } from "./rules.ts";

/** Faults of a request that are not answered with 400. */
const STATUS: Partial<Record<Rule, number>> = {
  HEAD_TOO_LARGE: 431,
  BAD_EXPECT: 417,
  UNSUPPORTED_TE: 501,
  UNSUPPORTED_METHOD: 501,
  BAD_VERSION: 505,
};

/** A client's request that broke a rule. The connection is closed after it was answered. */
export class RequestFault extends ProtocolError {
  override readonly code: "bad_request" | "head_too_large";
  /** The status to answer with. */
  readonly status: number;

  constructor(fault: ProtocolError) {
    super("remote", fault.rule, {
      detail: fault.message,
      remedy: "Correct the client: it has to send HTTP/1.1 as RFC 9112 defines it.",
      cause: fault,
    });
    const statuses: Readonly<Record<string, number>> = STATUS;
    this.status = statuses[fault.rule] ?? 400;
    this.code = this.status === 431 ? "head_too_large" : "bad_request";
  }
}
