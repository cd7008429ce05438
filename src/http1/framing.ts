import type { MessageFacts } from "./message_facts.ts";

/** How the end of a body is found. */
export type BodyFraming =
  | { readonly kind: "none" }
  | { readonly kind: "length"; readonly bytes: number }
  | { readonly kind: "chunked" }
  | { readonly kind: "until_close" };

/** What the framing of a response depends on. */
export interface FramedResponse {
  readonly status: number;
  readonly requestMethod: string;
  readonly facts: MessageFacts;
}

/**
 * How the body of a response ends: RFC 9112 section 6.3, in its order. What that section calls an
 * error, (3) and (5), was refused when the fields were read.
 */
export function responseFraming({ status, requestMethod, facts }: FramedResponse): BodyFraming {
  // (1) No body, whatever the fields say.
  if (requestMethod === "HEAD" || isBodyless(status)) return { kind: "none" };
  // (2) A tunnel after CONNECT: no request of ours has that method.
  // (4) and (6) as announced; (7) is about requests; (8) nothing announced: until the end.
  return facts.announced.kind === "none" ? { kind: "until_close" } : facts.announced;
}

/** Whether an answer of `status` has no body by definition. */
function isBodyless(status: number): boolean {
  return status < 200 || status === 204 || status === 304;
}

/**
 * Whether the connection may carry another message after this response (RFC 9112 section 9.3), as far as its
 * head tells. Transfer-Encoding where it may not be (HTTP/1.0, 1xx, 204) makes the framing suspect:
 * section 6.1.
 */
export function isPersistent(
  { status, facts }: FramedResponse,
  minorVersion: number,
): boolean {
  if (facts.saysClose) return false;
  if (minorVersion === 0 && !facts.saysKeepAlive) return false;
  const isMisplaced = minorVersion === 0 || status < 200 || status === 204;
  return !(isMisplaced && facts.announced.kind === "chunked");
}
