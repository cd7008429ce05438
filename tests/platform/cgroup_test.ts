/** Cgroups: what shed everything else is ended by them. Most of it with real ones, where they can be made. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import type { ProcessTree } from "../../src/core/mod.ts";
import { CgroupHome, homeName, locateCgroup } from "../../src/platform/cgroup.ts";
import { enableMemory, limitMemory, wasOverMemory } from "../../src/platform/cgroup_memory.ts";
import { OrphanGuard, sweepOrphans, systemProcesses } from "../../src/platform/mod.ts";
import { machineBoot } from "../../src/platform/run_record.ts";
import { cgroupsIn, FakeCgroupTree, hasCgroups, withCgroup } from "./support/cgroups.ts";
import { withReaperShell } from "./support/reaper_shell.ts";
import { withTempDir } from "./support/temp_dir.ts";
import { isAlive } from "./support/trees.ts";
import { until } from "./support/until.ts";

const MOUNTS = `22 1 0:20 / /proc rw - proc proc rw
31 22 0:27 / /sys/fs/cgroup ro - tmpfs tmpfs ro
41 31 0:38 / /sys/fs/cgroup/unified rw,relatime shared:3 - cgroup2 cgroup2 rw`;

for (
  const [what, mounts, own, expected] of [
    ["at the root", MOUNTS, "4:memory:/x\n0::/\n", "/sys/fs/cgroup/unified"],
    ["deeper", MOUNTS, "0::/a.slice/b c.scope\n", "/sys/fs/cgroup/unified/a.slice/b c.scope"],
    ["below the mount's root", "1 1 0:1 /a /cg rw - cgroup2 x rw", "0::/a/b\n", "/cg/b"],
    ["the mount's root", "1 1 0:1 /a /cg rw - cgroup2 x rw", "0::/a\n", "/cg"],
    ["beside the mount's root", "1 1 0:1 /a /cg rw - cgroup2 x rw", "0::/ab\n", null],
    ["in a place with a blank", "1 1 0:1 / /c\\040g rw - cgroup2 x rw", "0::/\n", "/c g"],
    ["in a room of its own", MOUNTS, "0::/a/ai-engine-supervisor\n", "/sys/fs/cgroup/unified/a"],
    ["in one at the root", MOUNTS, "0::/ai-engine-supervisor\n", "/sys/fs/cgroup/unified"],
    ["outside of its namespace", MOUNTS, "0::/../other\n", null],
    ["in version 1 only", "1 1 0:1 / /cg rw - cgroup cgroup rw", "4:memory:/x\n", null],
    ["nowhere", MOUNTS.split("\n")[0] ?? "", "0::/\n", null],
  ] as const
) {
  Deno.test(`a program finds its own cgroup: ${what}`, () => {
    assertEquals(locateCgroup(mounts, own), expected);
  });
}

/** A child that leaves session and group and has an empty environment, and says who it is. */
const ESCAPE = "setsid env -i sh -c 'echo $$; exec sleep 1000' & wait";

let runs = 0;
const newBoot = () => (Deno.pid * 1_000 + 700 + ++runs).toString(16).padStart(8, "0").slice(-8);

interface Escape {
  readonly guard: OrphanGuard;
  readonly tree: ProcessTree;
  readonly escaped: number;
  readonly boot: string;
  /** The runtime directory. */
  readonly dir: string;
  /** Where the program's cgroup is made. */
  readonly base: string;
}

/** An engine with a child that shed all that it could. */
function withEscape(use: (escape: Escape) => Promise<void>): Promise<void> {
  return withTempDir((dir) =>
    withCgroup(async (base) => {
      const boot = newBoot();
      const guard = new OrphanGuard({ dir, boot, cgroup: base, onWeak: () => {} });
      const tree = systemProcesses({ umask: 0o022, guard })
        .spawn({ argv: ["sh", "-c", ESCAPE], env: {}, runId: `${boot}-a-1` });
      const reader = tree.stdout.getReader();
      const escaped = Number(new TextDecoder().decode((await reader.read()).value));
      assert(escaped > 0 && await isAlive(escaped));
      await until("both are in the cgroup", async () => {
        return await isIn(tree.pid, boot) && await isIn(escaped, boot);
      });
      try {
        await use({ guard, tree, escaped, boot, dir, base });
      } finally {
        tree.signal("SIGKILL");
        await tree.exited;
        await until("its group is gone", async () => !await tree.hasGroup());
        await until("nothing is left", async () => await tree.killStrays() === 0);
        tree.release();
        await reader.cancel();
        await guard.close();
      }
    })
  );
}

