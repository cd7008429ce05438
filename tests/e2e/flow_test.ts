/** What a user does: start, send, watch, be stopped for being idle, send again. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import type { RunningProgram } from "../support/program.ts";
import { EventStream } from "./support/event_stream.ts";
import { BUILTIN, isCi, programTest, pythonDir, works } from "./support/harness.ts";

const IDLE = ["--idle-timeout", "2s"];

programTest("the whole flow with the built-in engine", {
  args: ["--engine", "builtin", ...IDLE],
}, (program) => flow(program, "builtin"));

programTest("the whole flow with the Python engine", {
  ignore: pythonDir === null && !isCi,
  args: ["--engine", "python", "--python-dir", pythonDir ?? "engine/python", ...IDLE],
}, (program) => flow(program, "python"));

async function flow(program: RunningProgram, engine: string): Promise<void> {
  const path = `/api/engines/${engine}`;
  const before = await program.json("/api/engines");
  assertEquals(before.body.engines.map((view: { state: string }) => view.state), ["stopped"]);
  await using events = await EventStream.open(program);

  const started = await program.json(`${path}/start`, { method: "POST" });
  assertEquals([started.status, started.body.state], [200, "ready"]);
  assertEquals((await events.state("starting")).reason, "requested");
  assertEquals((await events.state("ready")).view.pid, started.body.pid);

  const sent = await program.json(`${path}/input`, { body: { input: "hello" } });
  assertEquals(sent.status, 200);
  const { timestamp, ...answer } = sent.body;
  assertEquals(answer, { input: "hello", message: "You said: hello", count: 1 });
  assertEquals(typeof timestamp, "number");
  assertEquals((await events.next("python_input")).message, "You said: hello");
  const { status } = await events.next("python_status");
  assertEquals([status.status, status.count, status.busy], ["running", 1, false]);
  assert((await program.json(path)).body.stopsAt > started.body.readyAt);

  const stopping = await events.state("stopping");
  assertEquals([stopping.from, stopping.reason], ["ready", "idle"]);
  assert(stopping.tookMs >= 2_000, `it was stopped after ${stopping.tookMs} ms`);
  const stopped = await events.state("stopped");
  assertEquals([stopped.reason, stopped.how, stopped.exitCode], ["idle", "graceful", 0]);
  assertEquals(await program.engineProcesses(), []);

  const again = await program.json(`${path}/input`, { body: { input: "again" } });
  assertEquals([again.body.message, again.body.count], ["You said: again", 1]);
  assertEquals((await events.state("starting")).reason, "input");
  assertEquals((await program.json(path)).body.restarts, 1);
}

programTest("the flow with curl, as a shell script would do it", {
  ...BUILTIN,
  ignore: !works("curl", "--version"),
}, async (program) => {
  const curl = async (...args: readonly string[]) => {
    const command = new Deno.Command("curl", { args: ["-sS", ...args], stderr: "inherit" });
    return new TextDecoder().decode((await command.output()).stdout);
  };
  const engine = `${program.url}/api/engines/builtin`;
  assertMatch(await curl("-X", "POST", `${engine}/start`), /"state":"ready"/);
  assertMatch(await curl("-d", '{"input":"hello"}', `${engine}/input`), /"You said: hello"/);
  assertMatch(await curl("-X", "POST", `${engine}/stop`), /"state":"stopped"/);
  assertMatch(await curl("--unix-socket", program.control, "http://x/health"), /"status":"ok"/);
  await curl("--unix-socket", program.control, "-X", "POST", "http://x/api/shutdown");
  assertEquals((await program.ended()).code, 0);
});

programTest("the page works by forms alone", BUILTIN, async (program) => {
  const post = async (action: string, fields: Record<string, string> = {}) => {
    const response = await program.fetch(`/engines/builtin/${action}`, {
      method: "POST",
      redirect: "manual",
      body: new URLSearchParams(fields),
    });
    await response.body?.cancel();
    return [response.status, response.headers.get("location")];
  };
  const page = async () => await (await program.fetch("/")).text();
  const back = [303, "/#engine-builtin"];
  assertEquals(await post("start"), back);
  assertEquals((await program.json("/api/engines/builtin")).body.state, "ready");
  assertEquals(await post("input", { input: "<b>hello</b>" }), back);
  assertMatch(await page(), /You said: &lt;b&gt;hello&lt;\/b&gt;/);
  assertEquals(await post("restart"), back);
  assertEquals((await program.json("/api/engines/builtin")).body.restarts, 1);
  assertEquals(await post("stop"), back);
  assertEquals((await program.json("/api/engines/builtin")).body.state, "stopped");
  assertMatch(await page(), /stopped/i);
});

programTest(
  "an input of almost 1 MiB in all kinds of letters comes back whole",
  BUILTIN,
  async (program) => {
    const input = 'aä€😀"\\\n'.repeat(60_000);
    const { status, body } = await program.json("/api/engines/builtin/input", { body: { input } });
    assertEquals([status, body.message === `You said: ${input}`], [200, true]);
  },
);

programTest("an input can be watched on its way", BUILTIN, async (program) => {
  const response = await program.fetch("/api/engines/builtin/input", {
    method: "POST",
    headers: { accept: "text/event-stream" },
    body: JSON.stringify({ input: "hello" }),
  });
  const text = await response.text();
  assertEquals(
    [...text.matchAll(/^event: (.*)$/gm)].map(([, type]) => type),
    ["phase", "phase", "chunk", "done"],
  );
  assertMatch(text, /"phase":"starting"[^]*"phase":"answering"[^]*"text":"You said: hello"/);
});

programTest("activity puts the idle stop off", {
  args: ["--engine", "builtin", "--idle-timeout", "1h"],
}, async (program) => {
  const path = "/api/engines/builtin";
  const stopsAt = async () => (await program.json(path)).body.stopsAt;
  await program.json(`${path}/start`, { method: "POST" });
  const first = await stopsAt();
  assertEquals((await program.json(`${path}/activity`, { method: "POST" })).status, 204);
  assert(await stopsAt() > first);
});

programTest("an idle time-out of -1 never comes", {
  args: ["--engine", "builtin", "--idle-timeout", "-1"],
}, async (program) => {
  const { body } = await program.json("/api/engines/builtin/start", { method: "POST" });
  assertEquals([body.state, body.idleTimeoutMs, body.stopsAt], ["ready", -1, null]);
});
