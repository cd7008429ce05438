/**
 * Requests that two readers could understand differently, between real sockets: the client is told so
 * and its connection ends, and the engine has seen nothing of them.
 */
import { assertEquals, assertMatch } from "@std/assert";
import { drain, get, House, ok, readTo, send, toBytes } from "./support/house.ts";

const HEAD = "POST /upstream/e/ HTTP/1.1\r\nHost: localhost\r\n";
const SECOND = "GET /upstream/e/smuggled HTTP/1.1\r\nHost: localhost\r\n\r\n";
const CHUNKED = "Transfer-Encoding: chunked\r\n";

/** What is wrong with a head, and behind it what would be a second request; 400 unless said. */
const HEADS: readonly (readonly [says: string, request: string, status?: number])[] = [
  ["both lengths", `${HEAD}Content-Length: 5\r\n${CHUNKED}\r\n0\r\n\r\n`],
  ["both lengths, the other way round", `${HEAD}${CHUNKED}Content-Length: 5\r\n\r\n0\r\n\r\n`],
  ["a list of codings", `${HEAD}Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n`],
  ["chunked twice", `${HEAD}${CHUNKED}${CHUNKED}\r\n0\r\n\r\n`],
  ["chunked in a list with nothing", `${HEAD}Transfer-Encoding: ,chunked\r\n\r\n0\r\n\r\n`],
  ["another coding", `${HEAD}Transfer-Encoding: identity\r\n\r\n`, 501],
  ["a coding with a byte behind it", `${HEAD}Transfer-Encoding: chunked\x0b\r\n\r\n0\r\n\r\n`],
  ["a quoted coding", `${HEAD}Transfer-Encoding: "chunked"\r\n\r\n0\r\n\r\n`, 501],
  ["chunked over HTTP/1.0", `${HEAD.replace("1.1", "1.0")}${CHUNKED}\r\n0\r\n\r\n`],
  ["a list of lengths", `${HEAD}Content-Length: 0, 0\r\n\r\n`],
  ["two lengths", `${HEAD}Content-Length: 0\r\nContent-Length: 44\r\n\r\n`],
  ["the same length twice", `${HEAD}Content-Length: 0\r\nContent-Length: 0\r\n\r\n`],
  ["a length with a sign", `${HEAD}Content-Length: +0\r\n\r\n`],
  ["a length in hexadecimal", `${HEAD}Content-Length: 0x0\r\n\r\n`],
  ["a length beyond all numbers", `${HEAD}Content-Length: 18446744073709551616\r\n\r\n`],
  ["an empty length", `${HEAD}Content-Length:\r\n\r\n`],
  ["a space before the colon", `${HEAD}Content-Length : 44\r\n\r\n`],
  ["a tab before the colon", `${HEAD}Transfer-Encoding\t: chunked\r\n\r\n0\r\n\r\n`],
  ["a fold", `${HEAD}X: a\r\n Content-Length: 44\r\n\r\n`],
  ["a space before the first field", "GET /upstream/e/ HTTP/1.1\r\n Host: localhost\r\n\r\n"],
  ["a bare LF at the end of a line", `${HEAD}X: a\nContent-Length: 44\r\n\r\n`],
  ["a bare LF at the end of the head", `${HEAD}X: a\r\n\n`],
  ["a bare CR in a value", `${HEAD}X: a\rContent-Length: 44\r\n\r\n`],
  ["a NUL in a value", `${HEAD}X: a\0b\r\n\r\n`],
  ["a NUL in a name", `${HEAD}X\0: a\r\n\r\n`],
  ["a name that is empty", `${HEAD}: a\r\n\r\n`],
  ["no Host", "GET /upstream/e/ HTTP/1.1\r\n\r\n"],
  ["an empty Host", "GET /upstream/e/ HTTP/1.1\r\nHost:\r\n\r\n"],
  ["two Hosts", `${HEAD}Host: localhost\r\n\r\n`],
  ["a Host with a path", "GET /upstream/e/ HTTP/1.1\r\nHost: localhost/x\r\n\r\n"],
  ["a Host with user info", "GET /upstream/e/ HTTP/1.1\r\nHost: me@localhost\r\n\r\n"],
  [
    "a target that names another host",
    "GET http://x/upstream/e/ HTTP/1.1\r\nHost: localhost\r\n\r\n",
  ],
  ["a byte above ASCII in the target", "GET /upstream/e/\xe9 HTTP/1.1\r\nHost: localhost\r\n\r\n"],
  ["a space in the target", "GET /upstream/e/ x HTTP/1.1\r\nHost: localhost\r\n\r\n"],
  ["a fragment in the target", "GET /upstream/e/#x HTTP/1.1\r\nHost: localhost\r\n\r\n"],
  ["two spaces in the request line", "GET  /upstream/e/ HTTP/1.1\r\nHost: localhost\r\n\r\n"],
  ["HTTP/0.9", "GET /upstream/e/\r\n\r\n"],
  ["HTTP/2.0", "GET /upstream/e/ HTTP/2.0\r\nHost: localhost\r\n\r\n", 505],
  ["CONNECT", "CONNECT localhost:1 HTTP/1.1\r\nHost: localhost:1\r\n\r\n", 501],
  ["a Connection that names Content-Length", `${HEAD}Connection: content-length, close\r\n\r\n`],
  ["100,000 bytes of a field", `${HEAD}X: ${"x".repeat(100_000)}\r\n\r\n`, 431],
  ["257 fields", `${HEAD}${"X: y\r\n".repeat(257)}\r\n`, 431],
];

