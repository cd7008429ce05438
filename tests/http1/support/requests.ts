/** Random requests, several behind each other: right ones, nearly right ones, any bytes. */
import fc from "fast-check";
import {
  edited,
  edits,
  extension,
  fieldLines,
  pieceTexts,
  token,
  writeChunks,
  writeFields,
} from "./generators.ts";
import { bytesOf, latin1 } from "./play.ts";

const TARGET_CHARS = "/ab.%20?=&~'()*[]{}|\\^`\"<>;:@!$+,_-";
const target = fc.string({ unit: fc.constantFrom(...TARGET_CHARS), maxLength: 20 })
  .map((text) => `/${text}`);
/** Methods that every server knows. */
export const COMMON_METHODS = ["GET", "POST", "HEAD", "PUT", "OPTIONS", "DELETE", "PATCH"];
const commonMethod = fc.constantFrom(...COMMON_METHODS);
const anyMethod = fc.oneof(commonMethod, token.filter((name) => name !== "CONNECT"));

/** What one request is made of. */
export const requestParts = fc.record({
  method: anyMethod,
  target,
  fields: fieldLines,
  pieces: pieceTexts,
  trailers: fieldLines,
  extension,
  emptyLine: fc.constantFrom("", "", "", "\r\n"),
  framing: fc.constantFrom("none", "length", "chunked"),
});
type RequestParts = typeof requestParts extends fc.Arbitrary<infer Parts> ? Parts : never;

function written(parts: RequestParts): string {
  const { method, target, fields, pieces, trailers, extension, emptyLine, framing } = parts;
  const body = pieces.join("");
  const framed = {
    none: "\r\n",
    length: `Content-Length: ${body.length}\r\n\r\n${body}`,
    chunked: `Transfer-Encoding: chunked\r\n\r\n${writeChunks(pieces, extension, trailers)}`,
  }[framing];
  return `${emptyLine}${method} ${target} HTTP/1.1\r\nHost: x\r\n${writeFields(fields)}${framed}`;
}

/** Valid requests, written by the test, with what has to come out. */
const requestsOf = (parts: typeof requestParts) =>
  fc.array(parts, { minLength: 1, maxLength: 3 })
    .map((requests) => ({ input: bytesOf(requests.map(written).join("")), eof: false, requests }));

const brokenOf = (requests: typeof validRequests) =>
  fc.tuple(requests, edits).map(([{ input }, edits]) => ({
    input: edited(input, edits),
    eof: true,
  }));

export const validRequests = requestsOf(requestParts);
export const brokenRequests = brokenOf(validRequests);

/** The same with methods that every server knows, so that it looks at the rest. */
const commonParts = fc.tuple(requestParts, commonMethod)
  .map(([parts, method]) => ({ ...parts, method }));
export const commonRequests = requestsOf(commonParts);
export const brokenCommonRequests = brokenOf(commonRequests);

const bytes = fc.uint8Array({ maxLength: 100 });
const HEAD = "POST / HTTP/1.1\r\nHost: x\r\n";

export const anyRequests = fc.oneof(
  bytes,
  bytes.map((bytes) => bytesOf(`${HEAD}${latin1(bytes)}`)),
  bytes.map((bytes) => bytesOf(`${HEAD}Transfer-Encoding: chunked\r\n\r\n${latin1(bytes)}`)),
).map((input) => ({ input, eof: true }));
