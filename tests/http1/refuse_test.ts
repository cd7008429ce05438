/** What is refused, row by row of docs/http.md, in whatever pieces it comes. */
import { assertEquals, assertExists } from "@std/assert";
import { DEFAULT_LIMITS, type Rule } from "../../src/http1/mod.ts";
import { bytesOf, bytewise, everySplit, play, type PlayOptions } from "./support/play.ts";

interface Row extends PlayOptions {
  readonly rule: Rule;
  readonly says: string;
  readonly input: string;
}

const OK = "HTTP/1.1 200 OK\r\n";
const CHUNKED = `${OK}Transfer-Encoding: chunked\r\n\r\n`;
const { maxChunkLineBytes, maxFields, maxHeadBytes } = DEFAULT_LIMITS;

/** One row for each of several inputs. */
function each(rule: Rule, says: string, inputs: readonly string[]): Row[] {
  return inputs.map((input) => ({ rule, says: `${says} ${JSON.stringify(input)}`, input }));
}

const heads = (starts: readonly string[]) => starts.map((start) => `${start}\r\n\r\n`);
const fields = (lines: readonly string[]) => lines.map((line) => `${OK}${line}\r\n\r\n`);
const chunks = (texts: readonly string[]) => texts.map((text) => CHUNKED + text);

