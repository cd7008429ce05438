/** Answers that break off at every byte, between real sockets: what the client is left with. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { get, House, ok, postHead, send } from "./support/house.ts";
import { readTo } from "./support/house.ts";

const SIZED = ok("abcdefgh");
const CHUNKED = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" +
  "3\r\nabc\r\n5;x=y\r\ndefgh\r\n0\r\nX-Sum: 1\r\n\r\n";

/** Whether a reader that keeps to HTTP takes `answer` for whole. */
function isWhole(answer: string): boolean {
  const headEnd = answer.indexOf("\r\n\r\n") + 4;
  if (headEnd < 4) return false;
  const length = /^content-length: (\d+)$/im.exec(answer.slice(0, headEnd))?.[1];
  if (length !== undefined) return answer.length - headEnd === Number(length);
  return /\r\n0\r\n(?:[^\r\n]+\r\n)*\r\n$/.test(answer);
}

for (const [framing, bytes] of [["sized", SIZED], ["chunked", CHUNKED]] as const) {
  for (const way of ["ends", "is reset"] as const) {
    Deno.test(`a ${framing} answer that ${way} after any byte is an error or a visible cut, never whole`, async () => {
      await using house = new House();
      for (let length = 0; length < bytes.length; length++) {
        house.play = async (conn) => {
          // With something of the request unread, a close is a reset.
          if (way === "ends") await readTo(conn, "\r\n\r\nbody");
          else await conn.read(new Uint8Array(8));
          await send(conn, bytes.slice(0, length));
        };
        const answer = await house.ask(
          postHead("/upstream/e/", 4, "Connection: close") + "body",
        );
        const where = `after ${length} bytes: ${JSON.stringify(answer)}`;
        if (length < bytes.indexOf("\r\n\r\n") + 4) assertMatch(answer, /^HTTP\/1\.1 502 /, where);
        else if (answer.startsWith("HTTP/1.1 200 ")) assert(!isWhole(answer), where);
        // A reset takes back what was not read yet, the head too.
        else assertMatch(answer, /^HTTP\/1\.1 502 /, where);
      }
      assertEquals([house.held, house.faults], [0, []]);
    });
  }
}

Deno.test("a client that would keep its connection sees it end with an answer that was cut", async () => {
  await using house = new House();
  house.play = async (conn) => {
    await readTo(conn, "\r\n\r\n");
    await send(conn, CHUNKED.slice(0, CHUNKED.indexOf("defgh")));
  };
  const answer = await house.ask(get("/upstream/e/") + get("/upstream/e/"));
  assertMatch(answer, /\r\n\r\n3\r\nabc\r\n$/);
});

Deno.test("a request that comes in any two pieces is the same for the engine", async () => {
  await using house = new House();
  const request = "POST /upstream/e/../a?b HTTP/1.1\r\nHost: localhost\r\nX: y\r\n" +
    "Transfer-Encoding: chunked\r\n\r\n3;a=b\r\nabc\r\n2\r\nde\r\n0\r\nT: u\r\n\r\n";
  const seen = new Set<string>();
  house.play = async (conn) => {
    for (;;) {
      const text = await readTo(conn, "\r\n\r\n");
      if (text === null) return;
      let body = text.slice(text.indexOf("\r\n\r\n") + 4);
      while (!body.endsWith("0\r\nT: u\r\n\r\n")) body += await readTo(conn, "\r\n");
      // However it is chunked, the body is the same.
      const data = body.slice(0, body.indexOf("0\r\nT")).replace(/[0-9a-f]+\r\n(\w+)\r\n/g, "$1");
      // Each has a name of its own.
      const head = text.slice(0, text.indexOf("\r\n\r\n"))
        .replace(/(traceparent|X-Request-Id): .*\r\n/g, "");
      seen.add(head + "|" + data);
      await send(conn, ok("x"));
    }
  };
  const client = await house.connect();
  client.setNoDelay(true);
  for (let at = 1; at < request.length; at++) {
    await send(client, request.slice(0, at));
    await new Promise((resolve) => setTimeout(resolve, 1));
    await send(client, request.slice(at));
    await readTo(client, "\r\n\r\nx");
  }
  const [only, ...others] = seen;
  assertEquals(others, []);
  assertMatch(only ?? "", /^POST \/\.\.\/a\?b HTTP\/1\.1\r\n[^]*\|abcde$/);
  assertEquals(house.dials, 1);
});
