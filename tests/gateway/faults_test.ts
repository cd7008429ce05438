/** Engines that break off, say what they must not, or say it when they must not. */
import { assertEquals } from "@std/assert";
import { LifecycleError } from "../../src/core/mod.ts";
import { GatewayBench, get, ok, post, readRequest, send, untilClosed } from "./support/bench.ts";
import { ScriptedClient } from "./support/scripted_client.ts";
import { LATE_MS } from "../support/fake_clock.ts";

const SIZED = "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nabcdef";
const CHUNKED = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" +
  "3;x=y\r\nabc\r\n2\r\nde\r\n0\r\nX-T: 1\r\n\r\n";
const INFORMED = "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + SIZED;

/** Nothing of what the client holds may pass for a whole answer. */
function assertBroken(client: ScriptedClient, outcome: string): void {
  if (outcome === "upstream_failed") return assertEquals(client.sends, []);
  assertEquals([outcome, client.outcome], ["sent", "cut"]);
  assertEquals(client.answer.includes("\r\n0\r\n"), false, client.answer);
}

for (const answer of [SIZED, CHUNKED, INFORMED]) {
  const name = answer === SIZED ? "sized" : answer === CHUNKED ? "chunked" : "informed";
  Deno.test(`a ${name} answer that breaks off at any byte is an error or a visible cut`, async () => {
    await using bench = new GatewayBench();
    for (let end = 0; end < answer.length; end++) {
      for (const method of ["GET", "POST"]) {
        const client = method === "GET" ? get("/upstream/e/") : post("x");
        const forwarding = bench.forward(client);
        const conn = await bench.accept();
        await readRequest(conn);
        await send(conn, answer.slice(0, end));
        conn.close();
        assertBroken(client, await forwarding);
        assertEquals([bench.held, bench.wanted.length], [0, 1], `${method} at ${end}`);
        bench.wanted.length = 0;
      }
    }
  });

  Deno.test(`a ${name} answer reset at any byte is an error or a visible cut`, async () => {
    await using bench = new GatewayBench();
    for (let end = 0; end < answer.length; end++) {
      const client = post("x".repeat(1000));
      const forwarding = bench.forward(client);
      const conn = await bench.accept();
      // What stays unread makes the close a reset.
      await conn.read(new Uint8Array(10));
      await send(conn, answer.slice(0, end));
      conn.close();
      assertBroken(client, await forwarding);
      assertEquals(bench.held, 0);
    }
  });

  Deno.test(`a ${name} answer that comes in two reads at any byte is whole`, async () => {
    await using bench = new GatewayBench();
    const conn = await bench.warmUp();
    const bodies = new Set<string>();
    for (let end = 1; end < answer.length; end++) {
      const client = get("/upstream/e/");
      const forwarding = bench.forward(client);
      await readRequest(conn);
      await send(conn, answer.slice(0, end));
      await bench.clock.advance(1);
      await send(conn, answer.slice(end));
      assertEquals([await forwarding, client.outcome, bench.held], ["sent", "whole", 0]);
      bodies.add(client.answer.replaceAll(/\r\n[0-9a-f]\r\n/g, "").replaceAll("\r\n", ""));
      assertEquals(client.informed.length, answer === INFORMED ? 1 : 0);
    }
    // All on one connection: another would wait for an accept for ever.
    assertEquals(bodies.size <= 4, true, [...bodies].join(" | "));
  });
}