/** Whether `pid` is in the program's cgroup. */
async function isIn(pid: number, boot: string): Promise<boolean> {
  return (await Deno.readTextFile(`/proc/${pid}/cgroup`)).includes(`/${homeName(boot)}/`);
}

/** Resolves when there is another one. */
async function killHelper(guard: OrphanGuard): Promise<void> {
  const before = guard.helperPid ?? 0;
  Deno.kill(before, "SIGKILL");
  await until("another helper", () => ![null, before].includes(guard.helperPid));
}

const ignore = !hasCgroups;

Deno.test({
  name:
    "a process is put into a cgroup of its own, with what it has started by then, its number unchanged",
  ignore,
  fn: () =>
    withEscape(async ({ tree, escaped, boot, base }) => {
      const { pathname } = new URL(`file://${base}`);
      const end = `${pathname.slice(pathname.lastIndexOf("/"))}/${homeName(boot)}/${boot}-a-1\n`;
      for (const pid of [tree.pid, escaped]) {
        assertStringIncludes(await Deno.readTextFile(`/proc/${pid}/cgroup`), end);
      }
      const stat = await Deno.readTextFile(`/proc/${tree.pid}/stat`);
      assertEquals(stat.split(" ").slice(4, 6), [String(tree.pid), String(tree.pid)]);
    }),
});

Deno.test({
  name: "SIGKILL ends a child that shed session, group and environment",
  ignore,
  fn: () =>
    withEscape(async ({ tree, escaped }) => {
      tree.signal("SIGKILL");
      await until("it is gone", async () => !await isAlive(escaped));
    }),
});

Deno.test({
  name:
    "killStrays() finds it after its leader has gone, and release() removes the cgroup, with the last " +
    "one the program's",
  ignore,
  fn: () =>
    withEscape(async ({ tree, escaped, guard, boot, base }) => {
      Deno.kill(tree.pid, "SIGKILL");
      await tree.exited;
      assertEquals(await tree.hasGroup(), false);
      assert(await isAlive(escaped));
      assertEquals(await tree.killStrays(), 1);
      await until("it is gone", async () => await tree.killStrays() === 0);
      assertEquals(await isAlive(escaped), false);
      tree.release();
      await until("all cgroups are gone", () => cgroupsIn(base).length === 0);
      await killHelper(guard);
      const next = systemProcesses({ umask: 0o022, guard })
        .spawn({ argv: ["sleep", "1000"], env: {}, runId: `${boot}-a-2` });
      assertEquals(cgroupsIn(`${base}/${homeName(boot)}`), [`${boot}-a-2`]);
      const helper = await Deno.readTextFile(`/proc/${guard.helperPid}/cmdline`);
      assertStringIncludes(helper, `\0${base}/${homeName(boot)}\0`);
      next.signal("SIGKILL");
      await next.exited;
      assertEquals(await next.hasGroup(), false);
      next.release();
      await guard.close();
      await until("all are gone again", () => cgroupsIn(base).length === 0);
    }),
});

Deno.test({
  name: "at the end of its input the helper ends what is in the cgroup, and removes it",
  ignore,
  fn: () =>
    withEscape(async ({ escaped, boot, base }) => {
      const cgroup = `${base}/${homeName(boot)}`;
      // Of no run id, so that nothing but the cgroup leads to it.
      await withReaperShell(newBoot(), async (shell) => {
        assertEquals(await shell.endInput(), 0);
        assertEquals(await isAlive(escaped), false);
        assertEquals(cgroupsIn(base), []);
      }, [cgroup]);
    }),
});

