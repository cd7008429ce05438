/** What is refused of a client's head, row by row of docs/http.md, in whatever pieces it comes. */
import { assertEquals } from "@std/assert";
import { DEFAULT_LIMITS } from "../../src/http1/mod.ts";
import { bytesOf, bytewise } from "./support/play.ts";
import {
  chunks,
  each,
  fields,
  HOST,
  IN_BODY,
  LINE,
  type RefusedRow,
  testRefused,
} from "./support/refused.ts";
import { serve } from "./support/serve.ts";

const { maxFields, maxHeadBytes } = DEFAULT_LIMITS;

const lines = (starts: readonly string[]) => starts.map((start) => `${start}\r\n${HOST}\r\n`);

const REQUEST_LINES: readonly RefusedRow[] = [
  ...each("BAD_REQUEST_LINE", "not method, target and version", [
    ...lines([
      "GET",
      "GET /",
      "GET / ",
      "GET  / HTTP/1.1",
      "GET  HTTP/1.1",
      "GET /  HTTP/1.1",
      "GET / HTTP/1.1 ",
      "GET / HTTP/1.1\t",
      "GET /a b HTTP/1.1",
      "GET / http/1.1",
      "GET / HTTPS/1.1",
      "GET / HTCPCP/1.0",
      "GET / HTTP 1.1",
      "GET HTTP/1.1",
      "GET / HTTP/1.10",
      "GET / HTTP/1.1x",
    ]),
  ]),
  ...each("BAD_VERSION", "neither 1.0 nor 1.1", [
    ...lines([
      "GET / HTTP/2.0",
      "GET / HTTP/0.9",
      "GET / HTTP/1.2",
      "GET / HTTP/1.9",
      "GET / HTTP/01.1",
      "GET / HTTP/11.1",
      "GET / HTTP/1,1",
      "GET / HTTP/1.x",
      "GET / HTTP/2",
    ]),
    "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
  ], { status: 505 }),
  ...each(
    "BAD_METHOD",
    "not a token",
    lines([
      " GET / HTTP/1.1",
      "\tGET / HTTP/1.1",
      "GET\t/ HTTP/1.1",
      "G(T / HTTP/1.1",
      "G\xc9T / HTTP/1.1",
      "G\0T / HTTP/1.1",
      "GET:/ HTTP/1.1",
      "\x16\x03\x01\x02\x00\x01",
      "/ HTTP/1.1",
      "\x00",
    ]),
  ),
  ...each(
    "UNSUPPORTED_METHOD",
    "a tunnel",
    lines(["CONNECT localhost:443 HTTP/1.1", "CONNECT / HTTP/1.1", "CONNECT * HTTP/1.0"]),
    { status: 501 },
  ),
  ...each(
    "BAD_TARGET",
    "a byte that is not visible ASCII, or `#`",
    lines([
      "GET /\xe9 HTTP/1.1",
      "GET /\x80 HTTP/1.1",
      "GET /\0 HTTP/1.1",
      "GET /\x7f HTTP/1.1",
      "GET /\x1b[1m HTTP/1.1",
      "GET /a\tb HTTP/1.1",
      "GET /a#b HTTP/1.1",
      "GET \t/ HTTP/1.1",
    ]),
  ),
  ...each(
    "BAD_TARGET",
    "a form that is not taken",
    lines([
      "GET x HTTP/1.1",
      "GET localhost:80 HTTP/1.1",
      "GET ?x HTTP/1.1",
      "GET * HTTP/1.1",
      "OPTIONS ** HTTP/1.1",
      "OPTIONS */ HTTP/1.1",
      "options * HTTP/1.1",
      "GET https://localhost/ HTTP/1.1",
      "GET http:/localhost/ HTTP/1.1",
      "GET http:localhost/ HTTP/1.1",
      "GET http:// HTTP/1.1",
      "GET http:///x HTTP/1.1",
      "GET http://a@localhost/ HTTP/1.1",
      "GET http://localhost:a/ HTTP/1.1",
      "GET http://[::1/ HTTP/1.1",
      "GET ftp://localhost/ HTTP/1.1",
    ]),
  ),
];

const LINE_ENDS: readonly RefusedRow[] = [
  ...each("BAD_LINE_END", "a bare LF", [
    `GET / HTTP/1.1\n${HOST}\r\n`,
    `${LINE}A: 1\nHost: localhost\r\n\r\n`,
    `${LINE}${HOST}A:\n\r\n`,
    `${LINE}${HOST}\n`,
    "GET / HTTP\n",
    "GET /\n",
    "GET\n",
    `\n${LINE}${HOST}\r\n`,
    `\n\n`,
  ]),
  ...each("BAD_LINE_END", "a bare CR", [
    `GET / HTTP/1.1\r${HOST}\r\n`,
    `${LINE}A: 1\rHost: localhost\r\n\r\n`,
    `${LINE}${HOST}A: 1\r\r\n\r\n`,
    `${LINE}${HOST}\rX`,
    `GET / HTTP/1.1\r\r\n${HOST}\r\n`,
    `\rX`,
    `\r${LINE}${HOST}\r\n`,
    `\r\r\n${LINE}${HOST}\r\n`,
  ]),
  ...each("BAD_LINE_END", "a second empty line", [
    `\r\n\r\n${LINE}${HOST}\r\n`,
    `\r\n\n`,
    `\r\n\rX`,
  ]),
  ...each("BAD_LINE_END", "a bare line end in a chunk line", [
    ...chunks(["5\nhello\r\n0\r\n\r\n", "5\rhello\r\n0\r\n\r\n"]),
  ], IN_BODY),
];

