/** `Upgrade`: any protocol, as bytes. */
import { assertEquals } from "@std/assert";
import { GatewayBench, readRequest, send, untilClosed } from "./support/bench.ts";
import { ScriptedClient } from "./support/scripted_client.ts";

const SWITCH = "HTTP/1.1 101 S\r\nUpgrade: Own/2\r\nConnection: Upgrade\r\nX-A: 1\r\n\r\n";

function upgrade(rest = ""): ScriptedClient {
  return new ScriptedClient(
    "GET /upstream/e/ HTTP/1.1\r\nHost: h\r\nConnection: upgrade\r\nUpgrade: own/2, ws\r\n\r\n" +
      rest,
  );
}

async function open(bench: GatewayBench) {
  const client = upgrade("first");
  const forwarding = bench.forward(client);
  const conn = await bench.accept();
  await readRequest(conn);
  await send(conn, SWITCH + "hello");
  await readRequest(conn, "first");
  return { client, forwarding, conn };
}

async function until(bench: GatewayBench, isSo: () => boolean): Promise<void> {
  while (!isSo()) await bench.clock.advance(0);
}

Deno.test("a tunnel carries bytes both ways, those that came early first", async () => {
  await using bench = new GatewayBench();
  const { client, forwarding, conn } = await open(bench);
  assertEquals(
    client.answer,
    "HTTP/1.1 101 Switching Protocols\r\nX-A: 1\r\nUpgrade: Own/2\r\nConnection: upgrade\r\n\r\n",
  );
  client.stream.send("\0\xff ping");
  await readRequest(conn, "ping");
  await send(conn, "pong");
  await until(bench, () => client.stream.writtenText === "hellopong");
  assertEquals([client.outcome, bench.held], ["taken", 1]);
  conn.close();
  assertEquals([await forwarding, client.stream.isClosed, bench.held], ["sent", true, 0]);
  assertEquals(bench.clock.timers, 0);
});

Deno.test("a client that ends its tunnel ends the engine's side", async () => {
  await using bench = new GatewayBench();
  const { client, forwarding, conn } = await open(bench);
  client.stream.send("last");
  client.stream.end();
  await readRequest(conn, "last");
  assertEquals([await untilClosed(conn), await forwarding, bench.held], ["", "sent", 0]);
});

Deno.test("a tunnel holds its engine while bytes moved within 10 minutes, and again when they move", async () => {
  await using bench = new GatewayBench();
  const { client, forwarding, conn } = await open(bench);
  await bench.clock.advance(599_000);
  await send(conn, "still");
  await until(bench, () => client.stream.writtenText.endsWith("still"));
  await bench.clock.advance(599_000);
  assertEquals(bench.held, 1);
  await bench.clock.advance(1_000);
  assertEquals(bench.held, 0);
  await send(conn, "again");
  await until(bench, () => client.stream.writtenText.endsWith("again"));
  assertEquals(bench.held, 1);
  await bench.clock.advance(600_000);
  assertEquals(bench.held, 0);
  conn.close();
  assertEquals([await forwarding, bench.held], ["sent", 0]);
});

Deno.test("a quiet tunnel takes no lease of another process", async () => {
  await using bench = new GatewayBench();
  const { client, forwarding, conn } = await open(bench);
  await bench.clock.advance(600_000);
  bench.generation = 2;
  await send(conn, "ghost");
  await until(bench, () => client.stream.writtenText.endsWith("ghost"));
  assertEquals(bench.held, 0);
  conn.close();
  await forwarding;
});

Deno.test("an engine that declines an upgrade answers as ever, and its connection is kept", async () => {
  await using bench = new GatewayBench();
  const client = upgrade();
  const forwarding = bench.forward(client);
  const conn = await bench.accept();
  await readRequest(conn);
  await send(conn, "HTTP/1.1 426 U\r\nContent-Length: 2\r\n\r\nno");
  assertEquals([await forwarding, client.outcome, bench.held], ["sent", "whole", 0]);
  const next = upgrade();
  const second = bench.forward(next);
  await readRequest(conn);
  await send(conn, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
  assertEquals([await second, next.outcome], ["sent", "whole"]);
});

Deno.test("an engine that changes to what was not offered is upstream_failed", async () => {
  await using bench = new GatewayBench();
  const client = upgrade();
  const forwarding = bench.forward(client);
  const conn = await bench.accept();
  await readRequest(conn);
  await send(conn, "HTTP/1.1 101 S\r\nUpgrade: h2c\r\nConnection: upgrade\r\n\r\n");
  assertEquals([await forwarding, client.sends, bench.held], ["upstream_failed", [], 0]);
  assertEquals(await untilClosed(conn), "");
});

Deno.test("a client that is gone before its tunnel opens closes the engine's side", async () => {
  await using bench = new GatewayBench();
  const client = upgrade();
  const forwarding = bench.forward(client);
  const conn = await bench.accept();
  await readRequest(conn);
  client.goes();
  assertEquals([await untilClosed(conn), await forwarding, bench.held], ["", "sent", 0]);
});
