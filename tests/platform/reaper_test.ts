/** The helper's script: what it ends when its input does, and what it leaves alone. */
import { assert, assertEquals, assertGreater } from "@std/assert";
import { startTimeOf } from "../../src/platform/procfs.ts";
import { Reaper } from "../../src/platform/reaper.ts";
import { PidsLimit } from "../support/pids_limit.ts";
import { withReaperShell, withSleepers } from "./support/reaper_shell.ts";
import { withTempDir } from "./support/temp_dir.ts";
import { isAlive, stateOf, withShed } from "./support/trees.ts";
import { until } from "./support/until.ts";

const ignore = Deno.build.os !== "linux";

/** Eight digits that no other test has, and the dash. */
let runs = 0;
const newPrefix = () => `${(Deno.pid * 1_000 + ++runs).toString(16).padStart(8, "0").slice(-8)}-`;

const alive = async (pids: readonly number[]) => {
  const states = await Promise.all(pids.map(isAlive));
  return pids.filter((_, i) => states[i]);
};

Deno.test({
  name:
    "at the end of its input the helper ends what carries a run id of its boot, and nothing else",
  ignore,
  fn() {
    const prefix = newPrefix();
    const ours = [
      { env: { AI_ENGINE_RUN: `${prefix}a-1` } },
      { env: { AI_ENGINE_RUN: `${prefix}b-12` } },
    ];
    const others = [
      { env: { AI_ENGINE_RUN: prefix.slice(0, -1) } },
      { env: { AI_ENGINE_RUN: `x${prefix}a-1` } },
      { env: { NOT_AI_ENGINE_RUN: `${prefix}a-1` } },
      { env: { A: `\nAI_ENGINE_RUN=${prefix}a-1` } },
      {},
    ];
    return withSleepers([...ours, ...others], (pids) =>
      withReaperShell(prefix, async (shell) => {
        assertEquals(await shell.endInput(), 0);
        assertEquals(await alive(pids), pids.slice(ours.length));
      }));
  },
});

Deno.test({
  name: "where no further process may be made the helper ends groups, and the rest once one may",
  ignore: !PidsLimit.isPossible,
  fn() {
    const prefix = newPrefix();
    return withSleepers(
      [{}, { env: { AI_ENGINE_RUN: `${prefix}a-1` } }],
      ([led = 0, left = 0]) =>
        withReaperShell(prefix, async (shell) => {
          await shell.tell(`add ${led} ${startTimeOf(led)}\n`);
          await using limit = await PidsLimit.around(shell.pid);
          await limit.close();
          const ended = shell.endInput();
          await until("the end of the group", async () => !await isAlive(led));
          assert(await isAlive(left));
          await limit.open();
          assertEquals(await ended, 0);
          assertEquals(await alive([led, left]), []);
        }),
    );
  },
});

Deno.test({
  name: "groups that were added are ended, those that were removed are not",
  ignore,
  fn: () =>
    withSleepers([{}, {}, {}], (pids) =>
      withReaperShell(newPrefix(), async (shell) => {
        const line = (verb: string, i: number) =>
          `${verb} ${pids[i]} ${startTimeOf(pids[i] ?? 0)}\n`;
        await shell.tell(line("add", 0) + line("add", 1) + line("add", 2) + line("remove", 1));
        await shell.endInput();
        assertEquals(await alive(pids), [pids[1]]);
      })),
});

Deno.test({
  name:
    "who is in the session of one that carries a run id is ended, though nobody told of the group",
  ignore,
  fn() {
    const prefix = newPrefix();
    return withShed((tree, child) =>
      withReaperShell(prefix, async (shell) => {
        await shell.endInput();
        assertEquals([await isAlive(tree.pid), await isAlive(child)], [false, false]);
      }), { runId: `${prefix}a-1` });
  },
});

Deno.test({
  name: "a group whose number was given to a later process is left alone",
  ignore,
  fn: () =>
    withSleepers([{}, {}], (pids) =>
      withReaperShell(newPrefix(), async (shell) => {
        const startTime = Number(startTimeOf(pids[0] ?? 0));
        await shell.tell(`add ${pids[0]} ${startTime - 1}\nadd ${pids[1]} -\n`);
        await shell.endInput();
        assertEquals(await alive(pids), pids);
      })),
});

Deno.test({
  name: "a line that is cut by the end ends nobody",
  ignore,
  fn: () =>
    withSleepers([{}], (pids) =>
      withReaperShell(newPrefix(), async (shell) => {
        await shell.tell(`add ${pids[0]} ${startTimeOf(pids[0] ?? 0)}`);
        await shell.endInput();
        assertEquals(await alive(pids), pids);
      })),
});

