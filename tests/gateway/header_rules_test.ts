/** What of a head goes on, what stays, what is added: RFC 9110 section 7.6 and contract section 5. */
import { assertEquals } from "@std/assert";
import type { Scheme } from "../../src/core/mod.ts";
import { settle } from "../support/fake_clock.ts";
import {
  BOOT,
  DATE,
  GatewayBench,
  get,
  ID_LINE,
  ok,
  readRequest,
  send,
  TRACE_LINES,
} from "./support/bench.ts";
import { ScriptedClient } from "./support/scripted_client.ts";

/** The lines of a head, start line and blank line left out. */
function lines(head: string): string[] {
  return head.split("\r\n\r\n")[0]?.split("\r\n").slice(1) ?? [];
}

/** What the engine gets of `fields`, without what is always added. */
async function sentOn(
  fields: string,
  address: string | null = null,
  scheme: Scheme = "http",
): Promise<string[]> {
  await using bench = new GatewayBench();
  const client = new ScriptedClient(
    `GET /upstream/e/ HTTP/1.1\r\nHost: h:1\r\n${fields}\r\n`,
    { address, scheme },
  );
  const forwarding = bench.forward(client);
  const conn = await bench.accept();
  const head = await readRequest(conn);
  await send(conn, ok(""));
  await forwarding;
  return lines(head).filter((line) =>
    line !== "Host: h:1" && line !== `Via: 1.1 ai-engine-${BOOT}` &&
    !TRACE_LINES.split("\r\n").includes(line)
  );
}

const REQUEST_RULES: readonly (readonly [rule: string, fields: string, goesOn: string[]])[] = [
  ["end-to-end fields go on as they came", "aB: c  d\r\nX:\r\n", ["aB: c  d", "X:"]],
  ["repeated fields keep their order", "A: 1\r\nB: 2\r\nA: 3\r\n", ["A: 1", "B: 2", "A: 3"]],
  ["bytes beyond ASCII go on", "X: \xff\xe9\r\n", ["X: \xff\xe9"]],
  [
    "Connection stays, and what it names",
    "Connection: x-a, X-B\r\nX-A: 1\r\nx-b: 2\r\nX-C: 3\r\n",
    [
      "X-C: 3",
    ],
  ],
  ["Connection in two lines", "Connection: x-a\r\nX-A: 1\r\nConnection: x-b\r\nX-B: 2\r\n", []],
  ["Connection: close is ours to decide", "Connection: close\r\n", []],
  ["Keep-Alive stays", "Connection: keep-alive\r\nKeep-Alive: timeout=5\r\n", []],
  ["Proxy-Connection stays", "Proxy-Connection: keep-alive\r\n", []],
  ["Proxy-Authorization stays", "Proxy-Authorization: Basic x\r\n", []],
  ["Authorization goes on", "Authorization: Bearer x\r\n", ["Authorization: Bearer x"]],
  ["an empty TE stays (golang/go#46313)", "TE:\r\n", []],
  ["TE other than trailers stays", "TE: gzip\r\nConnection: te\r\n", []],
  ["TE: trailers is said anew", "TE: gzip, trailers\r\nConnection: TE\r\n", [
    "TE: trailers",
    "Connection: te",
  ]],
  ["Trailer stays", "Trailer: X-Sum\r\n", []],
  ["an Upgrade that Connection does not name stays", "Upgrade: websocket\r\n", []],
  ["Upgrade is said anew", "Upgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n", [
    "Upgrade: websocket",
    "Connection: upgrade",
  ]],
  ["Accept-Encoding goes on", "Accept-Encoding: zstd, br\r\n", ["Accept-Encoding: zstd, br"]],
  ["another's Via goes on", "Via: 1.0 fred, 1.1 ai-engine-ffffffff\r\n", [
    "Via: 1.0 fred, 1.1 ai-engine-ffffffff",
  ]],
  [
    "on a Unix listener nobody says X-Forwarded-*",
    "X-Forwarded-For: 1.2.3.4\r\nX-Forwarded-Proto: https\r\nx-forwarded-host: evil\r\n",
    [],
  ],
  [
    "what says the same as X-Forwarded-* in another way stays",
    "Forwarded: for=1.2.3.4;proto=https\r\nX-Real-IP: 1.2.3.4\r\nx-forwarded-port: 443\r\n",
    [],
  ],
  [
    "what proxies say of themselves goes on",
    "X-Forwarded-Prefix: /ai\r\nX-Forwarded-Server: s\r\n",
    ["X-Forwarded-Prefix: /ai", "X-Forwarded-Server: s"],
  ],
];

