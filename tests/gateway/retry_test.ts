/** When a request is sent a second time, and when never: study section 3.3, RFC 9110 section 9.2.2. */
import { assertEquals } from "@std/assert";
import type { ByteStream } from "../../src/core/mod.ts";
import { createGateway } from "../../src/gateway/mod.ts";
import { UnixClient } from "../../src/pool/mod.ts";
import { FakeClock, settle } from "../support/fake_clock.ts";
import { ScriptedNet } from "../support/scripted_net.ts";
import { ScriptedStream } from "../support/scripted_stream.ts";
import { BOOT, GatewayBench, get, ok, post, readRequest, send } from "./support/bench.ts";
import { ScriptedClient } from "./support/scripted_client.ts";

const request = (method: string, rest = "\r\n") =>
  new ScriptedClient(`${method} /upstream/e/ HTTP/1.1\r\nHost: h\r\n${rest}`);

for (const method of ["GET", "HEAD", "OPTIONS", "TRACE"]) {
  Deno.test(`a ${method} that meets a dying kept connection is sent again, once, on a new one`, async () => {
    await using bench = new GatewayBench();
    const kept = await bench.warmUp();
    const client = request(method);
    const forwarding = bench.forward(client);
    await readRequest(kept);
    kept.close();
    const fresh = await bench.accept();
    await readRequest(fresh);
    await send(fresh, "HTTP/1.1 204 N\r\n\r\n");
    assertEquals([await forwarding, client.outcome, bench.held], ["sent", "whole", 0]);
  });
}

Deno.test("a GET with a body at hand is sent again with it", async () => {
  await using bench = new GatewayBench();
  const kept = await bench.warmUp();
  const client = request("GET", "Content-Length: 4\r\n\r\nbody");
  const forwarding = bench.forward(client);
  const one = await readRequest(kept, "body");
  kept.close();
  const fresh = await bench.accept();
  assertEquals(await readRequest(fresh, "body"), one);
  await send(fresh, ok("x"));
  assertEquals([await forwarding, client.outcome], ["sent", "whole"]);
});

Deno.test("a GET that breaks on a new connection is not sent again", async () => {
  await using bench = new GatewayBench();
  const forwarding = bench.forward(get("/upstream/e/"));
  const conn = await bench.accept();
  await readRequest(conn);
  conn.close();
  assertEquals([await forwarding, bench.held], ["upstream_failed", 0]);
});

Deno.test("a GET is sent twice at most", async () => {
  await using bench = new GatewayBench();
  const kept = await bench.warmUp();
  const forwarding = bench.forward(get("/upstream/e/"));
  await readRequest(kept);
  kept.close();
  const fresh = await bench.accept();
  await readRequest(fresh);
  fresh.close();
  assertEquals([await forwarding, bench.held], ["upstream_failed", 0]);
});

Deno.test("a GET of which a byte of the answer came is not sent again", async () => {
  await using bench = new GatewayBench();
  const kept = await bench.warmUp();
  const forwarding = bench.forward(get("/upstream/e/"));
  await readRequest(kept);
  await send(kept, "H");
  kept.close();
  assertEquals(await forwarding, "upstream_failed");
});

for (const method of ["POST", "PATCH", "PUT", "DELETE", "LOCK"]) {
  Deno.test(`a ${method} of which a byte was sent is not sent again`, async () => {
    await using bench = new GatewayBench();
    const kept = await bench.warmUp();
    const forwarding = bench.forward(request(method, "Content-Length: 1\r\n\r\nx"));
    await readRequest(kept);
    kept.close();
    assertEquals([await forwarding, bench.held], ["upstream_failed", 0]);
  });
}

Deno.test("a GET of which the body was still to come is not sent again", async () => {
  await using bench = new GatewayBench();
  const kept = await bench.warmUp();
  const client = request("GET", "Content-Length: 4\r\n\r\nbo");
  const forwarding = bench.forward(client);
  await readRequest(kept, "bo");
  client.more("dy");
  await readRequest(kept, "dy");
  kept.close();
  assertEquals(await forwarding, "upstream_failed");
});

/** A gateway whose first connection has served and takes no byte of the next request. */
async function stale(...after: ByteStream[]) {
  const first = new ScriptedStream();
  const clock = new FakeClock();
  const net = new ScriptedNet(first, ...after);
  const pool = new UnixClient({ path: "/e.sock", net, clock });
  const hasCrashed = () => Promise.resolve(false);
  const ends = { release: () => {}, failed: () => {}, keepAlive: () => {} };
  const lease = { pool, generation: 1, ...ends, hasCrashed };
  const explainBreak = (broke: never) => Promise.resolve(broke);
  const supervisor = { lease: () => ({ ...lease, explainBreak }) };
  const gateway = createGateway({ supervisor, boot: BOOT, clock });
  first.send("HTTP/1.1 204 N\r\n\r\n");
  await gateway.forward(get("/upstream/e/"));
  first.breakWrites(new Error("broken pipe"));
  return { gateway, pool, net, first };
}

Deno.test("a POST of which not a byte was taken goes out on a new connection", async () => {
  const fresh = new ScriptedStream();
  const { gateway, pool, net, first } = await stale(fresh);
  const client = post("body");
  fresh.send(ok("x"));
  await gateway.forward(client);
  assertEquals([client.outcome, net.dials, first.isClosed], ["whole", 2, true]);
  assertEquals(fresh.writtenText.endsWith("\r\n\r\nbody"), true);
  pool.close();
});

Deno.test("a POST with more to come, of which not a byte was taken, goes out whole", async () => {
  const fresh = new ScriptedStream();
  const { gateway, pool } = await stale(fresh);
  const client = request("POST", "Content-Length: 6\r\n\r\nabc");
  const forwarding = gateway.forward(client);
  await settle();
  client.more("def");
  await settle();
  fresh.send(ok("x"));
  await forwarding;
  assertEquals([client.outcome, fresh.writtenText.endsWith("\r\n\r\nabcdef")], ["whole", true]);
  pool.close();
});
