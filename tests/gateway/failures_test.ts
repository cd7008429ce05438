/** What of a request is told as a failure of its instance, and what is not. */
import { assertEquals } from "@std/assert";
import { GatewayBench, get, ok, readRequest, send } from "./support/bench.ts";

for (
  const [status, failures] of [
    [200, []],
    [404, []],
    [429, []],
    [500, []],
    [502, ["gateway"]],
    [503, []],
    [504, ["gateway"]],
  ] as const
) {
  Deno.test(`an answer of ${status} counts as ${failures[0] ?? "no"} failure`, async () => {
    await using bench = new GatewayBench();
    const forwarding = bench.forward(get("/upstream/e/"));
    const conn = await bench.accept();
    await readRequest(conn);
    await send(conn, `HTTP/1.1 ${status} S\r\nContent-Length: 0\r\n\r\n`);
    assertEquals([await forwarding, bench.failures], ["sent", [...failures]]);
  });
}

Deno.test("a connection that breaks counts as a local failure, before the head and behind it", async () => {
  await using bench = new GatewayBench();
  for (const sent of ["", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nwh"]) {
    const forwarding = bench.forward(get("/upstream/e/"));
    const conn = await bench.accept();
    await readRequest(conn);
    if (sent !== "") await send(conn, sent);
    conn.close();
    await forwarding;
  }
  assertEquals(bench.failures, ["local", "local"]);
});

Deno.test("a client that leaves is no failure, nor is a kept connection that was closed meanwhile", async () => {
  await using bench = new GatewayBench();
  const kept = await bench.warmUp();
  const client = get("/upstream/e/");
  const forwarding = bench.forward(client);
  await readRequest(kept);
  kept.close();
  const fresh = await bench.accept();
  await readRequest(fresh);
  await send(fresh, ok("x"));
  await forwarding;
  const leaver = get("/upstream/e/");
  const left = bench.forward(leaver);
  await readRequest(fresh);
  leaver.goes();
  await left;
  assertEquals(bench.failures, []);
});