for (const [rule, fields, goesOn] of REQUEST_RULES) {
  Deno.test(`request head: ${rule}`, async () => {
    assertEquals(await sentOn(fields), goesOn);
  });
}

Deno.test("request head: X-Forwarded-* of a client are replaced by what we know", async () => {
  const fields =
    "X-Forwarded-For: 1.2.3.4\r\nX-FORWARDED-PROTO: https\r\nX-Forwarded-Host: evil\r\n";
  assertEquals(await sentOn(fields, "::1"), [
    "X-Forwarded-For: ::1",
    "X-Forwarded-Proto: http",
    "X-Forwarded-Host: h:1",
  ]);
});

Deno.test("request head: who came by TLS is told so, also between others", async () => {
  for (const scheme of ["https", "http", "https"] as const) {
    assertEquals(await sentOn("", "::1", scheme), [
      "X-Forwarded-For: ::1",
      `X-Forwarded-Proto: ${scheme}`,
      "X-Forwarded-Host: h:1",
    ]);
  }
});

const KEPT = [
  "Host",
  "content-length",
  "Authorization",
  "COOKIE",
  "X-Forwarded-For",
  "x-forwarded-proto",
  "X-Forwarded-Host",
];
for (const name of KEPT) {
  Deno.test(`a Connection that names ${name} is refused with 400`, async () => {
    await using bench = new GatewayBench();
    const client = get("/upstream/e/", `Connection: close, ${name}\r\n`);
    assertEquals([await bench.forward(client), bench.wanted], ["bad_request", []]);
  });
}

Deno.test("a Connection of more names than can be meant is refused with 400", async () => {
  await using bench = new GatewayBench();
  const names = Array.from({ length: 33 }, (_, index) => `x${index}`).join(",");
  const client = get("/upstream/e/", `Connection: ${names}\r\n`);
  assertEquals([await bench.forward(client), bench.wanted], ["bad_request", []]);
});

for (
  const via of [
    `1.1 ai-engine-${BOOT}`,
    `1.0 fred, 1.1 ai-engine-${BOOT} (us)`,
    `1.1 a\r\nVia: HTTP/1.1 ai-engine-${BOOT},1.1 b`,
  ]
) {
  Deno.test(`a request that went through here before is a loop: Via: ${JSON.stringify(via)}`, async () => {
    await using bench = new GatewayBench();
    const client = get("/upstream/e/", `Via: ${via}\r\n`);
    assertEquals([await bench.forward(client), bench.wanted], ["loop_detected", []]);
  });
}

