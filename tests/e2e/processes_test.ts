/** The end of the program, by every way there is, and what is left of its engines: nothing. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { join } from "@std/path";
import { eventually, type ProgramOptions, RunningProgram } from "../support/program.ts";
import { hasCgroups } from "../platform/support/cgroups.ts";
import { EventStream } from "./support/event_stream.ts";
import {
  act,
  assertProblem,
  BUILTIN,
  isCi,
  isRoot,
  openGate,
  programTest,
  pythonDir,
  scripted,
  sendInput,
  tempDir,
  withProgram,
  works,
} from "./support/harness.ts";
import { HIDE_CGROUPS } from "./support/hide_cgroups.ts";
import { WITH_TERMINAL } from "./support/terminal.ts";

const SHUTTING_DOWN = { status: 503, code: "shutting_down" };

for (const osSignal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  const options = { ...scripted(), prefix: WITH_TERMINAL };
  programTest(`${osSignal} closes everything`, options, async (program) => {
    await sendInput(program, "child session");
    program.signal(osSignal);
    assertEquals((await program.ended()).code, 0);
    assertMatch(program.stderr, new RegExp(`${osSignal}: closing; once more to force it`));
    assertMatch(program.stderr, /scripted: stopped \(shutdown, [^]*\[ai-engine\] closed\n$/);
  });
}

programTest(
  "after one signal an input in flight may end, and no other begins",
  scripted(),
  async (program) => {
    await using events = await EventStream.open(program);
    const inFlight = sendInput(program, "wait go");
    await program.printed(/waiting for go/);
    program.signal("SIGINT");
    await events.state("draining");
    assertProblem(await sendInput(program, "hello"), SHUTTING_DOWN);
    assertProblem(await act(program, "start"), SHUTTING_DOWN);
    await openGate(program, "go");
    assertEquals((await inFlight).body.message, "waited");
    assertEquals((await program.ended()).code, 0);
  },
);

programTest("Ctrl-C twice does not wait for an input in flight", scripted(), async (program) => {
  await using events = await EventStream.open(program);
  const inFlight = sendInput(program, "wait for-ever");
  await program.printed(/waiting for for-ever/);
  program.signal("SIGINT");
  await events.state("draining");
  program.signal("SIGINT");
  const { tookMs } = await events.state("stopping");
  assert(tookMs < 3_000, `it drained for ${tookMs} ms`);
  assertProblem(await inFlight, SHUTTING_DOWN);
  assertEquals((await program.ended()).code, 0);
  assertMatch(program.stderr, /SIGINT: closing at once/);
});

programTest(
  "an input that does not end is cut when the close has waited long enough",
  scripted(),
  async (program) => {
    const inFlight = sendInput(program, "wait for-ever");
    await program.printed(/waiting for for-ever/);
    program.signal("SIGTERM");
    assertProblem(await inFlight, SHUTTING_DOWN);
    assertEquals((await program.ended()).code, 0);
  },
);

programTest("kill -TERM during a start", scripted("gate=never child"), async (program) => {
  const start = act(program, "start");
  await program.printed(/waiting for never/);
  program.signal("SIGTERM");
  assertProblem(await start, SHUTTING_DOWN);
  assertEquals((await program.ended()).code, 0);
});

programTest("kill -TERM during the start of an engine that ignores it", {
  ...scripted("stays child gate=never"),
}, async (program) => {
  const start = act(program, "start");
  await program.printed(/waiting for never/);
  program.signal("SIGTERM");
  assertProblem(await start, SHUTTING_DOWN);
  assertEquals((await program.ended()).code, 0);
  assertMatch(program.stderr, /scripted: stopped \(shutdown/);
});

programTest("kill -TERM during a stop", scripted("stays child"), async (program) => {
  await using events = await EventStream.open(program);
  await act(program, "start");
  const stop = act(program, "stop");
  await events.state("stopping");
  program.signal("SIGTERM");
  assertEquals((await stop).status, 200);
  assertEquals((await program.ended()).code, 0);
});

programTest("a close with an engine that ignores it and children of all kinds", {
  ...scripted("stays child"),
}, async (program) => {
  await sendInput(program, "child session");
  assertEquals((await program.engineProcesses()).length, 3);
  program.signal("SIGTERM");
  assertEquals((await program.ended()).code, 0);
});

const ENGINES: readonly (readonly [string, ProgramOptions, boolean])[] = [
  ["builtin", BUILTIN, false],
  ["scripted", scripted(), false],
  [
    "python",
    { args: ["--engine", "python", "--python-dir", pythonDir ?? "engine/python"] },
    pythonDir === null && !isCi,
  ],
];

for (const [name, options, ignore] of ENGINES) {
  Deno.test({
    name: `kill -9 of the supervisor: the ${name} engine ends, and the next supervisor starts`,
    ignore,
    async fn() {
      await using dir = await tempDir();
      const runtimeDir = join(dir.path, "run");
      await Deno.mkdir(runtimeDir);
      await using killed = await RunningProgram.start({ ...options, runtimeDir });
      await sendInput(killed, "hello", name);
      killed.signal("SIGKILL");
      await killed.ended();
      await eventually("the engine's end", async () => (await killed.processes()).length === 0);
      await withProgram({ ...options, runtimeDir }, async (next) => {
        assertEquals((await sendInput(next, "hello", name)).body.message, "You said: hello");
      });
    },
  });
}

programTest("a program started with SIGCHLD ignored", {
  ...scripted(),
  prefix: ["sh", "-c", 'trap "" CHLD; exec "$@"', "sh"],
}, async (program) => {
  await act(program, "start");
  assertEquals((await act(program, "restart")).body.state, "ready");
  assertEquals((await act(program, "stop")).body.state, "stopped");
});

const UNSHARE = ["unshare", "--pid", "--fork", "--mount-proc", "--kill-child", "--"] as const;

programTest("as PID 1 zombies that are not ours disturb neither start nor stop", {
  ...scripted("stays child"),
  prefix: UNSHARE,
  ignore: !works(UNSHARE[0], ...UNSHARE.slice(1), "true"),
}, async (program) => {
  await program.printed(/Running as PID 1: .*`--init`/);
  for (let i = 1; i <= 2; i++) {
    await sendInput(program, "orphan");
    // In the engine's own group: an orphan that has exited, and soon the child that is killed.
    await eventually("a zombie", async () => await zombiesBelow(program.pid) === 2 * i - 1);
    const stopped = await act(program, "stop");
    assertEquals([stopped.body.state, stopped.body.how], ["stopped", "killed"]);
    assertEquals(await zombiesBelow(program.pid), 2 * i);
  }
  assertEquals((await program.run(["shutdown"])).code, 0);
  assertEquals((await program.ended()).code, 0, program.stderr);
});

const WITHOUT_KILL = ["setpriv", "--bounding-set", "-kill", "--inh-caps", "-kill", "--"] as const;

Deno.test({
  name: "exit 11 when an engine can't be ended: it has become another user's",
  ignore: !isRoot || !works(WITHOUT_KILL[0], ...WITHOUT_KILL.slice(1), "true"),
  async fn() {
    await using program = await RunningProgram.start({
      ...scripted("stays"),
      prefix: [...HIDE_CGROUPS, ...WITHOUT_KILL],
    });
    await sendInput(program, "become 12345");
    program.signal("SIGTERM");
    assertEquals((await program.ended()).code, 11, program.stderr);
    assertMatch(program.stderr, /Not everything was closed: .*: scripted\./);
    // Its standard input has ended, so it goes by itself; its socket is not ours to remove then.
    await eventually("the engine's end", async () => (await program.processes()).length === 0);
  },
});

Deno.test({
  name:
    "an engine that has become another user's is ended by its cgroup, without the right to kill",
  ignore: !hasCgroups || !works(WITHOUT_KILL[0], ...WITHOUT_KILL.slice(1), "true"),
  fn: () =>
    withProgram({ ...scripted("stays"), prefix: WITHOUT_KILL }, async (program) => {
      await sendInput(program, "become 12345");
    }),
});

/** Zombies whose parent is a child of `pid`. */
async function zombiesBelow(pid: number): Promise<number> {
  const rows: { readonly pid: number; readonly state: string; readonly parent: number }[] = [];
  for await (const entry of Deno.readDir("/proc")) {
    const stat = await Deno.readTextFile(`/proc/${entry.name}/stat`).catch(() => "");
    const [state = "", parent = ""] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    rows.push({ pid: Number(entry.name), state, parent: Number(parent) });
  }
  const children = new Set(rows.filter(({ parent }) => parent === pid).map((row) => row.pid));
  return rows.filter(({ state, parent }) => state === "Z" && children.has(parent)).length;
}
