/**
 * The rules of HTTP/1.1 that this room enforces, by name, and the errors that say which one was
 * broken. The names are those of docs/http.md.
 *
 * @module
 */
import { ProtocolError } from "../core/mod.ts";

/** What each rule says was wrong. */
export const RULES = {
  BAD_LINE_END: "a line does not end with CR LF",
  BAD_VERSION: "the version is neither HTTP/1.0 nor HTTP/1.1",
  BAD_STATUS: "the status is not three digits from 100 to 599 after one space",
  UNEXPECTED_SPACE: "white space stands before the first field",
  BAD_HEADER_NAME: "a field name is empty, holds a byte that is no token, or has no colon after it",
  BAD_HEADER_VALUE: "a field value holds a control character",
  OBS_FOLD: "a field goes on in a second line",
  HEAD_TOO_LARGE: "the head or the trailers have too many bytes or fields",
  TOO_MANY_1XX: "too many informational answers came before the final one",
  BAD_UPGRADE: "the protocol was switched without being asked",
  BAD_CONTENT_LENGTH: "Content-Length is not a decimal number below 2^53",
  CONFLICTING_CONTENT_LENGTH: "Content-Length is given twice",
  TE_AND_CL: "Transfer-Encoding and Content-Length are both given",
  UNSUPPORTED_TE: "Transfer-Encoding is not exactly `chunked`",
  REPEATED_TE: "Transfer-Encoding names more than one coding",
  TE_ON_HTTP_1_0: "Transfer-Encoding stands in a message of HTTP/1.0",
  BAD_CHUNK_SIZE: "a chunk size is not 1 to 13 hexadecimal digits",
  BAD_CHUNK_EXT: "a chunk extension is malformed or too long",
  BAD_CHUNK_END: "a chunk is not followed by CR LF",
  BAD_TRAILER: "a trailer field is malformed",
  TRUNCATED: "the connection ended in the middle of a message",
  UNSOLICITED: "bytes came that nobody asked for",
  BODY_TOO_LARGE: "the body is larger than what is taken",
  BAD_REQUEST_LINE: "the request line is not method, target and version with one space between",
  BAD_METHOD: "the method is not a token, or is CONNECT",
  UNSUPPORTED_METHOD: "CONNECT asks for a tunnel, and there is none here",
  BAD_TARGET: "the target is not a path, or holds a byte that must be encoded",
  BAD_HOST: "there is not exactly one Host field with one host and at most a port",
  BAD_TE: "TE is not `trailers` together with `Connection: te`",
  BAD_EXPECT: "Expect is given without a body, or is not `100-continue`",
  BAD_STATE: "the connection is not at the point where this may be sent",
} as const satisfies Record<string, string>;

/** The name of a rule. */
export type Rule = keyof typeof RULES;

/** Makes the error for a broken rule; `excerpt` shows where, as {@linkcode escapeBytes} gives it. */
export type Fault = (rule: Rule, excerpt?: string) => ProtocolError;

const at = (excerpt: string | undefined) => excerpt === undefined ? "" : `, at ${excerpt}`;

/** The peer broke `rule`. */
export function remoteFault(rule: Rule, excerpt?: string): ProtocolError {
  return new ProtocolError("remote", rule, {
    detail: `What came is not the HTTP/1.1 we take: ${RULES[rule]} (${rule})${at(excerpt)}.`,
    remedy:
      "Look at the raw answer with `curl -v --unix-socket` and correct the program behind it.",
  });
}

/** The caller asked for something that must not be sent; no byte of it was. */
export function localFault(rule: Rule, excerpt?: string): ProtocolError {
  return new ProtocolError("local", rule, {
    detail: `The request can't be sent as HTTP/1.1: ${RULES[rule]} (${rule})${at(excerpt)}.`,
    remedy: "Correct the request; nothing of it was sent.",
  });
}