Deno.test("a request of HTTP/1.0 goes out as HTTP/1.1 with a Host", async () => {
  await using bench = new GatewayBench();
  const client = new ScriptedClient("GET /upstream/e/ HTTP/1.0\r\n\r\n");
  const forwarding = bench.forward(client);
  const conn = await bench.accept();
  const head = await readRequest(conn);
  assertEquals(head.startsWith("GET / HTTP/1.1\r\nHost: localhost\r\n"), true, head);
  await send(conn, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n");
  await forwarding;
  assertEquals(client.answer, `HTTP/1.1 200 OK\r\n${DATE}${ID_LINE}Connection: close\r\n\r\nhi`);
});

const TARGETS: readonly (readonly [target: string, rest: string])[] = [
  ["/upstream/e", "/"],
  ["/upstream/e/", "/"],
  ["/upstream/e?q", "/?q"],
  ["/upstream/e/?q=a/b?c", "/?q=a/b?c"],
  ["/upstream/e/../x", "/../x"],
  ["/upstream/e/%2e%2e/%2F", "/%2e%2e/%2F"],
  ["/upstream/e//x//", "//x//"],
  ["/upstream/e/./a;b=c", "/./a;b=c"],
  ["/upstream/e/upstream/f/", "/upstream/f/"],
  ["http://there/upstream/e/a", "/a"],
];
for (const [target, rest] of TARGETS) {
  Deno.test(`${target} is ${rest} for the engine e`, async () => {
    await using bench = new GatewayBench();
    const client = get(target);
    assertEquals(bench.gateway.isFor(client.request), true);
    const forwarding = bench.forward(client);
    const conn = await bench.accept();
    assertEquals((await readRequest(conn)).split(" HTTP/1.1")[0], `GET ${rest}`);
    await send(conn, ok(""));
    assertEquals([await forwarding, bench.wanted], ["sent", ["e"]]);
  });
}

Deno.test("what the name of an engine is, is not decoded", async () => {
  await using bench = new GatewayBench();
  bench.admit = () => Promise.reject(new Error("nobody is to be admitted here"));
  for (const [target, name] of [["/upstream/%65/x", "%65"], ["/upstream/../x", ".."]] as const) {
    await bench.forward(get(target)).catch(() => {});
    assertEquals(bench.wanted.pop(), name);
  }
  assertEquals(await bench.forward(get("/upstream//x")), "not_found");
  assertEquals(bench.gateway.isFor(get("/upstream").request), false);
  assertEquals(bench.gateway.isFor(get("/api/upstream/e").request), false);
});

/** What the client gets of an answer. */
async function answered(answer: string, request = get("/upstream/e/")): Promise<string> {
  await using bench = new GatewayBench();
  const forwarding = bench.forward(request);
  const conn = await bench.accept();
  await readRequest(conn);
  await send(conn, answer);
  conn.close();
  assertEquals(await forwarding, "sent");
  return request.answer;
}

const ANSWER_RULES: readonly (readonly [rule: string, fields: string, goesOn: string])[] = [
  [
    "Set-Cookie is never joined",
    "Set-Cookie: a=1\r\nSet-Cookie: b=2, c\r\n",
    "Set-Cookie: a=1\r\nSet-Cookie: b=2, c\r\n",
  ],
  ["Content-Encoding is left alone", "Content-Encoding: br\r\n", "Content-Encoding: br\r\n"],
  ["Location goes on as it came", "Location: http://x/../y\r\n", "Location: http://x/../y\r\n"],
  ["Connection and what it names stay", "Connection: x-a\r\nX-A: 1\r\n", ""],
  ["Connection: close is the engine's own", "Connection: close\r\n", ""],
  ["Keep-Alive stays", "Keep-Alive: timeout=5\r\n", ""],
  ["an Upgrade that is only offered stays", "Upgrade: h2c\r\nConnection: upgrade\r\n", ""],
  ["Server is the engine's", "Server: s\r\n", "Server: s\r\n"],
];
for (const [rule, fields, goesOn] of ANSWER_RULES) {
  Deno.test(`response head: ${rule}`, async () => {
    assertEquals(
      await answered(ok("x", fields)),
      `HTTP/1.1 200 OK\r\n${goesOn}${DATE}${ID_LINE}Content-Length: 1\r\n\r\nx`,
    );
  });
}

Deno.test("response head: Date is the engine's where it says one", async () => {
  assertEquals(
    await answered(ok("x", "dAte: d\r\n")),
    `HTTP/1.1 200 OK\r\ndAte: d\r\n${ID_LINE}Content-Length: 1\r\n\r\nx`,
  );
});

Deno.test("response head: else Date is when the answer came, and no 1xx has one", async () => {
  await using bench = new GatewayBench();
  const client = get("/upstream/e/");
  const forwarding = bench.forward(client);
  const conn = await bench.accept();
  await readRequest(conn);
  await send(conn, "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n");
  while (client.informed.length === 0) await settle();
  assertEquals(client.informed, ["HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"]);
  await bench.clock.advance(61_999);
  await send(conn, ok("x"));
  await forwarding;
  const date = "Wed, 01 Jan 2025 00:01:01 GMT";
  assertEquals(client.answer, ok("x").replace("Content", `Date: ${date}\r\n${ID_LINE}Content`));
});

const FRAMINGS: readonly (readonly [rule: string, method: string, answer: string, got: string])[] =
  [
    [
      "HEAD keeps the length",
      "HEAD",
      "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n",
      "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n",
    ],
    [
      "HEAD of unknown length says none",
      "HEAD",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
      "HTTP/1.1 200 OK\r\n\r\n",
    ],
    [
      "304 keeps the length",
      "GET",
      "HTTP/1.1 304 Not Modified\r\nETag: x\r\nContent-Length: 9\r\n\r\n",
      "HTTP/1.1 304 Not Modified\r\nETag: x\r\nContent-Length: 9\r\n\r\n",
    ],
    ["204 has none", "GET", "HTTP/1.1 204 N\r\n\r\n", "HTTP/1.1 204 No Content\r\n\r\n"],
    [
      "what the end ends is chunked",
      "GET",
      "HTTP/1.0 200 OK\r\n\r\nall",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nall\r\n0\r\n\r\n",
    ],
    [
      "equal lengths are said once",
      "GET",
      "HTTP/1.1 200 OK\r\nContent-Length: 2, 2\r\n\r\nhi",
      "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi",
    ],
    [
      "an error of the engine is the engine's",
      "GET",
      "HTTP/1.1 500 Oh\r\nContent-Length: 2\r\n\r\nno",
      "HTTP/1.1 500 Internal Server Error\r\nContent-Length: 2\r\n\r\nno",
    ],
  ];
/** What comes before the lines that are said anew, the last of a head. */
const FRAMING_LINES = /\r\n(?=Content-Length|Transfer-Encoding|\r\n)/;
for (const [rule, method, answer, got] of FRAMINGS) {
  Deno.test(`framing: ${rule}`, async () => {
    const request = new ScriptedClient(`${method} /upstream/e/ HTTP/1.1\r\nHost: h\r\n\r\n`);
    assertEquals(
      await answered(answer, request),
      got.replace(FRAMING_LINES, `\r\n${DATE}${ID_LINE}`),
    );
  });
}

Deno.test("TRACE and OPTIONS count their forwards down", async () => {
  await using bench = new GatewayBench();
  for (const method of ["TRACE", "OPTIONS"]) {
    const client = new ScriptedClient(
      `${method} /upstream/e/ HTTP/1.1\r\nHost: h\r\nMax-Forwards: 3\r\n\r\n`,
    );
    const forwarding = bench.forward(client);
    const conn = await bench.accept();
    assertEquals(lines(await readRequest(conn)).includes("Max-Forwards: 2"), true);
    await send(conn, ok("", "Connection: close\r\n"));
    await forwarding;
  }
});

Deno.test("at no forwards left TRACE shows what came, but no secrets, and OPTIONS is answered", async () => {
  await using bench = new GatewayBench();
  const head = "Host: h\r\nCookie: a\r\nAuthorization: b\r\nMax-Forwards: 0\r\n\r\n";
  const trace = new ScriptedClient(`TRACE /upstream/e/ HTTP/1.1\r\n${head}`);
  const options = new ScriptedClient(`OPTIONS /upstream/e/ HTTP/1.1\r\n${head}`);
  await bench.forward(trace);
  await bench.forward(options);
  const shown = "TRACE /upstream/e/ HTTP/1.1\r\nHost: h\r\nMax-Forwards: 0\r\n\r\n";
  assertEquals(
    trace.answer,
    `HTTP/1.1 200 OK\r\nContent-Type: message/http\r\n${DATE}Content-Length: ${shown.length}\r\n\r\n${shown}`,
  );
  assertEquals(options.answer, `HTTP/1.1 200 OK\r\n${DATE}Content-Length: 0\r\n\r\n`);
  assertEquals(bench.wanted, []);
});

Deno.test("GET with Max-Forwards: 0 goes on: it counts for TRACE and OPTIONS only", async () => {
  assertEquals(await sentOn("Max-Forwards: 0\r\n"), ["Max-Forwards: 0"]);
});
