/** Answers that only the end of their connection ends, of an engine that lives or has died. */
import { assertEquals } from "@std/assert";
import { GatewayBench, get, readRequest, send } from "./support/bench.ts";

for (
  const [process, hasCrashed, outcome] of [["lives", false, "whole"], [
    "died",
    true,
    "cut",
  ]] as const
) {
  Deno.test(`an answer without a length is ${outcome} when the connection ends and the process ${process}`, async () => {
    await using bench = new GatewayBench();
    const client = get("/upstream/e/");
    const forwarding = bench.forward(client);
    const conn = await bench.accept();
    await readRequest(conn);
    await send(conn, "HTTP/1.1 200 OK\r\n\r\npart");
    await client.until("part");
    bench.hasCrashed = hasCrashed;
    conn.close();
    assertEquals([await forwarding, client.outcome, bench.held], ["sent", outcome, 0]);
    assertEquals(client.answer.endsWith("0\r\n\r\n"), !hasCrashed);
  });
}

Deno.test("an answer that says its end itself is whole though the process has died", async () => {
  await using bench = new GatewayBench();
  bench.hasCrashed = true;
  const client = get("/upstream/e/");
  const forwarding = bench.forward(client);
  const conn = await bench.accept();
  await readRequest(conn);
  await send(conn, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nwhole");
  conn.close();
  assertEquals([await forwarding, client.outcome], ["sent", "whole"]);
});