Deno.test("an engine that dies in the middle of a chunked stream leaves no last chunk", async () => {
  await using bench = new GatewayBench();
  const client = get("/upstream/e/");
  const forwarding = bench.forward(client);
  const conn = await bench.accept();
  await readRequest(conn);
  await send(conn, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n");
  await client.until("hello");
  conn.close();
  assertEquals([await forwarding, client.outcome, bench.held], ["sent", "cut", 0]);
  assertEquals(client.answer.endsWith("5\r\nhello\r\n"), true);
});

const GARBAGE: readonly (readonly [what: string, answer: string])[] = [
  ["that is no HTTP", "hello there\r\n\r\n"],
  ["with a status of 600", "HTTP/1.1 600 X\r\nContent-Length: 0\r\n\r\n"],
  ["with two lengths", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab"],
  [
    "with length and coding",
    "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
  ],
  [
    "that changes the protocol unasked",
    "HTTP/1.1 101 S\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n",
  ],
  ["with a fold", "HTTP/1.1 200 OK\r\nA: b\r\n c\r\nContent-Length: 0\r\n\r\n"],
  ["with a bad chunk at once", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"],
  ["with six answers before the answer", "HTTP/1.1 102 P\r\n\r\n".repeat(6) + SIZED],
  ["whose Connection names too much", ok("", `Connection: ${"a,".repeat(40)}b\r\n`)],
];
for (const [what, answer] of GARBAGE) {
  Deno.test(`an answer ${what} is upstream_failed, and its connection is closed`, async () => {
    await using bench = new GatewayBench();
    const client = post("x");
    const forwarding = bench.forward(client);
    const conn = await bench.accept();
    await readRequest(conn);
    await send(conn, answer);
    assertEquals([await forwarding, client.sends, bench.held], ["upstream_failed", [], 0]);
    assertEquals(await untilClosed(conn), "");
  });
}

Deno.test("of two answers the first is taken, and the connection carries no other request", async () => {
  await using bench = new GatewayBench();
  const one = get("/upstream/e/");
  const forwarding = bench.forward(one);
  const conn = await bench.accept();
  await readRequest(conn);
  await send(conn, ok("one") + ok("poison"));
  assertEquals([await forwarding, one.answer.endsWith("one")], ["sent", true]);
  assertEquals(await untilClosed(conn), "");
  const two = get("/upstream/e/");
  const next = bench.forward(two);
  const fresh = await bench.accept();
  await readRequest(fresh);
  await send(fresh, ok("two"));
  assertEquals([await next, two.answer.endsWith("two")], ["sent", true]);
});

Deno.test("an answer that comes before the next request retires the connection", async () => {
  await using bench = new GatewayBench();
  const kept = await bench.warmUp();
  await send(kept, ok("poison"));
  assertEquals(await untilClosed(kept), "");
  const client = get("/upstream/e/");
  const forwarding = bench.forward(client);
  const conn = await bench.accept();
  await readRequest(conn);
  await send(conn, ok("mine"));
  assertEquals([await forwarding, client.answer.endsWith("mine")], ["sent", true]);
});

Deno.test("an answer before the first request of a connection is taken once, not twice", async () => {
  await using bench = new GatewayBench();
  const client = get("/upstream/e/");
  const forwarding = bench.forward(client);
  const conn = await bench.accept();
  await send(conn, ok("early"));
  assertEquals([await forwarding, client.outcome], ["sent", "whole"]);
  await send(conn, ok("late"));
  // The request, and then the end: nothing else came on it.
  assertEquals((await untilClosed(conn)).split("GET ").length, 2);
});

Deno.test("an engine whose process has died is told by its end, not by the connection", async () => {
  await using bench = new GatewayBench();
  bench.explain = () => new LifecycleError("crashed", { detail: "It died.", remedy: "None." });
  const client = post("x");
  const forwarding = bench.forward(client);
  const conn = await bench.accept();
  await readRequest(conn);
  conn.close();
  assertEquals([await forwarding, bench.held], ["crashed", 0]);
});

Deno.test("an engine that never answers meets the limit of the head: 504", async () => {
  await using bench = new GatewayBench();
  const client = get("/upstream/e/");
  const forwarding = bench.forward(client);
  const conn = await bench.accept();
  await readRequest(conn);
  await bench.clock.advance(599_999);
  assertEquals(client.outcome, "open");
  await bench.clock.advance(LATE_MS);
  assertEquals([await forwarding, client.sends, bench.held], ["upstream_timeout", [], 0]);
  assertEquals(await untilClosed(conn), "");
});

Deno.test("an engine that falls silent in its answer is cut after the limit", async () => {
  await using bench = new GatewayBench();
  const client = get("/upstream/e/");
  const forwarding = bench.forward(client);
  const conn = await bench.accept();
  await readRequest(conn);
  await send(conn, SIZED.slice(0, -1));
  await client.until("abcde");
  await bench.clock.advance(600_000 + LATE_MS);
  assertEquals([await forwarding, client.outcome, bench.held], ["sent", "cut", 0]);
});

Deno.test("no limit runs while the client does not read", async () => {
  await using bench = new GatewayBench();
  const client = get("/upstream/e/");
  const { promise, resolve } = Promise.withResolvers<void>();
  client.stuck = promise;
  const forwarding = bench.forward(client);
  const conn = await bench.accept();
  await readRequest(conn);
  await send(conn, SIZED);
  while (!client.isSending) await bench.clock.advance(0);
  await bench.clock.advance(3_600_000);
  resolve();
  assertEquals([await forwarding, client.outcome], ["sent", "whole"]);
});

Deno.test("a socket nobody listens on is upstream_failed", async () => {
  const bench = new GatewayBench();
  await bench[Symbol.asyncDispose]();
  assertEquals([await bench.forward(get("/upstream/e/")), bench.held], ["upstream_failed", 0]);
});