for (const [says, request, status = 400] of HEADS) {
  Deno.test(`${says}: ${status}, the connection ends, and the engine has seen nothing`, async () => {
    await using house = new House();
    const bytes = toBytes(request + SECOND);
    const client = await house.connect();
    await send(client, bytes).catch(() => {});
    assertAnswered(await drain(client), status);
    assertEquals([house.dials, house.held, house.faults], [0, 0, []]);
  });
}

/** What is wrong with a body of which the head is right, and what of it may reach the engine. */
const BODIES: readonly (readonly [says: string, body: string, status?: number])[] = [
  ["a chunk size that overflows", "FFFFFFFFFFFFFFFFF\r\n"],
  ["a chunk size of 2^64", "10000000000000000\r\n"],
  ["a chunk size with a sign", "-1\r\n"],
  ["a chunk size with 0x", "0x5\r\nhello\r\n"],
  ["a chunk size with an underscore", "0_5\r\nhello\r\n"],
  ["a space behind the chunk size", "5 \r\nhello\r\n"],
  ["an empty chunk size", "\r\nhello\r\n"],
  ["a bare LF behind the chunk size", "5\nhello\r\n"],
  ["an extension without a name", "5;\r\nhello\r\n"],
  ["a bare LF in an extension", "5;a\nhello\r\n"],
  ["a bare CR in an extension", "5;a\rhello\r\n"],
  ["an extension of 5,000 bytes", `5;${"a".repeat(5_000)}\r\nhello\r\n`],
  ["a chunk that is longer than it says", "3\r\nhello\r\n0\r\n\r\n"],
  ["a chunk that is shorter than it says", "6\r\nhello\r\n0\r\n\r\n"],
  ["two other bytes behind a chunk", "5\r\nhelloxx0\r\n\r\n"],
  ["a chunk that ends with LF", "5\r\nhello\n0\r\n\r\n"],
  ["a trailer with a space before the colon", "0\r\nX : y\r\n\r\n"],
  ["a fold in the trailers", "0\r\nX: y\r\n z\r\n\r\n"],
  ["257 trailers", `0\r\n${"X: y\r\n".repeat(257)}\r\n`, 431],
];

for (const [says, body, status = 400] of BODIES) {
  Deno.test(`${says}: ${status}, the connection ends, and the engine is never told of an end`, async () => {
    await using house = new House();
    let seen = "";
    house.play = async (conn) => {
      seen += await readTo(conn, "\r\n\r\n");
      seen += await drain(conn);
    };
    const client = await house.connect(HEAD + CHUNKED + "\r\n");
    await house.until(() => house.dials === 1, "the engine is asked");
    await send(client, body + SECOND);
    assertAnswered(await drain(client), status);
    await house.until(() => house.open === 0, "the connection to the engine ended");
    assertEquals([seen.split(" HTTP/1.1").length, seen.includes("smuggled")], [2, false]);
    assertEquals(seen.includes("\r\n0\r\n"), false);
    assertEquals([house.dials, house.held, house.faults], [1, 0, []]);
  });
}

Deno.test("a body that is longer than announced: the rest is read as a request, and refused", async () => {
  await using house = new House();
  house.play = async (conn) => {
    await readTo(conn, "\r\n\r\nhe");
    await send(conn, ok("hello"));
    await drain(conn);
  };
  const answer = await house.ask(`${HEAD}Content-Length: 2\r\n\r\nhe(llo)${SECOND}`);
  const [, first, second] = /^(HTTP\/1\.1 200 [^]*?hello)(HTTP[^]*)$/.exec(answer) ?? [];
  assertEquals(first?.endsWith("hello"), true, answer);
  assertAnswered(second ?? "", 400);
  assertEquals(house.dials, 1);
});

Deno.test("a body that is shorter than announced never ends for the engine", async () => {
  await using house = new House();
  let seen = "";
  house.play = async (conn) => {
    seen += await readTo(conn, "half");
    seen += await drain(conn);
  };
  const client = await house.connect(`${HEAD}Content-Length: 8\r\n\r\nhalf`);
  await house.until(() => house.dials === 1, "the engine is asked");
  client.close();
  await house.until(() => house.open === 0, "the connection to the engine ended");
  assertEquals([seen.endsWith("half"), house.held], [true, 0]);
});

Deno.test("a request that comes back to where it came from is a loop: 508, once round", async () => {
  await using house = new House();
  house.play = async (conn) => {
    const head = await readTo(conn, "\r\n\r\n") ?? "";
    const via = /^via: .*$/im.exec(head)?.[0] ?? "";
    await send(conn, await house.ask(get("/upstream/e/", via, "Connection: close")));
  };
  assertMatch(await house.ask(get("/upstream/e/", "Connection: close")), /^HTTP\/1\.1 508 /);
  assertEquals(house.dials, 1);
});

/** One answer of `status`, which says that the connection ends. */
function assertAnswered(answer: string, status: number): void {
  assertMatch(answer, new RegExp(`^HTTP/1\\.1 ${status} `));
  assertMatch(answer, /\r\nConnection: close\r\n/);
  assertEquals(answer.split("HTTP/1.1 ").length, 2, "one answer");
}
