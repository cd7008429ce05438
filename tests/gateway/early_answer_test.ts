/** Answers that come before the request is whole, and `Expect: 100-continue`. */
import { assertEquals } from "@std/assert";
import { GatewayBench, ok, readRequest, send, untilClosed } from "./support/bench.ts";
import { ScriptedClient } from "./support/scripted_client.ts";
import { LATE_MS } from "../support/fake_clock.ts";

const TOO_LARGE = "HTTP/1.1 413 X\r\nConnection: close\r\nContent-Length: 3\r\n\r\nbig";

function upload(announced: number, sent: number, fields = ""): ScriptedClient {
  return new ScriptedClient(
    `POST /upstream/e/ HTTP/1.1\r\nHost: h\r\n${fields}Content-Length: ${announced}\r\n\r\n` +
      "x".repeat(sent),
  );
}

Deno.test("a 413 while the body is being sent reaches the client, which still sends", async () => {
  await using bench = new GatewayBench();
  const client = upload(1_000_000, 10);
  const forwarding = bench.forward(client);
  const conn = await bench.accept();
  await readRequest(conn);
  await send(conn, TOO_LARGE);
  assertEquals([await forwarding, client.outcome, bench.held], ["sent", "whole", 0]);
  assertEquals(client.answer.endsWith("\r\n\r\nbig"), true);
  // Half a request was sent: nothing else may follow it there.
  assertEquals((await untilClosed(conn)).includes("HTTP/1.1"), false);
});

Deno.test("100 answers by an engine that reads nothing and closes arrive whole", async () => {
  await using bench = new GatewayBench();
  for (let round = 0; round < 100; round++) {
    const client = upload(4_000_000, 600_000);
    const forwarding = bench.forward(client);
    const conn = await bench.accept();
    await conn.read(new Uint8Array(64));
    await send(conn, TOO_LARGE);
    conn.close();
    assertEquals([await forwarding, client.outcome, bench.held], ["sent", "whole", 0]);
    assertEquals(client.answer.endsWith("\r\n\r\nbig"), true);
  }
});

Deno.test("an engine that answers as it reads is heard while the body goes on", async () => {
  await using bench = new GatewayBench();
  const client = upload(4, 2);
  const forwarding = bench.forward(client);
  const conn = await bench.accept();
  await readRequest(conn, "\r\n\r\nxx");
  await send(conn, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nXX\r\n");
  await client.until("XX");
  client.more("y");
  await readRequest(conn, "y");
  await send(conn, "1\r\nY\r\n");
  await client.until("Y");
  client.more("z");
  await readRequest(conn, "z");
  await send(conn, "1\r\nZ\r\n0\r\n\r\n");
  assertEquals([await forwarding, client.outcome], ["sent", "whole"]);
});

Deno.test("Expect goes on, the engine's 100 comes back, and then the body", async () => {
  await using bench = new GatewayBench();
  const client = upload(4, 0, "Expect: 100-continue\r\n");
  const forwarding = bench.forward(client);
  const conn = await bench.accept();
  assertEquals((await readRequest(conn)).includes("Expect: 100-continue\r\n"), true);
  await send(conn, "HTTP/1.1 100 Continue\r\n\r\n");
  while (client.informed.length === 0) await bench.clock.advance(0);
  assertEquals(client.informed, ["HTTP/1.1 100 Continue\r\n\r\n"]);
  client.more("body");
  await readRequest(conn, "body");
  await send(conn, ok("x"));
  assertEquals([await forwarding, client.outcome], ["sent", "whole"]);
  await bench.clock.advance(LATE_MS);
  assertEquals(bench.clock.timers, 1, "but for that of the kept connection there is a timer");
});

Deno.test("an engine that refuses an Expect at once has never asked for the body", async () => {
  await using bench = new GatewayBench();
  const client = upload(4, 0, "Expect: 100-continue\r\n");
  const forwarding = bench.forward(client);
  const conn = await bench.accept();
  await readRequest(conn);
  await send(conn, TOO_LARGE);
  assertEquals([await forwarding, client.outcome, client.asks], ["sent", "whole", 0]);
});

Deno.test("an engine that does not know Expect gets the body after a second", async () => {
  await using bench = new GatewayBench();
  const client = upload(4, 0, "Expect: 100-continue\r\n");
  const forwarding = bench.forward(client);
  const conn = await bench.accept();
  await readRequest(conn);
  await bench.clock.advance(999);
  assertEquals(client.asks, 0);
  await bench.clock.advance(1);
  assertEquals(client.asks, 1);
  client.more("body");
  await readRequest(conn, "body");
  await send(conn, ok("x"));
  assertEquals([await forwarding, client.outcome], ["sent", "whole"]);
});
