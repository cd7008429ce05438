import type { BodyFraming } from "./framing.ts";
import type { RequestFacts } from "./request_facts.ts";
import { remoteFault } from "./rules.ts";

/** What the framing of a request depends on. */
export interface FramedRequest {
  /** 0 for HTTP/1.0, 1 for HTTP/1.1. */
  readonly minorVersion: number;
  readonly facts: RequestFacts;
}

const NO_BODY: BodyFraming = { kind: "none" };

/**
 * How the body of a request ends: RFC 9112 section 6.3, in its order. What that section calls an
 * error in (3), (4) and (5) was refused when the fields were read. Throws `TE_ON_HTTP_1_0`.
 */
export function requestFraming({ minorVersion, facts }: FramedRequest): BodyFraming {
  // (1) and (2) are about responses.
  // (4) Section 6.1: in a message of HTTP/1.0 the framing is faulty.
  if (facts.announced.kind === "chunked" && minorVersion === 0) throw remoteFault("TE_ON_HTTP_1_0");
  // (4) and (6) as announced; (7) nothing announced: no body.
  return facts.announced.kind === "none" ? NO_BODY : facts.announced;
}

/** Whether the client means to send another request on the connection (RFC 9112 section 9.3). */
export function wantsPersistence({ minorVersion, facts }: FramedRequest): boolean {
  return !facts.saysClose && (minorVersion === 1 || facts.saysKeepAlive);
}
