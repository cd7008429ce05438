/** What is accepted, row by row of docs/http.md, in whatever pieces it comes. */
import { assertEquals } from "@std/assert";
import { bytesOf, bytewise, everySplit, play, type PlayOptions } from "./support/play.ts";

interface Row extends PlayOptions {
  readonly rule: string;
  readonly says: string;
  readonly input: string;
  readonly status?: number;
  readonly body?: string;
  readonly fields?: (readonly [string, string])[];
  readonly trailers?: (readonly [string, string])[];
  readonly informational?: number[];
  readonly isReusable?: boolean;
}

const ROWS: readonly Row[] = [
  {
    rule: "1.1 bytes",
    says: "a value is decoded byte by byte, not as UTF-8 or windows-1252",
    input: "HTTP/1.1 200 OK\r\nX: \x80\xe9\xff\r\nContent-Length: 0\r\n\r\n",
    fields: [["x", "\x80\xe9\xff"], ["content-length", "0"]],
  },
  {
    rule: "1.5 version",
    says: "HTTP/1.0 is accepted and not kept",
    input: "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nhi",
    body: "hi",
    isReusable: false,
  },
  {
    rule: "1.7 reason",
    says: "a missing reason is fine",
    input: "HTTP/1.1 200 \r\nContent-Length: 0\r\n\r\n",
  },
  {
    rule: "1.7 reason",
    says: "a missing reason with its space missing is fine",
    input: "HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n",
  },
  {
    rule: "1.7 reason",
    says: "a reason with blanks and bytes above 0x7f is fine",
    input: "HTTP/1.1 404 Nicht  gefunden\t\xfc\r\nContent-Length: 0\r\n\r\n",
    status: 404,
  },
  {
    rule: "1.9 names",
    says: "every token byte may be in a name; names come out in lower case",
    input: "HTTP/1.1 200 OK\r\nX!#$%&'*+-.^_`|~9:1\r\nContent-Length: 0\r\n\r\n",
    fields: [["x!#$%&'*+-.^_`|~9", "1"], ["content-length", "0"]],
  },
  {
    rule: "1.10 values",
    says: "blanks around a value are cut, those inside stay; a value may be empty",
    input: "HTTP/1.1 200 OK\r\nA: \t x \t y \t \r\nB:\r\nC:   \r\nContent-Length:0\r\n\r\n",
    fields: [["a", "x \t y"], ["b", ""], ["c", ""], ["content-length", "0"]],
  },
  {
    rule: "1.10 values",
    says: "fields that repeat stay apart and in order",
    input: "HTTP/1.1 200 OK\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\nContent-Length: 0\r\n\r\n",
    fields: [["set-cookie", "a=1"], ["set-cookie", "b=2"], ["content-length", "0"]],
  },
  {
    rule: "1.13 informational",
    says: "five 1xx before the answer are let by, whatever length they announce",
    input: "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 102 P\r\nContent-Length: 9\r\n\r\n" +
      "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 199 X\r\n\r\nHTTP/1.1 100\r\n\r\n" +
      "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi",
    informational: [100, 102, 103, 199, 100],
    body: "hi",
  },
  {
    rule: "1.15 no body",
    says: "an answer to HEAD ends at its blank line whatever length it names",
    method: "HEAD",
    input: "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n",
  },
  {
    rule: "1.15 no body",
    says: "an answer to HEAD ends at its blank line though it says chunked",
    method: "HEAD",
    input: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
  },
  {
    rule: "1.15 no body",
    says: "204 has no body",
    input: "HTTP/1.1 204 No Content\r\n\r\n",
    status: 204,
  },
  {
    rule: "1.15 no body",
    says: "304 has no body though it names a length",
    input: "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n",
    status: 304,
  },
  {
    rule: "1.15 no body",
    says: "304 has no body though it says chunked",
    input: "HTTP/1.1 304 Not Modified\r\nTransfer-Encoding: chunked\r\n\r\n",
    status: 304,
  },
  {
    rule: "1.16 length",
    says: "leading zeros are digits",
    input: "HTTP/1.1 200 OK\r\nContent-Length: 0005\r\n\r\nhello",
    body: "hello",
  },
  {
    rule: "1.17 length twice",
    says: "equal lengths collapse, in one line and in several",
    input: "HTTP/1.1 200 OK\r\nContent-Length: 5, 5\r\nContent-Length: 05\r\n\r\nhello",
    body: "hello",
  },
  {
    rule: "1.19 coding",
    says: "chunked is read in any case",
    input: "HTTP/1.1 200 OK\r\nTRANSFER-encoding: CHUNKED\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
    body: "hello",
  },
  {
    rule: "1.20 misplaced coding",
    says: "chunked on HTTP/1.0 is read, and the connection not kept",
    input: "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n" +
      "2\r\nhi\r\n0\r\n\r\n",
    body: "hi",
    isReusable: false,
  },
  {
    rule: "1.20 misplaced coding",
    says: "chunked on 204 is ignored, and the connection not kept",
    input: "HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n",
    status: 204,
    isReusable: false,
  },
  {
    rule: "1.20 misplaced coding",
    says: "chunked on 1xx is ignored, and the connection not kept",
    input: "HTTP/1.1 100 Continue\r\nTransfer-Encoding: chunked\r\n\r\n" +
      "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
    informational: [100],
    isReusable: false,
  },
  {
    rule: "1.21 chunk size",
    says: "sizes are hexadecimal in any case, with leading zeros up to 13 digits",
    input: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" +
      "A\r\n0123456789\r\n00000000000bB\r\n" + "x".repeat(0xbb) + "\r\n0\r\n\r\n",
    body: "0123456789" + "x".repeat(0xbb),
  },
  {
    rule: "1.22 chunk extensions",
    says: "tokens, quoted strings and escapes are ignored",
    input: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" +
      '2;a;b=c;d="e;\\"f\\\\ \xe9"\r\nhi\r\n0;last\r\n\r\n',
    body: "hi",
  },
  {
    rule: "1.24 trailers",
    says: "trailers are read and kept apart from the head's fields",
    input: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" +
      "2\r\nhi\r\n0\r\nDigest: x y \r\nContent-Length: 9\r\n\r\n",
    body: "hi",
    fields: [["transfer-encoding", "chunked"]],
    trailers: [["digest", "x y"], ["content-length", "9"]],
  },
  {
    rule: "1.25 end of file",
    says: "it ends a body of unknown length, which is then not kept",
    input: "HTTP/1.1 200 OK\r\n\r\nhello",
    eof: true,
    body: "hello",
    isReusable: false,
  },
  {
    rule: "1.25 end of file",
    says: "it ends an empty body of unknown length",
    input: "HTTP/1.1 200 OK\r\n\r\n",
    eof: true,
    isReusable: false,
  },
  {
    rule: "1.25 end of file",
    says: "after a whole answer it only retires the connection",
    input: "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi",
    eof: true,
    body: "hi",
    isReusable: false,
  },
  {
    rule: "1.27 persistence",
    says: "close anywhere in a Connection list, in any case, beats keep-alive",
    input: "HTTP/1.1 200 OK\r\nConnection: keep-alive, x\r\nconnection: y ,\tCLOSE\r\n" +
      "Content-Length: 0\r\n\r\n",
    isReusable: false,
  },
  {
    rule: "1.27 persistence",
    says: "options are compared whole",
    input: "HTTP/1.1 200 OK\r\nConnection: closed, not-close, closer\r\nContent-Length: 0\r\n\r\n",
    isReusable: true,
  },
  {
    rule: "1.27 persistence",
    says: "HTTP/1.0 with keep-alive is kept",
    input: "HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\nContent-Length: 0\r\n\r\n",
    isReusable: true,
  },
];

for (const row of ROWS) {
  Deno.test(`http1 accepts, ${row.rule}: ${row.says}`, () => {
    const input = bytesOf(row.input);
    const whole = play([input], row);
    assertEquals(whole.fault, undefined);
    assertEquals(whole.status, row.status ?? 200);
    assertEquals(whole.body, row.body ?? "");
    assertEquals(whole.trailers, row.trailers ?? []);
    assertEquals(whole.informational, row.informational ?? []);
    assertEquals(whole.isReusable, row.isReusable ?? true);
    if (row.fields !== undefined) assertEquals(whole.fields, row.fields);
    assertEquals(play(bytewise(input), row), whole);
    for (const pieces of everySplit(input)) assertEquals(play(pieces, row), whole);
  });
}
