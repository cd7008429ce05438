/** Requests to engines that do not run yet, through the whole program. */
import { assertEquals, assertMatch } from "@std/assert";
import { eventually, type RunningProgram } from "../support/program.ts";
import { EventStream } from "./support/event_stream.ts";
import { openGate, programTest, scripted, sendInput, viewOf } from "./support/harness.ts";
import { chat, v1Test } from "./support/v1.ts";

const ONE = `
engines:
  one: {command: ["\${speaks}"]}
`;

const AT_ONCE = 100;

/** The status of one request of each way to an engine. */
const WAYS: readonly (readonly [string, (program: RunningProgram) => Promise<number>])[] = [
  ["/upstream", async (program) => (await program.json("/upstream/one/health")).status],
  ["/v1", async (program) => (await chat(program, "one")).status],
];

for (const [way, ask] of WAYS) {
  v1Test(
    `${AT_ONCE} first requests at once through ${way}: ${AT_ONCE} answers, one start`,
    ONE,
    async (program) => {
      const answers = await Promise.all(Array.from({ length: AT_ONCE }, () => ask(program)));
      assertEquals(answers, Array.from({ length: AT_ONCE }, () => 200));
      const { restarts, state } = await viewOf(program, "one");
      assertEquals([state, restarts], ["ready", 0]);
    },
  );
}

programTest(
  "clients that leave give their places up; the start goes on without them, and is not in vain",
  scripted("gate=GATE"),
  async (program) => {
    const left = new AbortController();
    const { signal } = left;
    const asked = Array.from(
      { length: 3 },
      () => program.fetch("/upstream/scripted/x", { signal }).catch(() => null),
    );
    await eventually("all wait", async () => (await viewOf(program)).queued === 3);
    left.abort();
    await Promise.all(asked);
    await eventually("nobody waits", async () => (await viewOf(program)).queued === 0);
    assertEquals((await viewOf(program)).state, "starting");
    await openGate(program, "GATE");
    await eventually("it is ready", async () => (await viewOf(program)).state === "ready");
    assertEquals([(await sendInput(program, "hi")).status, (await viewOf(program)).restarts], [
      200,
      0,
    ]);
  },
);

programTest(
  "who waits is seen in views, in events and with its place in the stream of an input",
  scripted("gate=GATE"),
  async (program) => {
    await using events = await EventStream.open(program, "?topics=snapshot");
    const first = sendInput(program, "first");
    await eventually("one waits", async () => (await viewOf(program)).queued === 1);
    const stream = program.fetch("/api/engines/scripted/input", {
      method: "POST",
      headers: { accept: "text/event-stream" },
      body: JSON.stringify({ input: "second" }),
    });
    await eventually("two wait", async () => (await viewOf(program)).queued === 2);
    const { queuedSince, slots } = await viewOf(program);
    assertMatch(queuedSince, /^\d{4}-/);
    assertEquals(slots, null);
    await events.next("snapshot", ({ engines }) => {
      return engines.some((view: Record<string, unknown>) =>
        view["queued"] === 2 && view["queuedSince"] === queuedSince
      );
    });
    await openGate(program, "GATE");
    assertEquals((await first).status, 200);
    const text = await (await stream).text();
    assertMatch(text, /"phase":"starting","position":2\}[^]*"phase":"answering"\}/);
  },
);

const PRELOADED = `
engines:
  kept: {command: ["\${speaks}"], keep: always}
  other: {command: ["\${speaks}"]}
`;

v1Test(
  "an engine that is kept runs before anybody asks, and runs on",
  PRELOADED,
  async (program) => {
    await eventually("it is ready", async () => (await viewOf(program, "kept")).state === "ready");
    const { reason, stopsAt, idleTimeoutMs, pid } = await viewOf(program, "kept");
    assertEquals([reason, stopsAt, idleTimeoutMs], ["preload", null, -1]);
    assertEquals((await viewOf(program, "other")).state, "stopped");
    Deno.kill(pid, "SIGKILL");
    await eventually("it runs again", async () => {
      const view = await viewOf(program, "kept");
      return view.state === "ready" && view.pid !== pid;
    });
  },
);

v1Test("a request says how long the engine stays, on every way to it", ONE, async (program) => {
  const headers = { "ai-engine-keep-alive": "-1", "ai-engine-priority": "3" };
  assertEquals((await program.json("/upstream/one/health", { headers })).status, 200);
  await eventually("nothing counts down", async () => {
    return (await viewOf(program, "one")).idleTimeoutMs === -1;
  });
  const body = { model: "one", messages: [{ role: "user", content: "hello" }] };
  const minute = { headers: { "ai-engine-keep-alive": "60" }, body };
  assertEquals((await program.json("/v1/chat/completions", minute)).status, 200);
  await eventually("a minute", async () => (await viewOf(program, "one")).idleTimeoutMs === 60_000);
  const stop = { headers: { "ai-engine-keep-alive": "0" }, body: { input: "hello" } };
  // The engine has no /input; that answer is one, too.
  assertEquals((await program.json("/api/engines/one/input", stop)).status, 404);
  await eventually("it stops", async () => {
    const { state, reason } = await viewOf(program, "one");
    return state === "stopped" && reason === "idle";
  });
  for (const path of ["/upstream/one/health", "/api/engines/one/input", "/v1/chat/completions"]) {
    for (const name of ["ai-engine-keep-alive", "ai-engine-priority"]) {
      const bad = {
        headers: { [name]: "soon" },
        body: path.endsWith("input") ? { input: "x" } : body,
      };
      assertEquals((await program.json(path, bad)).status, 400, `${name} on ${path}`);
    }
  }
  assertEquals((await viewOf(program, "one")).state, "stopped");
});
