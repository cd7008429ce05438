/** What a request says of its place in the line and of the time after it, in headers of ours. */
import { assertEquals, assertMatch } from "@std/assert";
import { GatewayBench, get, ok, readRequest, send } from "./support/bench.ts";
import type { ScriptedClient } from "./support/scripted_client.ts";

/** What the engine gets, and what the supervisor was told. */
async function forwarded(client: ScriptedClient) {
  await using bench = new GatewayBench();
  const forwarding = bench.forward(client);
  const conn = await bench.accept();
  const head = await readRequest(conn);
  await send(conn, ok(""));
  await forwarding;
  return { head, priorities: bench.priorities, keptAlive: bench.keptAlive };
}

Deno.test("a priority and a time to stay are told to the supervisor, and not to the engine", async () => {
  const fields = "AI-Engine-Priority: -12\r\nX-Mine: 1\r\nai-engine-keep-alive: 90\r\n";
  const { head, priorities, keptAlive } = await forwarded(get("/upstream/e/", fields));
  assertEquals([priorities, keptAlive], [[-12], [90_000]]);
  assertMatch(head, /x-mine: 1/i);
  assertEquals(/ai-engine/i.test(head.replace(/^via:.*$/im, "")), false, head);
});

Deno.test("a time to stay is 0 for none, -1 for ever, and nothing where it is not said", async () => {
  for (const [said, ms] of [["0", [0]], ["-1", [-1]], [null, []]] as const) {
    const fields = said === null ? "" : `AI-Engine-Keep-Alive: ${said}\r\n`;
    const { priorities, keptAlive } = await forwarded(get("/upstream/e/", fields));
    assertEquals([priorities, keptAlive], [[undefined], [...ms]]);
  }
});

const BAD: readonly string[] = [
  ...["high", "1.5", "", "1 2", "1e3", "9".repeat(10)].map((value) =>
    `AI-Engine-Priority: ${value}`
  ),
  ...["5m", "-2", "1.5", "", "+1", "9".repeat(10)].map((value) => `AI-Engine-Keep-Alive: ${value}`),
  "AI-Engine-Priority: 1\r\nAI-Engine-Priority: 1",
  "AI-Engine-Keep-Alive: 1\r\nAI-Engine-Keep-Alive: 2",
];

for (const fields of BAD) {
  Deno.test(`refused before the engine is asked: ${JSON.stringify(fields)}`, async () => {
    await using bench = new GatewayBench();
    assertEquals(await bench.forward(get("/upstream/e/", `${fields}\r\n`)), "bad_request");
    assertEquals(bench.wanted, []);
  });
}