const ROWS: readonly Row[] = [
  ...each("BAD_LINE_END", "a bare LF", [
    "HTTP/1.1 200 OK\nA: 1\r\n\r\n",
    "HTTP/1.1 200\nA: 1\r\n\r\n",
    `${OK}A: 1\nB: 2\r\n\r\n`,
    `${OK}A:\n\r\n`,
    `${OK}A: 1\r\n\n`,
    `${OK}\n`,
    `${CHUNKED}5\nhello\r\n0\r\n\r\n`,
  ]),
  ...each("BAD_LINE_END", "a bare CR", [
    "HTTP/1.1 200 OK\rA: 1\r\n\r\n",
    "HTTP/1.1 200\r\r\n\r\n",
    `${OK}A: 1\rB: 2\r\n\r\n`,
    `${OK}A: 1\r\r\n\r\n`,
    `${OK}A: 1\r\n\rX`,
    `${CHUNKED}5\rhello\r\n0\r\n\r\n`,
  ]),
  ...each("UNSOLICITED", "a line end before the status line", [
    `\r\n${OK}\r\n`,
    `\n${OK}\r\n`,
  ]),
  ...each(
    "BAD_VERSION",
    "a version that is not 1.0 or 1.1",
    heads([
      "HTTP/5.6 200 OK",
      "HTTP/2.0 200 OK",
      "HTTP/1.2 200 OK",
      "HTTP/0.9 200 OK",
      "HTTP/01.1 200 OK",
      "HTTP/1.01 200 OK",
      "HTTP/11.1 200 OK",
      "HTTP/1.10 200 OK",
      "HTTP/1,1 200 OK",
      "HTTPER/1.1 200 OK",
      "http/1.1 200 OK",
      "RTSP/1.1 200 OK",
      "ICE/1.0 200 OK",
      " HTTP/1.1 200 OK",
      "\tHTTP/1.1 200 OK",
      "garbage",
      "\x00",
      "GET / HTTP/1.1",
    ]),
  ),
  ...each(
    "BAD_STATUS",
    "a status that is not three digits after one space",
    heads([
      "HTTP/1.1  200 OK",
      "HTTP/1.1\t200 OK",
      "HTTP/1.1",
      "HTTP/1.1 ",
      "HTTP/1.1 2 OK",
      "HTTP/1.1 20 OK",
      "HTTP/1.1 1000 OK",
      "HTTP/1.1 20X OK",
      "HTTP/1.1 -200 OK",
      "HTTP/1.1 +20 OK",
      "HTTP/1.1 0x12d OK",
      "HTTP/1.1 000 OK",
      "HTTP/1.1 099 OK",
      "HTTP/1.1 600 OK",
      "HTTP/1.1 999 OK",
      "HTTP/1.1 200\tOK",
      "HTTP/1.1 200OK",
    ]),
  ),
  ...each(
    "BAD_STATUS",
    "a control character in the reason",
    heads(["HTTP/1.1 200 O\x00K", "HTTP/1.1 200 O\x7fK", "HTTP/1.1 200 \x1b[1m"]),
  ),
  ...each(
    "UNEXPECTED_SPACE",
    "white space before the first field",
    fields([" A: 1", "\tA: 1", " "]),
  ),
  ...each(
    "BAD_HEADER_NAME",
    "a bad name",
    fields([
      "A : 1",
      "A\t: 1",
      ": 1",
      "A",
      "A B: 1",
      "A\x00B: 1",
      "\xc3\xa9: 1",
      "A(b): 1",
      '"A": 1',
      "A\n: 1",
      "HTTP/1.1 200 OK",
    ]),
  ),
  ...each(
    "BAD_HEADER_VALUE",
    "a control character in a value",
    fields(["A: \x00", "A: b\x01c", "A: b\x7f", "A: b\x0bc", "A:\x1f"]),
  ),
  ...each("OBS_FOLD", "a folded line", fields(["A: 1\r\n 2", "A: 1\r\n\t2", "A: 1\r\nB: 2\r\n "])),
  {
    rule: "HEAD_TOO_LARGE",
    says: "a head of one byte too many",
    input: `${OK}A: ${"x".repeat(maxHeadBytes - OK.length - 6)}\r\n\r\n`,
  },
  {
    rule: "HEAD_TOO_LARGE",
    says: "a status line without end",
    input: "HTTP/1.1 200 " + "x".repeat(maxHeadBytes),
  },
  {
    rule: "HEAD_TOO_LARGE",
    says: "a name without end",
    input: OK + "x".repeat(maxHeadBytes),
  },
  {
    rule: "HEAD_TOO_LARGE",
    says: "one field too many",
    input: `${OK}${"A: 1\r\n".repeat(maxFields + 1)}\r\n`,
  },
  {
    rule: "HEAD_TOO_LARGE",
    says: "a 1xx head that is too large",
    input: `HTTP/1.1 103 Hints\r\n${"A: 1\r\n".repeat(maxFields + 1)}\r\n${OK}\r\n`,
  },
  {
    rule: "HEAD_TOO_LARGE",
    says: "trailers with one field too many",
    input: `${CHUNKED}0\r\n${"A: 1\r\n".repeat(maxFields + 1)}\r\n`,
  },
  {
    rule: "HEAD_TOO_LARGE",
    says: "trailers with too many bytes",
    input: `${CHUNKED}0\r\nA: ${"x".repeat(maxHeadBytes)}\r\n\r\n`,
  },
  {
    rule: "TOO_MANY_1XX",
    says: "a sixth 1xx",
    input: "HTTP/1.1 100 Continue\r\n\r\n".repeat(6) + OK + "\r\n",
  },
  ...each("BAD_UPGRADE", "a 101 that nobody asked for", [
    "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n",
    "HTTP/1.1 101 Switching Protocols\r\nContent-Length: 3\r\n\r\nabc",
  ]),
  ...each(
    "BAD_CONTENT_LENGTH",
    "a length that is not decimal digits",
    fields(
      [
        "",
        " ",
        "+5",
        "-1",
        "0x10",
        "1_0",
        "5;",
        "1e3",
        "5 5",
        "5,",
        ",5",
        "5,,5",
        "5.0",
        '"5"',
        "\xb2",
        "9007199254740992",
        "18446744073709551617",
        "99999999999999999999999999",
      ].map((value) => `Content-Length: ${value}`),
    ),
  ),
  ...each(
    "CONFLICTING_CONTENT_LENGTH",
    "lengths that differ",
    fields([
      "Content-Length: 42\r\nContent-Length: 43",
      "Content-Length: 42, 43",
      "Content-Length: 42\r\nA: 1\r\ncontent-length: 0",
    ]),
  ),
  {
    rule: "CONFLICTING_CONTENT_LENGTH",
    says: "lengths that differ on a 204, which has no body",
    input: "HTTP/1.1 204 No Content\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
  },
  {
    rule: "CONFLICTING_CONTENT_LENGTH",
    says: "lengths that differ on a 304, which has no body",
    input: "HTTP/1.1 304 Not Modified\r\nContent-Length: 1, 2\r\n\r\n",
  },
  ...each(
    "TE_AND_CL",
    "a coding and a length",
    fields([
      "Transfer-Encoding: chunked\r\nContent-Length: 5",
      "Content-Length: 5\r\nTransfer-Encoding: chunked",
      "Content-Length: 5\r\nTransfer-Encoding: identity",
    ]),
  ),
  {
    rule: "TE_AND_CL",
    says: "a coding and a length on an answer to HEAD",
    method: "HEAD",
    input: `${OK}Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n`,
  },
  ...each(
    "UNSUPPORTED_TE",
    "a coding other than chunked",
    fields(
      [
        "",
        "gzip",
        "identity",
        "chunked, deflate",
        "gzip, chunked",
        "chunked, chunked",
        "chunked,",
        "chunkedchunked",
        "xchunked",
        "chunked;q=1",
        '"chunked"',
        "chunked\r\nTransfer-Encoding: chunked",
      ].map((value) => `Transfer-Encoding: ${value}`),
    ),
  ),
  ...each(
    "BAD_CHUNK_SIZE",
    "a chunk size",
    chunks([
      "\r\n",
      ";a\r\n",
      " 5\r\nhello\r\n0\r\n\r\n",
      "+5\r\nhello",
      "-1\r\n",
      "0x5\r\nhello",
      "5_0\r\n",
      "g\r\n",
      "5g\r\nhello",
      "5\x00\r\n",
      "\n",
      "10000000000000\r\n",
      "00000000000005\r\nhello",
      "fffffffffffffffff\r\n",
    ]),
  ),
  ...each(
    "BAD_CHUNK_EXT",
    "a chunk extension",
    chunks([
      "5 \r\nhello",
      "5\t;a\r\nhello",
      "5;\r\nhello",
      "5; a\r\nhello",
      "5;a \r\nhello",
      "5;a=\r\nhello",
      "5;=b\r\nhello",
      '5;a="b\r\nhello',
      '5;a="b"c\r\nhello',
      '5;a="\x00"\r\nhello',
      '5;a="\\\x01"\r\nhello',
      "5;a\nhello",
      "5;a\rhello",
      "5;a\r\r\nhello",
      "5;a\x00\r\nhello",
      "5;;a\r\nhello",
    ]),
  ),
  {
    rule: "BAD_CHUNK_EXT",
    says: "a chunk line of one byte too many",
    input: `${CHUNKED}5;${"a".repeat(maxChunkLineBytes - 3)}\r\nhello`,
  },
  ...each(
    "BAD_CHUNK_END",
    "after the data of a chunk",
    chunks([
      "5\r\nhelloXX0\r\n\r\n",
      "5\r\nhello\rX0\r\n\r\n",
      "5\r\nhello\n0\r\n\r\n",
      "5\r\nhello world\r\n0\r\n\r\n",
      "5\r\nhello\n\r0\r\n\r\n",
    ]),
  ),
  ...each(
    "BAD_TRAILER",
    "trailers",
    chunks([
      "0\r\n A: 1\r\n\r\n",
      "0\r\nA: 1\r\n 2\r\n\r\n",
      "0\r\nA : 1\r\n\r\n",
      "0\r\nA\r\n\r\n",
      "0\r\nA: \x00\r\n\r\n",
      "0\r\nA: 1\n\r\n",
      "0\r\n\n",
      "0\r\n\rX",
      "0\r\nhello\r\n",
    ]),
  ),
  ...each("TRUNCATED", "the end in the middle of", [
    "",
    "H",
    "HTTP/1.1 200",
    OK,
    `${OK}A: 1\r\n`,
    `${OK}A: 1\r\n\r`,
    "HTTP/1.1 100 Continue\r\n\r\n",
    `${OK}Content-Length: 5\r\n\r\n`,
    `${OK}Content-Length: 5\r\n\r\nhell`,
    CHUNKED,
    `${CHUNKED}5`,
    `${CHUNKED}5\r\nhell`,
    `${CHUNKED}5\r\nhello`,
    `${CHUNKED}5\r\nhello\r\n`,
    `${CHUNKED}5\r\nhello\r\n0\r\n`,
    `${CHUNKED}5\r\nhello\r\n0\r\n\r`,
    `${CHUNKED}0\r\nA: 1\r\n`,
  ]).map((row) => ({ ...row, eof: true })),
  ...each("UNSOLICITED", "bytes after the end of", [
    `${OK}Content-Length: 2\r\n\r\nhiX`,
    `${OK}Content-Length: 0\r\n\r\n${OK}Content-Length: 0\r\n\r\n`,
    `${OK}Content-Length: 0\r\n\r\n\r\n`,
    "HTTP/1.1 204 No Content\r\n\r\nhello",
    "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\nhello",
    `${OK}Connection: close\r\nContent-Length: 0\r\n\r\nX`,
    `${CHUNKED}0\r\n\r\nX`,
  ]),
  {
    rule: "UNSOLICITED",
    says: "a body after the head that answers HEAD",
    method: "HEAD",
    input: `${OK}Content-Length: 5\r\n\r\nhello`,
  },
];

