/** The record of what runs, and the sweep of what a program before has left. */
import {
  assert,
  assertEquals,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { ConfigError, SpawnError, StorageError } from "../../src/core/mod.ts";
import { OrphanGuard, sweepOrphans, systemProcesses } from "../../src/platform/mod.ts";
import { forkCount, forksUntilReuse, startTimeOf } from "../../src/platform/procfs.ts";
import { machineBoot } from "../../src/platform/run_record.ts";
import { withSleepers } from "./support/reaper_shell.ts";
import { withTempDir } from "./support/temp_dir.ts";
import { isAlive, withHeadless, withShed } from "./support/trees.ts";
import { until } from "./support/until.ts";

const ignore = Deno.build.os !== "linux";

let runs = 0;
const newBoot = () => (Deno.pid * 1_000 + 500 + ++runs).toString(16).padStart(8, "0").slice(-8);

const filesIn = (dir: string) => Array.from(Deno.readDirSync(dir), ({ name }) => name);

/** What a program that was killed has left in `dir`. */
function leaveRecord(dir: string, record: Readonly<Record<string, unknown>>): Promise<void> {
  const whole = {
    runPrefix: `${newBoot()}-`,
    machineBoot: machineBoot(),
    supervisor: { pid: 1, startTime: "0" },
    groups: [],
    ...record,
  };
  return Deno.writeTextFile(`${dir}/running.json`, JSON.stringify(whole));
}

const groupOf = (pid: number, startTime = startTimeOf(pid)) => ({ pid, startTime, runId: "x" });

Deno.test({
  name: "the record is there while something runs, says what, and goes with it",
  ignore,
  fn: () =>
    withTempDir(async (dir) => {
      const boot = newBoot();
      const weak: string[] = [];
      const guard = new OrphanGuard({ dir, boot, onWeak: (title) => weak.push(title) });
      const processes = systemProcesses({ umask: 0o022, guard });
      const runId = `${boot}-a-1`;
      const tree = processes.spawn({ argv: ["sleep", "1000"], env: {}, runId });
      const read = async () => JSON.parse(await Deno.readTextFile(`${dir}/running.json`));
      assertEquals((await read()).runPrefix, `${boot}-`, "it is there before the process");
      await until("it names the process", async () => (await read()).groups.length > 0);
      const record = await read();
      assertEquals(record.runPrefix, `${boot}-`);
      assertEquals(record.groups, [{ pid: tree.pid, startTime: startTimeOf(tree.pid), runId }]);
      assertEquals((await Deno.stat(`${dir}/running.json`)).mode! & 0o777, 0o600);
      assertThrows(
        () => processes.spawn({ argv: [`${dir}/none`], env: {}, runId: `${boot}-b-1` }),
        SpawnError,
      );
      assertEquals(filesIn(dir), ["running.json"]);
      tree.signal("SIGKILL");
      await tree.exited;
      tree.release();
      await until("it is forgotten", () => filesIn(dir).length === 0);
      assertThrows(
        () => processes.spawn({ argv: [`${dir}/none`], env: {}, runId: `${boot}-b-2` }),
        SpawnError,
      );
      await until("nothing is recorded", () => filesIn(dir).length === 0);
      await guard.close();
      assertEquals(weak, []);
    }),
});

Deno.test({
  name: "a process that is given up stays in the record until its group is gone",
  ignore,
  fn: () =>
    withTempDir(async (dir) => {
      const guard = new OrphanGuard({ dir, boot: newBoot(), onWeak: () => {} });
      const tree = systemProcesses({ umask: 0o022, guard })
        .spawn({ argv: ["sleep", "1000"], env: {}, runId: "given-up-1" });
      await until("it leads a group", () => tree.hasGroup());
      tree.release();
      assert(await tree.hasGroup());
      assertEquals(filesIn(dir), ["running.json"]);
      tree.signal("SIGKILL");
      await until("it is forgotten", () => filesIn(dir).length === 0);
      await tree.exited;
      await guard.close();
    }),
});

Deno.test({
  name: "a directory that can't be written to is told of once, and holds no engine up",
  ignore,
  fn: () =>
    withTempDir(async (dir) => {
      const weak: string[] = [];
      const guard = new OrphanGuard({
        dir: `${dir}/none`,
        boot: newBoot(),
        onWeak: (title) => weak.push(title),
      });
      const tree = systemProcesses({ umask: 0o022, guard })
        .spawn({ argv: ["true"], env: {}, runId: "x-1" });
      await tree.exited;
      await until("its group is gone", async () => !await tree.hasGroup());
      tree.release();
      await guard.close();
      assertEquals(weak, ["Running engines not recorded"]);
    }),
});

Deno.test({
  name: "the sweep ends groups that are what the record says, and whatever carries its run ids",
  ignore,
  fn: () =>
    withTempDir((dir) => {
      const boot = newBoot();
      return withSleepers([{}, { env: { AI_ENGINE_RUN: `${boot}-a-1` } }, {}], async (pids) => {
        const [group = 0, , other = 0] = pids;
        await leaveRecord(dir, { runPrefix: `${boot}-`, groups: [groupOf(group)] });
        const { found, left } = await sweepOrphans(dir);
        // The group may be gone before it is looked for.
        assert(found >= 1 && found <= 2);
        assertEquals(left, []);
        assertEquals(await Promise.all(pids.map(isAlive)), [false, false, true]);
        assert(await isAlive(other));
        assertEquals(filesIn(dir), []);
      });
    }),
});

Deno.test({
  name: "the sweep ends who is in the session of one that it knows by its run id alone",
  ignore,
  fn: () =>
    withTempDir((dir) => {
      const boot = newBoot();
      return withShed(async (tree, child) => {
        await leaveRecord(dir, { runPrefix: `${boot}-` });
        assertEquals(await sweepOrphans(dir), { found: 2, left: [] });
        assertEquals([await isAlive(tree.pid), await isAlive(child)], [false, false]);
      }, { runId: `${boot}-a-1` });
    }),
});

Deno.test({
  name:
    "the sweep knows a session whose leader has ended by its number, unless that may be another's",
  ignore,
  fn: () =>
    withTempDir((dir) =>
      withShed(async (tree, child) => {
        const groups = [groupOf(tree.pid)];
        tree.signal("SIGKILL");
        await tree.exited;
        const forks = forkCount() ?? 0;
        for (const tooLongAgo of [forks - forksUntilReuse(), forks + 1_000_000, null]) {
          await leaveRecord(dir, { groups, forks: tooLongAgo });
          assertEquals(await sweepOrphans(dir), { found: 0, left: [] });
        }
        assert(await isAlive(child));
        await leaveRecord(dir, { groups, forks });
        assertEquals(await sweepOrphans(dir), { found: 1, left: [] });
        assertEquals(await isAlive(child), false);
      })
    ),
});

Deno.test({
  name: "the sweep ends a process whose first thread has exited, and waits for its last",
  ignore,
  fn: () =>
    withTempDir((dir) =>
      withHeadless(async (tree) => {
        await leaveRecord(dir, { groups: [groupOf(tree.pid)] });
        // It may be gone before it is looked for.
        assertEquals((await sweepOrphans(dir)).left, []);
        assertEquals(await tree.hasGroup(), false);
      })
    ),
});

Deno.test({
  name: "a process that was given the number of one in the record is not signalled",
  ignore,
  fn: () =>
    withTempDir((dir) =>
      withSleepers([{}, {}, {}], async (pids) => {
        const [earlier = 0, unknown = 0, sameTicks = 0] = pids;
        const time = Number(startTimeOf(earlier));
        await leaveRecord(dir, {
          groups: [groupOf(earlier, String(time - 1)), groupOf(unknown, null)],
        });
        assertEquals(await sweepOrphans(dir), { found: 0, left: [] });
        // From before the machine was started anew, at the same time after that.
        await leaveRecord(dir, { machineBoot: "another", groups: [groupOf(sameTicks)] });
        assertEquals(await sweepOrphans(dir), { found: 0, left: [] });
        assertEquals(await Promise.all(pids.map(isAlive)), [true, true, true]);
      })
    ),
});

for (
  const [what, content] of [
    ["nothing", ""],
    ["half a record", '{"runPrefix":"0123'],
    ["no run prefix", { runPrefix: "" }],
    ["a run prefix that fits all", { runPrefix: "-" }],
    ["everybody's group", { groups: [{ pid: 1, startTime: "0", runId: "x" }] }],
    ["a group of text", { groups: [{ pid: "12", startTime: "0", runId: "x" }] }],
  ] as const
) {
  Deno.test(`a record that says ${what} is dropped, and nobody is signalled`, () =>
    withTempDir((dir) =>
      withSleepers([{ env: { AI_ENGINE_RUN: "-x-1" } }], async ([pid = 0]) => {
        if (typeof content === "string") await Deno.writeTextFile(`${dir}/running.json`, content);
        else await leaveRecord(dir, content);
        assertEquals(await sweepOrphans(dir), { found: 0, left: [] });
        assert(await isAlive(pid));
        assertEquals(filesIn(dir), []);
      })
    ));
}

Deno.test({
  name: "the sweep refuses to touch what a living supervisor has running",
  ignore,
  fn: () =>
    withTempDir((dir) =>
      withSleepers([{}, {}], async ([supervisor = 0, engine = 0]) => {
        await leaveRecord(dir, { supervisor: groupOf(supervisor), groups: [groupOf(engine)] });
        const error = await assertRejects(() => sweepOrphans(dir), ConfigError);
        assertEquals(error.code, "already_running");
        assertStringIncludes(error.message, `process ${supervisor},`);
        assert(await isAlive(engine));
        assertEquals(filesIn(dir), ["running.json"]);
      })
    ),
});

Deno.test("a record that can't be read is told of, and nothing is started over it", () =>
  withTempDir(async (dir) => {
    await Deno.mkdir(`${dir}/running.json`);
    const error = await assertRejects(() => sweepOrphans(dir), StorageError);
    assertStringIncludes(error.message, `${dir}/running.json`);
  }));

Deno.test("without a record there is nothing to sweep", () =>
  withTempDir(async (dir) => {
    assertEquals(await sweepOrphans(dir), { found: 0, left: [] });
  }));
