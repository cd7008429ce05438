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
const method = fc.oneof(
  fc.constantFrom("GET", "POST", "HEAD", "PUT", "OPTIONS"),
  token.filter((name) => name !== "CONNECT"),
);

/** What one request is made of. */
export const requestParts = fc.record({
  method,
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
export const validRequests = fc.array(requestParts, { minLength: 1, maxLength: 3 })
  .map((requests) => ({ input: bytesOf(requests.map(written).join("")), eof: false, requests }));

export const brokenRequests = fc.tuple(validRequests, edits)
  .map(([{ input }, edits]) => ({ input: edited(input, edits), eof: true }));

const bytes = fc.uint8Array({ maxLength: 100 });
const HEAD = "POST / HTTP/1.1\r\nHost: x\r\n";

export const anyRequests = fc.oneof(
  bytes,
  bytes.map((bytes) => bytesOf(`${HEAD}${latin1(bytes)}`)),
  bytes.map((bytes) => bytesOf(`${HEAD}Transfer-Encoding: chunked\r\n\r\n${latin1(bytes)}`)),
).map((input) => ({ input, eof: true }));
