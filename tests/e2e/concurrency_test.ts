/** Many callers at once, and each call in the middle of another. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { eventually, processesWith, type RunningProgram } from "../support/program.ts";
import { EventStream } from "./support/event_stream.ts";
import {
  act,
  assertNoEngine,
  assertProblem,
  BUILTIN,
  openGate,
  programTest,
  scripted,
  sendInput,
  viewOf,
} from "./support/harness.ts";

const STOPPED_BY_USER = { status: 503, code: "stopped_by_user" };

const times = <T>(count: number, work: (i: number) => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: count }, (_, i) => work(i)));

/** The run id of the process that answers, e.g. `1f0c-scripted-2`. */
const runOf = async (program: RunningProgram) =>
  (await sendInput(program, "env AI_ENGINE_RUN")).body.message;

/** Waits until `count` callers are held. */
const queued = (program: RunningProgram, count: number) =>
  eventually(`a queue of ${count}`, async () => (await viewOf(program)).queued === count);

programTest("50 starts at once make one process", BUILTIN, async (program) => {
  const answers = await times(50, () => act(program, "start", "builtin"));
  const pids = new Set(answers.map(({ body }) => body.pid));
  assertEquals(answers.filter(({ status }) => status !== 200), []);
  assertEquals([...pids], await program.engineProcesses());
  assertEquals((await viewOf(program, "builtin")).restarts, 0);
});

programTest("50 inputs to a stopped engine: 50 answers, one start", BUILTIN, async (program) => {
  const answers = await times(50, (i) => sendInput(program, `${i}`, "builtin"));
  assertEquals(
    answers.map(({ body }) => body.message),
    answers.map((_, i) => `You said: ${i}`),
  );
  const counts = answers.map(({ body }) => body.count).sort((a, b) => a - b);
  assertEquals(counts, answers.map((_, i) => i + 1));
  const { restarts, inflight, queued } = await viewOf(program, "builtin");
  assertEquals([restarts, inflight, queued], [0, 0, 0]);
});

programTest(
  "every process carries its run id, new with each start",
  scripted(),
  async (program) => {
    await using events = await EventStream.open(program);
    const { boot } = await events.next("hello");
    assertMatch(boot, /^[0-9a-f]{8}$/);
    assertEquals(await runOf(program), `${boot}-scripted-1`);
    await act(program, "restart");
    assertEquals(await runOf(program), `${boot}-scripted-2`);
    // As the operating system sees it, children included.
    await sendInput(program, "child session");
    await program.printed(/child is there/);
    const marked = await processesWith(`AI_ENGINE_RUN=${boot}-scripted-2`);
    assertEquals([marked.length, marked], [2, await program.engineProcesses()]);
  },
);

programTest(
  "a stop during a start ends it, and those who wait are told",
  scripted("gate=go"),
  async (program) => {
    const held = times(3, () => act(program, "start"));
    const input = sendInput(program, "hello");
    await program.printed(/waiting for go/);
    const stopped = await act(program, "stop");
    assertEquals([stopped.status, stopped.body.state], [200, "stopped"]);
    for (const answer of [...await held, await input]) assertProblem(answer, STOPPED_BY_USER);
    await assertNoEngine(program);
  },
);

programTest("a start during a stop gets the next process", scripted("stays"), async (program) => {
  await using events = await EventStream.open(program);
  const first = (await act(program, "start")).body.pid;
  const stop = act(program, "stop");
  await events.state("stopping");
  const next = await act(program, "start");
  assertEquals([next.status, next.body.state, next.body.restarts], [200, "ready", 1]);
  assert(next.body.pid !== first);
  assertEquals((await stop).status, 200);
});

programTest(
  "an input during a stop is served by the next process",
  scripted("stays"),
  async (program) => {
    await using events = await EventStream.open(program);
    await act(program, "start");
    const stop = act(program, "stop");
    await events.state("stopping");
    assertMatch(await runOf(program), /-scripted-2$/);
    assertEquals((await stop).status, 200);
  },
);

programTest("an input while draining waits for the next process; the one in flight ends", {
  ...scripted(),
}, async (program) => {
  await using events = await EventStream.open(program);
  const inFlight = sendInput(program, "wait go");
  await program.printed(/waiting for go/);
  const stop = act(program, "stop");
  await events.state("draining");
  const next = runOf(program);
  await queued(program, 1);
  await openGate(program, "go");
  assertEquals((await inFlight).body.message, "waited");
  assertMatch(await next, /-scripted-2$/);
  assertEquals((await stop).status, 200);
});