Deno.test({
  name: "the next start ends what is in the recorded cgroup, and removes it",
  ignore,
  fn: () =>
    withEscape(async ({ escaped, tree, boot, base }) => {
      await withTempDir(async (dir) => {
        const record = {
          // Its run id leads to the leader alone.
          runPrefix: `${boot}-`,
          machineBoot: machineBoot(),
          supervisor: { pid: 1, startTime: "0" },
          groups: [],
          cgroup: `${base}/${homeName(boot)}`,
          privateDirs: null,
        };
        await Deno.writeTextFile(`${dir}/running.json`, JSON.stringify(record));
        const { found, left } = await sweepOrphans(dir);
        assert(found >= 2, `${found} found`);
        assertEquals(left, []);
        await tree.exited;
        assertEquals(await isAlive(escaped), false);
        assertEquals(cgroupsIn(base), []);
      });
    }),
});

for (
  const [what, path] of [
    ["that is not the program's", ({ base }: Escape) => base],
    ["of another program", ({ base, boot }: Escape) => `${base}/${homeName(boot)}`],
  ] as const
) {
  Deno.test({
    name: `a record of a cgroup ${what} ends nobody`,
    ignore,
    fn: () =>
      withEscape((escape) =>
        withTempDir(async (dir) => {
          const record = {
            runPrefix: "01234567-",
            machineBoot: machineBoot(),
            supervisor: { pid: 1, startTime: "0" },
            groups: [],
            cgroup: path(escape),
          };
          await Deno.writeTextFile(`${dir}/running.json`, JSON.stringify(record));
          assertEquals(await sweepOrphans(dir), { found: 0, left: [] });
          assert(await isAlive(escape.escaped));
        })
      ),
  });
}

Deno.test("where no cgroup can be made there is none, and engines start all the same", () =>
  withTempDir(async (dir) => {
    // A directory, and no cgroup: nothing in it is the kernel's.
    assertEquals(CgroupHome.make(dir, newBoot()), null);
    assertEquals(Array.from(Deno.readDirSync(dir)), []);
    const guard = new OrphanGuard({ dir, boot: newBoot(), cgroup: dir, onWeak: () => {} });
    const tree = systemProcesses({ umask: 0o022, guard })
      .spawn({ argv: ["true"], env: {}, runId: "x-1" });
    assertEquals(await tree.exited, { code: 0, osSignal: null });
    await until("its group is gone", async () => !await tree.hasGroup());
    tree.release();
    await guard.close();
  }));

Deno.test("a memory limit of a cgroup: handed on, set for the whole engine, and told when it is reached", () => {
  const files = new FakeCgroupTree("/cg", { controllers: "cpu memory" });
  const home = CgroupHome.make("/cg", "01234567", files);
  assert(home !== null);
  assertEquals(enableMemory(home), null);
  const engine = home.makeEngine("01234567-a-1");
  assert(engine !== null);
  assertEquals(limitMemory(engine, 1_000_000), true);
  assertEquals(files.read(`${engine.dir}/memory.max`), "1000000");
  assertEquals(files.read(`${engine.dir}/memory.oom.group`), "1");
  assertEquals(wasOverMemory(engine), false);
  files.write(`${engine.dir}/memory.events`, "oom 1\noom_kill 1\noom_group_kill 1\n");
  assertEquals(wasOverMemory(engine), true);
});

for (
  const [what, options, why] of [
    ["has no memory controller", { controllers: "cpu" }, "no memory controller in /cg"],
    ["has processes in it", { controllers: "memory", occupied: "/cg" }, "/cg can't hand"],
  ] as const
) {
  Deno.test(`a cgroup that ${what} can't limit memory, and it is said why`, () => {
    const home = CgroupHome.make("/cg", "01234567", new FakeCgroupTree("/cg", options));
    assert(home !== null);
    assertStringIncludes(enableMemory(home) ?? "", why);
  });
}