Deno.test({
  name: "a group is found whatever its leader is called",
  ignore,
  fn: () =>
    withTempDir(async (dir) => {
      const name = `${dir}/a) S 1 (\nb`;
      await Deno.copyFile("/bin/sleep", name);
      await withSleepers([{ name }], (pids) =>
        withReaperShell(newPrefix(), async (shell) => {
          await shell.tell(`add ${pids[0]} ${startTimeOf(pids[0] ?? 0)}\n`);
          await shell.endInput();
          assertEquals(await alive(pids), []);
        }));
    }),
});

Deno.test({
  name: "after a bye the helper goes and ends nobody",
  ignore,
  fn() {
    const prefix = newPrefix();
    return withSleepers(
      [{ env: { AI_ENGINE_RUN: `${prefix}a-1` } }],
      (pids) =>
        withReaperShell(prefix, async (shell) => {
          await shell.tell("bye\n");
          assertEquals(await shell.endInput(), 0);
          assertEquals(await alive(pids), pids);
        }),
    );
  },
});

Deno.test({
  name: "no signal that can be ignored ends the helper; idle it takes no time and little memory",
  ignore,
  fn: () =>
    withReaperShell(newPrefix(), async (shell) => {
      // Caught or ignored it must be before it is signalled: the bit of SIGXFSZ is the last to be set.
      await until("it ignores signals", async () => {
        const status = await Deno.readTextFile(`/proc/${shell.pid}/status`);
        return (BigInt(`0x${/^SigIgn:\s+(\w+)$/m.exec(status)?.[1]}`) & (1n << 24n)) !== 0n;
      });
      const names = ["SIGTERM", "SIGINT", "SIGHUP", "SIGQUIT", "SIGPIPE", "SIGALRM", "SIGUSR1"];
      for (const name of [...names, "SIGUSR2", "SIGTSTP", "SIGXCPU"]) {
        Deno.kill(shell.pid, name as Deno.Signal);
      }
      await until("it reads", async () => await stateOf(shell.pid) === "S");
      const statm = await Deno.readTextFile(`/proc/${shell.pid}/statm`);
      const [, pages = 0] = statm.split(" ").map(Number);
      assert(pages * 4_096 < 4 * 2 ** 20, `${pages} pages`);
      const stat = await Deno.readTextFile(`/proc/${shell.pid}/stat`);
      const [user, system] = stat.slice(stat.lastIndexOf(")") + 2).split(" ").slice(11, 13);
      assert(Number(user) + Number(system) <= 5, `${user} + ${system} ticks`);
      await shell.tell("bye\n");
      assertEquals(await shell.endInput(), 0);
    }),
});

Deno.test({
  name: "a helper that is killed again and again is replaced each time, and told of all groups",
  ignore,
  fn: () =>
    withSleepers([{}], async ([pid = 0]) => {
      const runPrefix = newPrefix();
      const group = { pid, startTime: startTimeOf(pid) };
      const missing: string[] = [];
      const reaper = new Reaper({
        runPrefix,
        cgroup: () => null,
        privateDirs: null,
        groups: () => [group],
        onMissing: (why) => missing.push(why),
      });
      assertEquals(reaper.pid, null);
      reaper.start();
      const seen = new Set<number>();
      const tookMs: number[] = [];
      for (let i = 0; i < 4; i++) {
        const helper = reaper.pid ?? 0;
        assertGreater(helper, 0);
        seen.add(helper);
        const killedAt = performance.now();
        Deno.kill(helper, "SIGKILL");
        await until("another one", () => reaper.pid !== null && reaper.pid !== helper);
        tookMs.push(performance.now() - killedAt);
      }
      assertEquals(seen.size, 4);
      // The promise; a machine that is busy with others may hold up all but one of them.
      assert(Math.min(...tookMs) < 100, `they took ${tookMs} ms`);
      await reaper.close();
      assertEquals(missing, []);
      assert(await isAlive(pid));
      reaper.start();
      assertEquals(reaper.pid, null);
    }),
});

Deno.test({
  name: "close() ends a helper that is stopped and does not read",
  ignore,
  async fn() {
    const reaper = new Reaper({
      runPrefix: newPrefix(),
      cgroup: () => null,
      privateDirs: null,
      groups: () => [],
      onMissing: () => {},
    });
    reaper.start();
    const helper = reaper.pid ?? 0;
    Deno.kill(helper, "SIGSTOP");
    await until("it is stopped", async () => await stateOf(helper) === "T");
    await reaper.close();
    assertEquals(await stateOf(helper), null);
  },
});