for (const row of ROWS) {
  Deno.test(`http1 refuses, ${row.rule}: ${row.says}`, () => {
    const input = bytesOf(row.input);
    const whole = play([input], row);
    assertExists(whole.fault);
    assertEquals(whole.fault.split(":")[0], `remote ${row.rule}`);
    assertEquals(whole.isReusable, false);
    assertEquals(play(bytewise(input), row), whole);
    const cuts = input.length > 2_000 ? 50 : input.length;
    for (const pieces of everySplit(input, cuts)) assertEquals(play(pieces, row), whole);
  });
}

Deno.test("http1 takes a head of exactly the largest size and number of fields", () => {
  const lines = `A: 1\r\n`.repeat(maxFields - 1);
  const rest = maxHeadBytes - OK.length - lines.length - "B: \r\n\r\n".length;
  const input = bytesOf(`${OK}${lines}B: ${"x".repeat(rest)}\r\n\r\n`);
  assertEquals(input.length, maxHeadBytes);
  const whole = play([input]);
  assertEquals([whole.fault, whole.status, whole.fields?.length], [undefined, 200, maxFields]);
  assertEquals(play(bytewise(input)), whole);
});

Deno.test("http1 takes a chunk line of exactly the largest size", () => {
  const line = `5;${"a".repeat(maxChunkLineBytes - 4)}\r\n`;
  assertEquals(line.length, maxChunkLineBytes);
  const input = bytesOf(`${CHUNKED}${line}hello\r\n0\r\n\r\n`);
  const whole = play([input]);
  assertEquals([whole.fault, whole.body, whole.isReusable], [undefined, "hello", true]);
  assertEquals(play(bytewise(input)), whole);
});
