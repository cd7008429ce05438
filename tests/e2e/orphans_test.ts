/** kill -9 of the program, of its helper, of both: nothing of its engines lives on. */
import { assert, assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import { fromFileUrl, join } from "@std/path";
import { eventually, processesWith, RunningProgram, runProgram } from "../support/program.ts";
import { HIDE_CGROUPS } from "./support/hide_cgroups.ts";
import { cgroupsIn, hasCgroups } from "../platform/support/cgroups.ts";
import { findOwnCgroup } from "../../src/platform/cgroup.ts";
import {
  act,
  BUILTIN,
  programTest,
  runtimeFiles,
  SOON,
  tempDir,
  viewOf,
  withProgram,
} from "./support/harness.ts";

const STUBBORN_PATH = fromFileUrl(new URL("../support/engines/stubborn.py", import.meta.url));

/** The promise: this long after the kill nothing is alive. */
const PROMISE_MS = 1_000;

/** Without cgroups, where they could be had: what is promised holds for those who have none. */
function stubborn(script = "") {
  return { ...stubbornInCgroup(script), prefix: HIDE_CGROUPS };
}

function stubbornInCgroup(script: string) {
  return { args: ["--engine", STUBBORN_PATH], env: { ...SOON, E2E_SCRIPT: script } };
}

interface Row {
  readonly pid: number;
  readonly name: string;
  readonly state: string;
  readonly parent: number;
  readonly session: number;
}

/** The process table. */
async function processTable(): Promise<Row[]> {
  const rows: Row[] = [];
  for await (const entry of Deno.readDir("/proc")) {
    const stat = await Deno.readTextFile(`/proc/${entry.name}/stat`).catch(() => "");
    const end = stat.lastIndexOf(")");
    const [state = "", parent, , session] = stat.slice(end + 2).split(" ");
    const name = stat.slice(stat.indexOf("(") + 1, end);
    const numbers = { parent: Number(parent), session: Number(session) };
    if (end > 0) rows.push({ pid: Number(entry.name), name, state, ...numbers });
  }
  return rows;
}

/** A runtime directory that each of several programs may remove. */
async function runDirIn(dir: string): Promise<string> {
  const path = join(dir, "run");
  await Deno.mkdir(path);
  return path;
}

/** Pid of the program's helper. */
async function helperOf(program: RunningProgram): Promise<number | undefined> {
  const rows = await processTable();
  return rows.find(({ name, parent, state }) =>
    name === "sh" && parent === program.pid && state !== "Z"
  )?.pid;
}

async function isAlive(pid: number): Promise<boolean> {
  return (await processTable()).some((row) => row.pid === pid && row.state !== "Z");
}

/** Starts the engine and waits until its family is there; gives their pids. */
async function startFamily(program: RunningProgram): Promise<number[]> {
  await act(program, "start?wait=false", "stubborn");
  await program.printed(/family: .*\n/);
  return (/family: (.*)/.exec(program.stderr)?.[1] ?? "").split(" ").map(Number);
}

/** Whether those go on of whom none lives long enough to be seen: by the lock that they hold. */
async function runsAway(program: RunningProgram): Promise<boolean> {
  const path = join(program.runtimeDir, "runaway.lock");
  const file = await Deno.open(path, { write: true }).catch(() => null);
  if (file === null) return false;
  using lock = file;
  return !await lock.tryLock(true);
}

/** Who is alive of an engine: by run id, by the session of `family`, by their pids. */
async function survivors(program: RunningProgram, family: readonly number[]): Promise<number[]> {
  const byRunId = await processesWith(`XDG_RUNTIME_DIR=${program.runtimeDir}`, "AI_ENGINE_RUN=");
  const table = await processTable();
  const others = table.filter(({ pid, session, state }) =>
    state !== "Z" && (family.includes(pid) || family.includes(session))
  ).map(({ pid }) => pid);
  const runaway = await runsAway(program) ? family.slice(-1) : [];
  return [...new Set([...byRunId, ...others, ...runaway])];
}

async function assertNoneWithinPromise(program: RunningProgram, family: readonly number[]) {
  const killedAt = performance.now();
  await eventually("the end of all", async () => (await survivors(program, family)).length === 0);
  const tookMs = performance.now() - killedAt;
  assert(tookMs < PROMISE_MS, `it took ${tookMs} ms`);
}

const FAMILIES = [
  ["an engine that ignores SIGTERM and the end of its input", "", 1],
  ["its child that holds the pipes", "child", 2],
  ["a grandchild in a session of its own", "session", 2],
  ["a child that has shed group and environment, not the session", "shed", 2],
  ["an engine in the middle of its start", "starting child session", 3],
  ["a pair as PyInstaller's one-file programs are", "onefile", 2],
  ["grandchildren of a moment in a session of their own", "runaway", 2],
  ["all of them together", "child session shed runaway onefile", 6],
] as const;

for (const [name, script, size] of FAMILIES) {
  Deno.test(`kill -9 of the program ends ${name}`, async () => {
    await using program = await RunningProgram.start(stubborn(script));
    const family = await startFamily(program);
    assertEquals(family.length, size);
    assert((await survivors(program, family)).length >= size);
    const helper = await helperOf(program) ?? 0;
    program.signal("SIGKILL");
    await assertNoneWithinPromise(program, family);
    await eventually("the helper's end", async () => !await isAlive(helper));
    await program.ended();
  });
}

Deno.test("kill -9 of a program that was started with SIGCHLD ignored", async () => {
  await using program = await RunningProgram.start({
    ...stubborn("child session shed"),
    prefix: ["sh", "-c", 'trap "" CHLD; exec "$@"', "sh"],
  });
  const family = await startFamily(program);
  program.signal("SIGKILL");
  await assertNoneWithinPromise(program, family);
  await program.ended();
});

/** The cgroups of programs, where this machine lets them be made. */
const programCgroups = () =>
  cgroupsIn(findOwnCgroup() ?? "/").filter((name) => /^ai-engine-[0-9a-f]{8}$/.test(name));

for (
  const [what, end] of [
    ["kill -9 of the program", (program) => program.signal("SIGKILL")],
    ["a stop of the engine", (program) => act(program, "stop", "stubborn")],
    ["the close of the program", (program) => program.signal("SIGTERM")],
  ] as const satisfies [string, (program: RunningProgram) => unknown][]
) {
  Deno.test({
    name: `${what} ends a child that has shed session, group and environment, by its cgroup`,
    ignore: !hasCgroups,
    async fn() {
      await using program = await RunningProgram.start(stubbornInCgroup("escaped"));
      const family = await startFamily(program);
      assertEquals(family.length, 2);
      const [own] = (await Deno.readTextFile(`/proc/${family[0]}/cgroup`)).match(/ai-engine-\w+/) ??
        [];
      assert(own !== undefined && programCgroups().includes(own));
      const helper = await helperOf(program) ?? 0;
      await end(program);
      await eventually("its end", async () => (await survivors(program, family)).length === 0);
      if (what.startsWith("a stop")) program.signal("SIGTERM");
      await program.ended();
      await eventually("the helper's end", async () => !await isAlive(helper));
      assert(!programCgroups().includes(own));
    },
  });
}

Deno.test({
  name: "helper and program killed at once: the next start ends a child that has shed all, too",
  ignore: !hasCgroups,
  async fn() {
    await using dir = await tempDir();
    const options = { ...stubbornInCgroup("escaped"), runtimeDir: await runDirIn(dir.path) };
    await using killed = await RunningProgram.start(options);
    const family = await startFamily(killed);
    const [own = ""] =
      (await Deno.readTextFile(`/proc/${family[0]}/cgroup`)).match(/ai-engine-\w+/) ?? [];
    const helper = await helperOf(killed) ?? 0;
    Deno.kill(helper, "SIGSTOP");
    killed.signal("SIGKILL");
    await killed.ended();
    Deno.kill(helper, "SIGKILL");
    assertEquals((await survivors(killed, family)).length, 2);
    await withProgram(options, async (next) => {
      assertEquals(await survivors(next, family), []);
      assertMatch(next.stderr, /Left-over processes.* left 2 processes, now ended/);
      await startFamily(next);
    });
    assert(own !== "" && !programCgroups().includes(own));
  },
});

Deno.test("kill -9 in the very moment of a spawn leaves nothing", async () => {
  for (let i = 0; i < 10; i++) {
    await using program = await RunningProgram.start(stubborn("child session"));
    const start = act(program, "start", "stubborn").catch(() => {});
    // Looks without a pause: from the run's record on an engine is about to be there.
    while (!(await runtimeFiles(program)).includes("running.json")) await Promise.resolve();
    await new Promise((resolve) => setTimeout(resolve, i));
    program.signal("SIGKILL");
    await assertNoneWithinPromise(program, []);
    await program.ended();
    await start;
  }
});

Deno.test("a helper that comes later knows an engine by nothing but what it was told", async () => {
  await using dir = await tempDir();
  const bare = join(dir.path, "stubborn");
  const script = `#!/bin/sh
exec env -i PATH="$PATH" AI_ENGINE_SOCKET="$AI_ENGINE_SOCKET" E2E_SCRIPT= python3 ${STUBBORN_PATH}\n`;
  await Deno.writeTextFile(bare, script, { mode: 0o755 });
  await using program = await RunningProgram.start({
    args: ["--engine", bare],
    env: SOON,
    prefix: HIDE_CGROUPS,
  });
  const family = await startFamily(program);
  const first = await helperOf(program) ?? 0;
  Deno.kill(first, "SIGKILL");
  await eventually(
    "another helper",
    async () => ![undefined, first].includes(await helperOf(program)),
  );
  program.signal("SIGKILL");
  await assertNoneWithinPromise(program, family);
  await program.ended();
});

programTest("a stop ends grandchildren of a moment in a session of their own", {
  ...stubborn("runaway"),
}, async (program) => {
  const family = await startFamily(program);
  await act(program, "stop", "stubborn");
  assertEquals(await survivors(program, family), []);
});

programTest("a helper that is killed is replaced, and the next one knows all", {
  ...stubborn("child session"),
}, async (program) => {
  const family = await startFamily(program);
  const first = await helperOf(program) ?? 0;
  Deno.kill(first, "SIGKILL");
  const killedAt = performance.now();
  await eventually(
    "another helper",
    async () => ![undefined, first].includes(await helperOf(program)),
  );
  const tookMs = performance.now() - killedAt;
  assert(tookMs < PROMISE_MS, `it took ${tookMs} ms`);
  assertEquals((await viewOf(program, "stubborn")).pid, family[0]);
  program.signal("SIGKILL");
  await assertNoneWithinPromise(program, family);
  await program.ended();
  await Deno.remove(join(program.runtimeDir, "ai-engine"), { recursive: true });
  await Deno.mkdir(join(program.runtimeDir, "ai-engine"));
  await Deno.writeTextFile(join(program.runtimeDir, "ai-engine", "supervisor.lock"), "");
});

Deno.test("helper and program killed at once: the next start ends what they left", async () => {
  await using dir = await tempDir();
  const options = {
    ...stubborn("child session shed runaway"),
    runtimeDir: await runDirIn(dir.path),
  };
  await using killed = await RunningProgram.start(options);
  const family = await startFamily(killed);
  const helper = await helperOf(killed) ?? 0;
  // Stopped it neither works nor is it replaced, until both are gone.
  Deno.kill(helper, "SIGSTOP");
  killed.signal("SIGKILL");
  await killed.ended();
  Deno.kill(helper, "SIGKILL");
  assertNotEquals(await survivors(killed, family), []);
  await withProgram(options, async (next) => {
    // It was said before anything could be started.
    assertEquals(await survivors(next, family), []);
    assertMatch(next.stderr, /Left-over processes.* left \d processes, now ended/);
    assertNotEquals((await startFamily(next))[0], family[0]);
  });
});

programTest("a helper has nothing of ours open, and gets no signal that ends it", {
  ...BUILTIN,
}, async (program) => {
  assertEquals(await helperOf(program), undefined, "there is one before the first engine");
  await act(program, "start", "builtin");
  await act(program, "stop", "builtin");
  const helper = await helperOf(program) ?? 0;
  const targets = [];
  for (const fd of [0, 1, 2]) targets.push(await Deno.readLink(`/proc/${helper}/fd/${fd}`));
  assertMatch(targets.join(" "), /^pipe:\[\d+\] \/dev\/null \/dev\/null$/);
  for await (const { name } of Deno.readDir(`/proc/${helper}/fd`)) {
    const target = await Deno.readLink(`/proc/${helper}/fd/${name}`);
    assert(!target.startsWith("socket:") && !target.includes(program.runtimeDir), target);
  }
  const environ = await Deno.readTextFile(`/proc/${helper}/environ`);
  assertMatch(environ, /^PATH=[^\0]*\0(PWD=\/\0)?$/);
  for (const osSignal of ["SIGTERM", "SIGINT", "SIGHUP", "SIGQUIT", "SIGUSR1"] as const) {
    Deno.kill(helper, osSignal);
  }
  await act(program, "start", "builtin");
  await act(program, "stop", "builtin");
  assertEquals(await helperOf(program), helper);
  program.signal("SIGTERM");
  assertEquals((await program.ended()).code, 0, program.stderr);
  assertEquals(await isAlive(helper), false);
});

Deno.test("a second supervisor is refused by name, also right after the first was killed", async () => {
  await using dir = await tempDir();
  const options = { ...stubborn("child session"), runtimeDir: await runDirIn(dir.path) };
  const serve = ["serve", "--listen", "127.0.0.1:0", ...options.args];
  await using first = await RunningProgram.start(options);
  const family = await startFamily(first);
  const refused = await runProgram(serve, options);
  assertEquals(refused.code, 10);
  assertMatch(refused.stderr, new RegExp(`process ${first.pid},`));
  assertNotEquals(await survivors(first, family), []);
  first.signal("SIGKILL");
  await withProgram(options, async (second) => {
    const again = await runProgram(serve, options);
    assertEquals(again.code, 10);
    assertMatch(again.stderr, new RegExp(`process ${second.pid},`));
    assertEquals(await survivors(first, family), []);
    assertNotEquals((await startFamily(second))[0], family[0]);
  });
});

Deno.test("of three that start right after a kill -9 one wins, and the others name it", async () => {
  await using dir = await tempDir();
  const options = { ...stubborn("child session"), runtimeDir: await runDirIn(dir.path) };
  await using killed = await RunningProgram.start(options);
  const family = await startFamily(killed);
  killed.signal("SIGKILL");
  let ended = 0;
  const runs = [1, 2, 3].map(async () => {
    const run = await runProgram(["serve", "--listen", "127.0.0.1:0", ...options.args], options);
    ended++;
    return run;
  });
  await eventually("two are refused", () => Promise.resolve(ended === 2));
  const lock = await Deno.readTextFile(join(options.runtimeDir, "ai-engine", "supervisor.lock"));
  assertEquals((await runProgram(["shutdown"], options)).code, 0);
  const finished = await Promise.all(runs);
  assertEquals(finished.map(({ code }) => code).sort(), [0, 10, 10]);
  for (const { code, stderr } of finished) {
    if (code === 10) assertMatch(stderr, new RegExp(`process ${JSON.parse(lock).pid},`));
  }
  assertEquals(await survivors(killed, family), []);
});

Deno.test("a supervisor whose lock file was removed keeps its engines; the second is refused", async () => {
  await using dir = await tempDir();
  const options = { ...stubborn(), runtimeDir: await runDirIn(dir.path) };
  await withProgram(options, async (first) => {
    const [engine = 0] = await startFamily(first);
    await Deno.remove(join(options.runtimeDir, "ai-engine", "supervisor.lock"));
    const refused = await runProgram(
      ["serve", "--listen", "127.0.0.1:0", ...options.args],
      options,
    );
    assertEquals(refused.code, 10);
    assertMatch(refused.stderr, new RegExp(`process ${first.pid},.*lock file was removed`));
    assert(await isAlive(engine));
  });
});
