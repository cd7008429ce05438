/** Engines that can't be started, don't serve, or don't end: what the user is told, and what is left. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { eventually } from "../support/program.ts";
import { EventStream } from "./support/event_stream.ts";
import {
  act,
  assertNoEngine,
  assertProblem,
  failToServe,
  programTest,
  scripted,
  SCRIPTED_PATH,
  sendInput,
  tempDir,
  viewOf,
  withProgram,
} from "./support/harness.ts";

const SHORT = ["--start-timeout", "1500ms"];

Deno.test("an engine program that is missing: serve exits with 6 and names it", async () => {
  const { code, stderr } = await failToServe("--engine", "/nowhere/engine");
  assertEquals(code, 6);
  assertMatch(stderr, /^error: Engine program not found\ncause: --engine .*\ntry: /);
  assertStringIncludes(stderr, "/nowhere/engine");
});

Deno.test("no Python engine for --engine python: exit 6, and every path that was tried", async () => {
  await using dir = await tempDir();
  // Without a folder there is one from source, and in the executable an engine of its own.
  const { code, stderr } = await failToServe("--engine", "python", "--python-dir", dir.path);
  assertEquals(code, 6);
  const sidecar = `ai-engine-sidecar-${Deno.build.arch}-${Deno.build.os}`;
  assertStringIncludes(stderr, `/${sidecar}/${sidecar}, `);
  assertStringIncludes(stderr, join(dir.path, "ai_engine", "__main__.py"));
  assertStringIncludes(stderr, "--python-dir (AI_ENGINE_PYTHON_DIR)");
});

Deno.test("an engine program that is not executable: exit 6, and how to make it so", async () => {
  await using dir = await tempDir();
  const path = join(dir.path, "engine");
  await Deno.writeTextFile(path, "#!/bin/sh\n", { mode: 0o644 });
  const { code, stderr } = await failToServe("--engine", path);
  assertEquals(code, 6);
  assertStringIncludes(stderr, `chmod +x ${path}`);
});

Deno.test("an engine program that goes away after serve began, and comes back", async () => {
  await using dir = await tempDir();
  const path = join(dir.path, "vanishing");
  const text = `#!/bin/sh\nexec python3 ${SCRIPTED_PATH}\n`;
  await Deno.writeTextFile(path, text, { mode: 0o755 });
  await withProgram({ args: ["--engine", path] }, async (program) => {
    await Deno.remove(path);
    const started = await act(program, "start", "vanishing");
    const problem = assertProblem(started, { status: 502, code: "spawn_failed" });
    assertStringIncludes(problem.detail, path);
    const { state, lastError } = await viewOf(program, "vanishing");
    assertEquals([state, lastError.code], ["failed", "spawn_failed"]);
    await Deno.writeTextFile(path, text, { mode: 0o755 });
    assertEquals((await sendInput(program, "hello", "vanishing")).status, 200);
  });
});

Deno.test("an engine program for another architecture is not run, and named as such", async () => {
  await using dir = await tempDir();
  const path = join(dir.path, "foreign");
  await Deno.writeFile(path, elfHeader(22), { mode: 0o755 }); // 22 is s390
  await withProgram({ args: ["--engine", path] }, async (program) => {
    const started = await act(program, "start", "foreign");
    const problem = assertProblem(started, { status: 502, code: "spawn_failed" });
    assertMatch(problem.detail, /another architecture than this machine's/);
    await assertNoEngine(program);
  });
});

programTest("an engine that exits at once: its code and last lines, two tries more, then failed", {
  ...scripted("exit=3"),
}, async (program) => {
  await using events = await EventStream.open(program);
  const problem = assertProblem(await act(program, "start"), { status: 502, code: "crashed" });
  assertMatch(problem.detail, /exited with code 3 before it was ready/);
  assertEquals([...problem.lastLines].sort(), ["giving up", "the model file is missing"]);
  await events.next("state", ({ to, reason }) => to === "starting" && reason === "retry");
  const failed = await events.state("failed");
  assertEquals([failed.reason, failed.view.restarts], ["crash", 2]);
  await assertNoEngine(program);

  const { code, stderr } = await program.run(["start"]);
  assertEquals(code, 1);
  assertMatch(stderr, /^error: scripted: Engine crashed\ncause: .*code 3.*\ntry: /);
  assertMatch(stderr, /last output of scripted:\n( {2}\| .*\n)* {2}\| the model file is missing\n/);
});

programTest("an engine that prints 10 MB without a newline is read on, and works", {
  ...scripted("flood=10000000"),
}, async (program) => {
  assertEquals((await sendInput(program, "hello")).body.message, "You said: hello");
  await act(program, "stop");
  await program.printed(/\[scripted\] x{4096}… \(9995913 bytes more\)/);
  assert(program.stderr.length < 100_000, `${program.stderr.length} characters were relayed`);
});

programTest("10 MB without a newline before a crash: the error stays small", {
  ...scripted("flood=10000000 exit=4"),
}, async (program) => {
  const problem = assertProblem(await act(program, "start"), { status: 502, code: "crashed" });
  const size = JSON.stringify(problem).length;
  assert(size > 1_000 && size < 20_000, `the problem has ${size} characters`);
});

programTest("an engine that ignores SIGTERM, with a child that holds its pipes, is killed", {
  ...scripted("stays child"),
}, async (program) => {
  await using events = await EventStream.open(program);
  await act(program, "start");
  await program.printed(/\[scripted\] child is there/);
  assertEquals((await program.engineProcesses()).length, 2);
  const { status, body } = await act(program, "stop");
  assertEquals([status, body.state, body.how], [200, "stopped", "killed"]);
  await assertNoEngine(program);
  const { tookMs, signal } = await events.state("stopped");
  assertEquals(signal, "SIGKILL");
  assert(tookMs >= 1_000 && tookMs < 4_000, `two graces and the kill took ${tookMs} ms`);
});

programTest("a child in a session of its own is gone after a stop, too", {
  ...scripted(),
}, async (program) => {
  const { body } = await sendInput(program, "child session");
  await program.printed(/\[scripted\] child is there/);
  assert((await program.engineProcesses()).includes(Number(body.message)));
  const stopped = await act(program, "stop");
  assertEquals([stopped.body.state, stopped.body.how], ["stopped", "graceful"]);
  await assertNoEngine(program);
});

for (const status of [500, 404]) {
  programTest(`an engine whose health path answers ${status} for ever`, {
    ...scripted(`health=${status}`, ...SHORT),
  }, async (program) => {
    const started = await act(program, "start");
    const problem = assertProblem(started, { status: 502, code: "health_failed" });
    assertEquals(problem.title, "Health check failed");
    assertStringIncludes(problem.detail, `GET /health with ${status}`);
    assertStringIncludes(problem.remedy, "--health-path");
    assert(problem.lastLines.includes("listening"));
    await assertNoEngine(program);
  });
}

programTest("an engine with another health path", {
  ...scripted("health=404", "--health-path", "/status", ...SHORT),
}, async (program) => {
  assertEquals((await act(program, "start")).body.state, "ready");
});

for (const [script, what] of [["mute", "accepts and never answers"], ["deaf", "never listens"]]) {
  programTest(`an engine that ${what} does not outlive the start limit`, {
    ...scripted(script, ...SHORT),
  }, async (program) => {
    const started = await act(program, "start");
    const problem = assertProblem(started, { status: 502, code: "start_timeout" });
    assertEquals(problem.title, "Socket startup timeout");
    assertMatch(problem.detail, /within 1\.5 s and was ended/);
    assertMatch(problem.lastLines.join("\n"), /listening/);
    await assertNoEngine(program);
  });
}

programTest("an engine with a health path and nothing else is used as far as it goes", {
  ...scripted("bare", "--idle-timeout", "3s"),
}, async (program) => {
  await using events = await EventStream.open(program);
  await act(program, "start");
  for (let i = 0; i < 2; i++) {
    const { status, headers, body } = await sendInput(program, "hello");
    assertEquals([status, body], [404, { error: "the engine has no such path" }]);
    assertEquals(headers.get("ai-engine-error-source"), null);
  }
  const stopped = await events.state("stopped");
  assertEquals([stopped.reason, stopped.how], ["idle", "terminated"]);
  const asked = [...program.stderr.matchAll(/no such path: (.*)/g)].map(([, path]) => path);
  assertEquals(asked.sort(), ["GET /status", "POST /input", "POST /stop"]);
  const notices = events.events.filter(({ type }) => type === "notice").map(({ data }) =>
    data.title
  );
  assertEquals(notices, ["No input", "No live status", "No stop by request"]);
});

programTest("an engine whose status can't be read goes on, and that is said once", {
  ...scripted("status=500", "--idle-timeout", "3s"),
}, async (program) => {
  await using events = await EventStream.open(program);
  assertEquals((await sendInput(program, "hello")).status, 200);
  assertEquals((await events.state("stopped")).how, "graceful");
  const notices = events.events.filter(({ type }) => type === "notice");
  assertEquals(notices.map(({ data }) => data.detail), ["GET /status was answered with 500."]);
});

programTest("an engine that dies under an input: the input is told, the next one is served", {
  ...scripted(),
}, async (program) => {
  const problem = assertProblem(await sendInput(program, "exit 7"), {
    status: 502,
    code: "crashed",
  });
  assertMatch(problem.detail, /exited with code 7 while it was running/);
  assert(problem.lastLines.includes("exiting as told"));
  await eventually("the stop", async () => (await viewOf(program)).state === "stopped");
  const { reason, lastError } = await viewOf(program);
  assertEquals([reason, lastError.code], ["crash", "crashed"]);
  await assertNoEngine(program);
  assertEquals((await sendInput(program, "hello")).body.message, "You said: hello");
  assertEquals((await viewOf(program)).lastError, null);
});

programTest("an engine that exits with 0 by itself is stopped, not crashed", {
  ...scripted(),
}, async (program) => {
  await using events = await EventStream.open(program);
  await sendInput(program, "exit 0");
  const { reason, exitCode, view } = await events.state("stopped");
  assertEquals([reason, exitCode, view.lastError], ["exit", 0, null]);
  await assertNoEngine(program);
});

/** What the kernel looks at first in a program for the machine that ELF knows by `number`. */
function elfHeader(number: number): Uint8Array {
  const header = new Uint8Array(64);
  header.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  header.set([2, 0, number, 0, 1], 16);
  return header;
}
