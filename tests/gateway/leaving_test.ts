/** Clients that leave: whatever the moment, the engine's connection closes and the lease is back. */
import { assertEquals } from "@std/assert";
import { GatewayBench, get, ok, post, readRequest, send, untilClosed } from "./support/bench.ts";
import { ScriptedClient } from "./support/scripted_client.ts";

Deno.test("a client that leaves before the head: the engine sees its connection close", async () => {
  await using bench = new GatewayBench();
  const client = get("/upstream/e/");
  const forwarding = bench.forward(client);
  const conn = await bench.accept();
  await readRequest(conn);
  client.goes();
  assertEquals([await untilClosed(conn), await forwarding, bench.held], ["", "sent", 0]);
});

Deno.test("a client that leaves in the middle of an answer: the engine sees its connection close", async () => {
  await using bench = new GatewayBench();
  const client = get("/upstream/e/");
  const forwarding = bench.forward(client);
  const conn = await bench.accept();
  await readRequest(conn);
  await send(conn, "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: 1\n\n");
  await client.until("data: 1");
  client.goes();
  assertEquals([await untilClosed(conn), await forwarding, bench.held], ["", "sent", 0]);
});

Deno.test("a client that leaves in the middle of its body: the engine sees its connection close", async () => {
  await using bench = new GatewayBench();
  const client = new ScriptedClient(
    "POST /upstream/e/ HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nhalf",
  );
  const forwarding = bench.forward(client);
  const conn = await bench.accept();
  await readRequest(conn, "half");
  client.goes();
  assertEquals([await untilClosed(conn), await forwarding, bench.held], ["", "sent", 0]);
});

Deno.test("a client that breaks a rule in its body gets that error, and the engine no end of it", async () => {
  await using bench = new GatewayBench();
  const client = new ScriptedClient(
    "POST /upstream/e/ HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n",
  );
  const forwarding = bench.forward(client);
  const conn = await bench.accept();
  await readRequest(conn, "a\r\n");
  client.more("zz\r\n");
  assertEquals(await forwarding, "bad_request");
  assertEquals([await untilClosed(conn), bench.held], ["", 0]);
});

Deno.test("a client that leaves while it is held gives up its place", async () => {
  await using bench = new GatewayBench();
  bench.admit = ({ signal }) =>
    new Promise((_, reject) => {
      signal?.addEventListener("abort", () => reject(signal.reason), { once: true });
    });
  const client = post("x");
  const forwarding = bench.forward(client);
  client.goes();
  assertEquals([await forwarding, bench.held], ["sent", 0]);
});

Deno.test("a client that leaves as it is admitted has no part in the engine", async () => {
  await using bench = new GatewayBench();
  const admitted = Promise.withResolvers<void>();
  bench.admit = () => admitted.promise;
  const client = post("x");
  const forwarding = bench.forward(client);
  admitted.resolve();
  client.goes();
  assertEquals([await forwarding, bench.held], ["sent", 0]);
});

Deno.test("a request that is held goes out when the engine is ready", async () => {
  await using bench = new GatewayBench();
  const ready = Promise.withResolvers<void>();
  bench.admit = () => ready.promise;
  const client = post("x");
  const forwarding = bench.forward(client);
  await bench.clock.advance(9_000);
  ready.resolve();
  const conn = await bench.accept();
  await readRequest(conn, "\r\n\r\nx");
  await send(conn, ok("late"));
  assertEquals([await forwarding, client.outcome, bench.held], ["sent", "whole", 0]);
});

Deno.test("a client that goes in the middle of 200 requests leaves no descriptor behind", async () => {
  await using bench = new GatewayBench();
  const before = [...Deno.readDirSync("/proc/self/fd")].length;
  for (let round = 0; round < 200; round++) {
    const client = get("/upstream/e/");
    const forwarding = bench.forward(client);
    const conn = await bench.accept();
    await readRequest(conn);
    if (round % 2 === 0) await send(conn, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nx");
    client.goes();
    await untilClosed(conn);
    await forwarding;
    conn.close();
  }
  assertEquals([...Deno.readDirSync("/proc/self/fd")].length, before);
});