programTest("a stop by force does not wait for an input in flight", scripted(), async (program) => {
  const inFlight = sendInput(program, "wait go");
  await program.printed(/waiting for go/);
  const stopped = await act(program, "stop?force=true");
  assertEquals(stopped.body.state, "stopped");
  assertProblem(await inFlight, STOPPED_BY_USER);
});

programTest("two stops at once both find it stopped", scripted(), async (program) => {
  await act(program, "start");
  const answers = await times(2, () => act(program, "stop"));
  assertEquals(answers.map(({ status, body }) => [status, body.state]), [[200, "stopped"], [
    200,
    "stopped",
  ]]);
  assertEquals((await act(program, "stop")).body.state, "stopped");
});

programTest("a restart during a start begins anew, and both callers get the new one", {
  ...scripted("gate=go"),
}, async (program) => {
  const start = act(program, "start");
  await program.printed(/waiting for go/);
  const restart = act(program, "restart");
  await program.printed(/waiting for go[^]*waiting for go/);
  await openGate(program, "go");
  const answers = await Promise.all([start, restart]);
  assertEquals(answers.map(({ status, body }) => [status, body.state, body.restarts]), [
    [200, "ready", 1],
    [200, "ready", 1],
  ]);
  assertEquals((await program.engineProcesses()).length, 1);
});

programTest("10 restarts at once end with one process", BUILTIN, async (program) => {
  await act(program, "start", "builtin");
  const answers = await times(10, () => act(program, "restart", "builtin"));
  assertEquals(answers.filter(({ status }) => status !== 200), []);
  await eventually("ready", async () => (await viewOf(program, "builtin")).state === "ready");
  assertEquals((await program.engineProcesses()).length, 1);
});

programTest("inputs in the very instant of the idle stop are all served", {
  args: ["--engine", "builtin", "--idle-timeout", "0"],
}, async (program) => {
  await using events = await EventStream.open(program);
  for (let i = 0; i < 12; i++) {
    const { body } = await sendInput(program, `${i}`, "builtin");
    assertEquals(body.message, `You said: ${i}`);
    // Every other input comes right after the stop has begun, the rest whenever they come.
    if (i % 2 === 0) assertEquals((await events.state("stopping")).reason, "idle");
  }
  const stopped = () => viewOf(program, "builtin").then(({ state }) => state === "stopped");
  await eventually("the idle stop", stopped);
  const { reason, restarts } = await viewOf(program, "builtin");
  assertEquals(reason, "idle");
  assert(restarts >= 6, `${restarts} restarts`);
});

programTest("a hold keeps inputs out until a start by hand", BUILTIN, async (program) => {
  await act(program, "start", "builtin");
  await act(program, "stop?hold=true", "builtin");
  assertProblem(await sendInput(program, "hello", "builtin"), STOPPED_BY_USER);
  assertEquals((await act(program, "start", "builtin")).status, 200);
  assertEquals((await sendInput(program, "hello", "builtin")).status, 200);
});

programTest(
  "start, stop and restart without waiting are taken at once",
  scripted("gate=go"),
  async (program) => {
    const taken = await act(program, "start?wait=false");
    assertEquals([taken.status, taken.body.state], [202, "starting"]);
    await program.printed(/waiting for go/);
    await openGate(program, "go");
    await eventually("ready", async () => (await viewOf(program)).state === "ready");
    assertEquals((await act(program, "stop?wait=false")).status, 202);
    await eventually("stopped", async () => (await viewOf(program)).state === "stopped");
  },
);

programTest(
  "a caller that leaves gives up its place; the start goes on",
  scripted("gate=go"),
  async (program) => {
    const leaving = new AbortController();
    const left = program.fetch("/api/engines/scripted/start", {
      method: "POST",
      signal: leaving.signal,
    }).catch(() => "left");
    await program.printed(/waiting for go/);
    assertEquals((await viewOf(program)).queued, 1);
    leaving.abort();
    assertEquals(await left, "left");
    await eventually("an empty queue", async () => (await viewOf(program)).queued === 0);
    await openGate(program, "go");
    await eventually("ready", async () => (await viewOf(program)).state === "ready");
  },
);
