/** What is accepted of clients, row by row of docs/http.md, in whatever pieces it comes. */
import { assertEquals } from "@std/assert";
import { bytesOf, bytewise, everySplit } from "./support/play.ts";
import { serve, type Served, type ServeOptions } from "./support/serve.ts";

interface Row extends ServeOptions {
  readonly rule: string;
  readonly says: string;
  readonly input: string;
  /** What the requests are expected to be, as far as the row is about it. */
  readonly requests: readonly Partial<Served>[];
  /** @default true */
  readonly isReusable?: boolean;
  /** Bytes that are not read. @default 0 */
  readonly left?: number;
}

const HOST = "Host: localhost\r\n";
const get = (target: string) => `GET ${target} HTTP/1.1\r\n${HOST}\r\n`;
const post = (lines: string, body: string) => `POST / HTTP/1.1\r\n${HOST}${lines}\r\n${body}`;

const ROWS: readonly Row[] = [
  {
    rule: "request line",
    says: "method, target and version",
    input: get("/a/b?c=d"),
    requests: [{ method: "GET", target: "/a/b?c=d", minorVersion: 1, framing: "none" }],
  },
  {
    rule: "empty line",
    says: "one before each request is let by",
    input: `\r\n${get("/1")}\r\n${get("/2")}`,
    requests: [{ target: "/1" }, { target: "/2" }],
  },
  {
    rule: "empty line",
    says: "one alone is not the beginning of a request",
    input: "\r\n",
    eof: true,
    requests: [],
    isReusable: false,
  },
  {
    rule: "method",
    says: "any token, its case kept",
    input: `!#$%&'*+-.^_\`|~aZ9 / HTTP/1.1\r\n${HOST}\r\nget / HTTP/1.1\r\n${HOST}\r\n`,
    requests: [{ method: "!#$%&'*+-.^_`|~aZ9" }, { method: "get" }],
  },
  ...["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "GETX", "PROPFIND"].map(
    (method) => ({
      rule: "method",
      says: method,
      input: `${method} / HTTP/1.1\r\n${HOST}\r\n`,
      requests: [{ method }],
    }),
  ),
  ...[
    "/",
    "//x",
    "/upstream/python/../x",
    "/%2e%2e/%00",
    "/a?b?c=/d",
    "/!$&'()*+,;=:@[]{}|\\^`\"<>",
  ].map((target) => ({
    rule: "target",
    says: `passed on as it came: ${target}`,
    input: get(target),
    requests: [{ target }],
  })),
  {
    rule: "target",
    says: "`*` for OPTIONS",
    input: `OPTIONS * HTTP/1.1\r\n${HOST}\r\n`,
    requests: [{ method: "OPTIONS", target: "*" }],
  },
  ...[
    ["http://localhost/a?b", "localhost", "/a?b"],
    ["HTTP://localhost", "LOCALHOST", "/"],
    ["http://localhost:80?q=/", "localhost:80", "/?q=/"],
    ["http://[::1]:7411/", "[::1]:7411", "/"],
  ].map(([target, host, path]) => ({
    rule: "target",
    says: `the path of an absolute one: ${target}`,
    input: `GET ${target} HTTP/1.1\r\nHost: ${host}\r\n\r\n`,
    requests: [{ target: path ?? "", host: host ?? "" }],
  })),
  {
    rule: "target",
    says: "an absolute one of HTTP/1.0 names the host",
    input: "GET http://Here:1/x HTTP/1.0\r\n\r\n",
    requests: [{ target: "/x", host: "Here:1", minorVersion: 0 }],
    isReusable: false,
  },
  ...["localhost", "LOCALHOST:7411", "127.0.0.1", "a_b-c.d~%41:", "[::1]", "[fe80::1]:80", "x:0"]
    .map((host) => ({
      rule: "host",
      says: host,
      input: `GET / HTTP/1.1\r\nhOsT: ${host}\r\n\r\n`,
      requests: [{ host }],
    })),
  {
    rule: "host",
    says: "none is needed with HTTP/1.0",
    input: "GET / HTTP/1.0\r\n\r\n",
    requests: [{ host: undefined, minorVersion: 0 }],
    isReusable: false,
  },
  {
    rule: "no length",
    says: "no body, and what follows is the next request",
    input: `POST /1 HTTP/1.1\r\n${HOST}\r\n${get("/2")}`,
    requests: [{ method: "POST", framing: "none", body: "", trailers: [] }, { target: "/2" }],
  },
  {
    rule: "Content-Length",
    says: "digits, leading zeros too",
    input: post("Content-Length: 5\r\n", "hello") + post("content-length:\t002 \r\n", "hi"),
    requests: [{ framing: "length", body: "hello" }, { body: "hi", trailers: [] }],
  },
  {
    rule: "Content-Length",
    says: "0, on GET as well",
    input: `GET / HTTP/1.1\r\n${HOST}Content-Length: 0\r\n\r\n${get("/2")}`,
    requests: [{ framing: "length", body: "", trailers: [] }, { target: "/2" }],
  },
  {
    rule: "Transfer-Encoding",
    says: "chunked in any case, with extensions and trailers",
    input: post(
      "transfer-encoding: \tChunKed \r\n",
      '5;a;b=c;d="e\\"f"\r\nhello\r\n00A\r\n, world..!\r\n0;x\r\nT: 1\r\nU:\r\n\r\n',
    ),
    requests: [{
      framing: "chunked",
      body: "hello, world..!",
      trailers: [["t", "1"], ["u", ""]],
    }],
  },
  {
    rule: "Transfer-Encoding",
    says: "trailers that look like framing are trailers only",
    input: post("Transfer-Encoding: chunked\r\n", "0\r\nContent-Length: 5\r\nHost: x\r\n\r\n") +
      get("/2"),
    requests: [{ body: "", trailers: [["content-length", "5"], ["host", "x"]] }, { target: "/2" }],
  },
  {
    rule: "values",
    says: "are bytes, with blanks cut around them",
    input: `GET / HTTP/1.1\r\n${HOST}X: \t\x80 \t\xff \r\nEmpty:\r\n\r\n`,
    requests: [{ fields: [["host", "localhost"], ["x", "\x80 \t\xff"], ["empty", ""]] }],
  },
  ...[
    ["close", "Connection: close\r\n", false],
    ["close in a list, in any case", "Connection: x\r\nconnection: a, CLOSE ,b\r\n", false],
    ["close beside keep-alive", "Connection: keep-alive, close\r\n", false],
    ["a longer word", "Connection: closed, not-close\r\n", true],
  ].map(([says, lines, isReusable]) => ({
    rule: "persistence",
    says: `HTTP/1.1 with ${says}`,
    input: `GET / HTTP/1.1\r\n${HOST}${lines}\r\n`,
    requests: [{ minorVersion: 1 }],
    isReusable: Boolean(isReusable),
  })),
  ...[
    ["nothing", "", false],
    ["keep-alive", "Connection: Keep-Alive\r\n", true],
    ["keep-alive and close", "Connection: keep-alive\r\nConnection: close\r\n", false],
  ].map(([says, lines, isReusable]) => ({
    rule: "persistence",
    says: `HTTP/1.0 with ${says}`,
    input: `GET / HTTP/1.0\r\n${lines}\r\n`,
    requests: [{ minorVersion: 0 }],
    isReusable: Boolean(isReusable),
  })),
  {
    rule: "persistence",
    says: "what follows a request that said close is never read",
    input: `GET / HTTP/1.1\r\n${HOST}Connection: close\r\n\r\ngarbage\n`,
    requests: [{ trailers: [] }],
    isReusable: false,
    left: "garbage\n".length,
  },
  {
    rule: "Expect",
    says: "100-continue in any case with a body is told",
    input: post("Expect: 100-Continue\r\nContent-Length: 2\r\n", "hi"),
    requests: [{ expectsContinue: true, body: "hi" }],
  },
  ...["Expect: 100-continue\r\n", "Expect: 100-continue\r\nContent-Length: 0\r\n"].map((lines) => ({
    rule: "Expect",
    says: "means nothing without a body",
    input: post(lines, ""),
    requests: [{ expectsContinue: false }],
  })),
  ...["100-continue", "200-maybe"].map((expectation) => ({
    rule: "Expect",
    says: `${expectation} means nothing with HTTP/1.0`,
    input: `POST / HTTP/1.0\r\nExpect: ${expectation}\r\nContent-Length: 2\r\n\r\nhi`,
    requests: [{ expectsContinue: false, body: "hi" }],
    isReusable: false,
  })),
  {
    rule: "Upgrade",
    says: "is told as it came",
    input: `GET / HTTP/1.1\r\n${HOST}Upgrade: WebSocket, x/2\r\nConnection: a, Upgrade\r\n\r\n`,
    requests: [{ upgrade: "WebSocket, x/2" }],
  },
  ...[
    "Upgrade: websocket\r\n",
    "Connection: upgrade\r\n",
    "Connection: upgrade\r\nUpgrade: a\r\nUpgrade: b\r\n",
  ].map((lines) => ({
    rule: "Upgrade",
    says: `is not told for ${JSON.stringify(lines)}`,
    input: `GET / HTTP/1.1\r\n${HOST}${lines}\r\n`,
    requests: [{ upgrade: undefined }],
  })),
  {
    rule: "Upgrade",
    says: "means nothing with HTTP/1.0",
    input: "GET / HTTP/1.0\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n",
    requests: [{ upgrade: undefined }],
    isReusable: false,
  },
  {
    rule: "pipelining",
    says: "all kinds of bodies behind each other",
    input: post("Content-Length: 2\r\n", "hi") +
      post("Transfer-Encoding: chunked\r\n", "1\r\nx\r\n0\r\n\r\n") + get("/3"),
    requests: [{ body: "hi" }, { body: "x" }, { target: "/3", body: "" }],
  },
  {
    rule: "end of the connection",
    says: "between requests",
    input: get("/"),
    eof: true,
    requests: [{ trailers: [] }],
    isReusable: false,
  },
];

for (const row of ROWS) {
  Deno.test(`http1 accepts of clients, ${row.rule}: ${row.says}`, () => {
    const input = bytesOf(row.input);
    const whole = serve([input], row);
    assertEquals(whole.fault, undefined);
    assertEquals(whole.requests.length, row.requests.length);
    for (const [index, expected] of row.requests.entries()) {
      const { ...found } = whole.requests[index];
      assertEquals({ ...found, ...expected }, found);
    }
    assertEquals(whole.isReusable, row.isReusable ?? true);
    assertEquals(whole.bufferedBytes, row.left ?? 0);
    assertEquals(serve(bytewise(input), row), whole);
    for (const pieces of everySplit(input)) assertEquals(serve(pieces, row), whole);
  });
}