const FIELDS: readonly RefusedRow[] = [
  ...each("UNEXPECTED_SPACE", "before the first field", [
    `${LINE} ${HOST}\r\n`,
    `${LINE}\t${HOST}\r\n`,
    `${LINE} \r\n\r\n`,
  ]),
  ...each("OBS_FOLD", "a folded field", [
    `${LINE}${HOST}A: 1\r\n 2\r\n\r\n`,
    `${LINE}${HOST}A: 1\r\n\t2\r\n\r\n`,
    `${LINE}${HOST}Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n`,
    `${LINE}${HOST}Content-Length: 1\r\n 2\r\n\r\n`,
    `${LINE}Host: localhost\r\n .example\r\n\r\n`,
  ]),
  ...each(
    "BAD_HEADER_NAME",
    "in a field line",
    fields([
      "Content-Length : 5",
      "Transfer-Encoding : chunked",
      "Transfer-Encoding\t: chunked",
      "Transfer-Encoding\x00: chunked",
      "Transfer-Encoding\x0b: chunked",
      ": 1",
      "A B: 1",
      "A",
      "A\xe9: 1",
      "(A): 1",
      '"A": 1',
      "\x01A: 1",
    ]),
  ),
  ...each(
    "BAD_HEADER_VALUE",
    "in a field line",
    fields(["A: \x00", "A: 1\x01", "A: \x7f", "A: \x0b1", "Transfer-Encoding: \x0bchunked"]),
  ),
  ...each("HEAD_TOO_LARGE", "too many bytes or fields", [
    `${LINE}${HOST}${"A: 1\r\n".repeat(maxFields)}\r\n`,
    `${LINE}${HOST}A: ${"x".repeat(maxHeadBytes)}`,
    `GET /${"x".repeat(maxHeadBytes)}`,
    "G".repeat(maxHeadBytes + 1),
    `${LINE}${HOST}${"x".repeat(maxHeadBytes)}`,
    `${LINE}${HOST}A:${" ".repeat(maxHeadBytes)}`,
  ], { status: 431 }),
  ...each("BAD_HOST", "missing, empty, twice, or more than a host", [
    `${LINE}\r\n`,
    `${LINE}Host:\r\n\r\n`,
    `${LINE}Host: \t \r\n\r\n`,
    `${LINE}${HOST}${HOST}\r\n`,
    `${LINE}${HOST}hOST: other\r\n\r\n`,
    "GET / HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n",
    "GET / HTTP/1.0\r\nHost: a/b\r\n\r\n",
    ...[
      "localhost/x",
      "user@localhost",
      "user:pass@localhost",
      "http://localhost",
      "localhost, other",
      "local host",
      "localhost?x",
      "localhost#x",
      "localhost\\x",
      "localhost:80:90",
      "localhost:8a",
      "localhost:-1",
      ":80",
      "[::1",
      "[::1x",
      "[::1x:80",
      "::1",
      "[]",
      "[::1]x",
      "[localhost]",
      "[::1%25lo]",
      "l\xf6calhost",
      "*",
      "(localhost)",
      "localhost;x",
    ].map((host) => `${LINE}Host: ${host}\r\n\r\n`),
  ]),
  ...each("BAD_HOST", "a target that names another one", [
    `GET http://other/ HTTP/1.1\r\n${HOST}\r\n`,
    `GET http://localhost:80/ HTTP/1.1\r\n${HOST}\r\n`,
    "GET http://localhost/ HTTP/1.1\r\n\r\n",
  ]),
  ...each(
    "BAD_EXPECT",
    "another expectation",
    fields([
      "Expect: 200-ok",
      "Expect:",
      "Expect: 100-continue, x",
      "Expect: x\r\nExpect: 100-continue",
      "Expect: 100-continue\r\nExpect: x",
    ]),
    { status: 417 },
  ),
];

for (const row of [...REQUEST_LINES, ...LINE_ENDS, ...FIELDS]) testRefused(row);

Deno.test("http1 takes a request head of exactly the largest size and number of fields", () => {
  const many = "A: 1\r\n".repeat(maxFields - 2);
  const rest = maxHeadBytes - LINE.length - HOST.length - many.length - "B: \r\n\r\n".length;
  const input = bytesOf(`${LINE}${HOST}${many}B: ${"x".repeat(rest)}\r\n\r\n`);
  assertEquals(input.length, maxHeadBytes);
  const whole = serve([input]);
  assertEquals([whole.fault, whole.requests[0]?.fields.length], [undefined, maxFields]);
  assertEquals(serve(bytewise(input)), whole);
});
