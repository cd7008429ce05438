/** What a process is held to: environment, niceness, user and group, memory. */
import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { fromFileUrl } from "@std/path";
import { SpawnError, type SpawnLimits, type SpawnSpec } from "../../src/core/mod.ts";
import { loadLimits, systemProcesses } from "../../src/platform/mod.ts";
import { findLine } from "../../src/platform/user_lookup.ts";
import { withTempDir } from "./support/temp_dir.ts";
import { newRunId } from "./support/trees.ts";
import { until } from "./support/until.ts";

const prepareLimits = await loadLimits();
const isLinux = Deno.build.os === "linux";
const isRoot = Deno.uid() === 0;

/** What a shell prints when it is run with `spec`. */
async function printed(script: string, spec: Partial<SpawnSpec>): Promise<string[]> {
  const tree = systemProcesses({ umask: 0o022, prepareLimits })
    .spawn({ argv: ["/bin/sh", "-c", script], env: {}, runId: newRunId(), ...spec });
  const [stdout, stderr] = await Promise.all([
    new Response(tree.stdout).text(),
    new Response(tree.stderr).text(),
  ]);
  await tree.exited;
  tree.release();
  assertEquals(stderr, "");
  return stdout.trimEnd().split("\n");
}

function refusal(limits: SpawnLimits): SpawnError {
  const spec = { argv: ["/bin/true"] as const, env: {}, runId: newRunId(), limits };
  const processes = systemProcesses({ umask: 0o022, prepareLimits });
  return assertThrows(() => processes.spawn(spec), SpawnError);
}

function withVariables(variables: Record<string, string>, use: () => Promise<void>): Promise<void> {
  const before = Object.keys(variables).map((name) => [name, Deno.env.get(name)] as const);
  for (const [name, value] of Object.entries(variables)) Deno.env.set(name, value);
  return use().finally(() => {
    for (const [name, value] of before) {
      if (value === undefined) Deno.env.delete(name);
      else Deno.env.set(name, value);
    }
  });
}

const VARIABLES = { AI_ENGINE_TEST_A: "1", AI_ENGINE_TEST_B: "2", AI_ENGINE_TEST_C: "3" };
const TELL_VARIABLES = "env | grep -v ^PWD= | sed 's/=.*//' | sort | tr '\\n' ' '";

Deno.test("of our environment a process gets all but what is withheld", () =>
  withVariables(VARIABLES, async () => {
    const inherits = { allBut: ["AI_ENGINE_TEST_B", "AI_ENGINE_TEST_NONE"] };
    const [names = ""] = await printed(TELL_VARIABLES, { inherits });
    const ours = [
      "AI_ENGINE_RUN",
      "AI_ENGINE_TEST_A",
      "AI_ENGINE_TEST_B",
      "AI_ENGINE_TEST_C",
      "PATH",
    ];
    // The environment of whoever runs the tests may hold anything besides.
    const got = names.split(" ").filter((name) => ours.includes(name));
    assertEquals(got, ["AI_ENGINE_RUN", "AI_ENGINE_TEST_A", "AI_ENGINE_TEST_C", "PATH"]);
  }));

Deno.test("... or only what is named, with what is added, and always its run id", () =>
  withVariables(VARIABLES, async () => {
    const inherits = { only: ["AI_ENGINE_TEST_B", "PATH", "AI_ENGINE_TEST_NONE"] };
    const env = { ADDED: "x" };
    const [names] = await printed(TELL_VARIABLES, { inherits, env });
    assertEquals(names, "ADDED AI_ENGINE_RUN AI_ENGINE_TEST_B PATH");
  }));

Deno.test("what is added beats what is inherited; the run id beats both", () =>
  withVariables({ ...VARIABLES, AI_ENGINE_RUN: "outer" }, async () => {
    const env = { AI_ENGINE_TEST_A: "mine", AI_ENGINE_RUN: "another" };
    const runId = newRunId();
    const script = 'echo "$AI_ENGINE_TEST_A $AI_ENGINE_RUN"';
    for (const inherits of [{ allBut: [] }, { only: ["AI_ENGINE_TEST_A", "AI_ENGINE_RUN"] }]) {
      assertEquals(await printed(script, { inherits, env, runId }), [`mine ${runId}`]);
    }
  }));

Deno.test({
  name: "a process gets the niceness it is given, and its number stays the leader's",
  ignore: !isLinux,
  async fn() {
    const limits = { nice: 7 };
    const [nice, leads] = await printed("nice; [ $$ = $(ps -o sid= -p $$) ] && echo leads", {
      limits,
    });
    assertEquals([nice, leads], ["7", "leads"]);
  },
});

Deno.test({
  name: "root may give a process more of the processor than it has itself",
  ignore: !isLinux || !isRoot,
  async fn() {
    assertEquals(await printed("nice", { limits: { nice: -3 } }), ["-3"]);
  },
});

Deno.test({
  name: "a program that sets a limit and is not there is named, with what it comes from",
  ignore: !isLinux,
  fn: () =>
    withTempDir((dir) =>
      withVariables({ PATH: dir }, () => {
        const error = refusal({ nice: 5 });
        assertStringIncludes(error.message, "`nice` needs the program nice (coreutils)");
        assertStringIncludes(error.remedy, "Install coreutils");
        if (!isRoot) return Promise.resolve();
        assertStringIncludes(refusal({ user: "nobody" }).message, "setpriv (util-linux)");
        return Promise.resolve();
      })
    ),
});

const TELL_USER = 'echo "$(id -u) $(id -g) $(id -G)"; echo "$HOME $USER $LOGNAME"; umask';

Deno.test({
  name: "root runs a process as another user, with that user's groups and home",
  ignore: !isLinux || !isRoot,
  fn: () =>
    withVariables({ XDG_RUNTIME_DIR: "/run/user/0" }, async () => {
      const [name = "", , uid, gid, , home] =
        findLine(await Deno.readTextFile("/etc/passwd"), "nobody") ?? [];
      for (const user of [name, uid ?? ""]) {
        const script = `${TELL_USER}; echo "$XDG_RUNTIME_DIR"`;
        assertEquals(await printed(script, { cwd: "/", limits: { user } }), [
          `${uid} ${gid} ${gid}`,
          `${home} ${name} ${name}`,
          "0022",
        ]);
      }
      const env = { HOME: "/mine" };
      const [, names] = await printed(TELL_USER, { cwd: "/", env, limits: { user: name } });
      assertEquals(names, `/mine ${name} ${name}`);
    }),
});

Deno.test({
  name: "root runs a process with another group, and as a number that nobody has",
  ignore: !isLinux || !isRoot,
  async fn() {
    assertEquals((await printed(TELL_USER, { limits: { group: "12345" } }))[0], "0 12345 12345");
    const both = { user: "54321", group: "12345" };
    assertEquals((await printed(TELL_USER, { cwd: "/", limits: both }))[0], "54321 12345 12345");
  },
});

Deno.test({
  name: "a user or group that is not there is named, and a user that has no group",
  ignore: !isLinux || !isRoot,
  fn() {
    assertStringIncludes(refusal({ user: "no-such-user" }).message, "user is no-such-user");
    assertStringIncludes(refusal({ group: "no-such-group" }).message, "group is no-such-group");
    assertStringIncludes(refusal({ user: "54321" }).remedy, "Set `group` as well");
  },
});

/** Tries to spawn with `limits` below `prefix`; gives the refusal. */
async function refusalBelow(prefix: readonly string[], limits: SpawnLimits): Promise<string> {
  const script = fromFileUrl(new URL("./support/spawn_with_limits.ts", import.meta.url));
  const [program = "", ...args] = [...prefix, Deno.execPath(), "run", "-A", script];
  const command = new Deno.Command(program, { args: [...args, JSON.stringify(limits)] });
  const { stdout } = await command.output();
  return new TextDecoder().decode(stdout);
}

/** Root of no namespace that counts: files are root's, and nothing else is allowed. */
const AS_USER = ["unshare", "--user", "--map-user=1000", "--map-group=1000"];

Deno.test({
  name: "who is not root can't have another user, group, or more of the processor: it is said why",
  ignore: !isLinux || !isRoot,
  async fn() {
    const user = await refusalBelow(AS_USER, { user: "nobody" });
    assertStringIncludes(user, "to run as user nobody, which only root can have it do");
    assertStringIncludes(user, "runs as user 1000");
    assertStringIncludes(await refusalBelow(AS_USER, { group: "1" }), "to run as group 1, which");
    assertStringIncludes(await refusalBelow(AS_USER, { nice: -1 }), "only root may take more of");
    assertStringIncludes(await refusalBelow(AS_USER, { nice: 1 }), "started");
  },
});

Deno.test({
  name: "root without the right to become another user is told what it lacks",
  ignore: !isLinux || !isRoot,
  async fn() {
    const prefix = ["setpriv", "--bounding-set=-setuid,-setgid"];
    const text = await refusalBelow(prefix, { user: "nobody" });
    assertStringIncludes(text, "can't be run as user nobody: setpriv:");
    assertStringIncludes(text, "CAP_SETUID");
  },
});

Deno.test({
  name: "a private directory is its user's alone, made before the process and removed after it",
  ignore: !isLinux || !isRoot,
  async fn() {
    const above = `/run/ai-engine-test-${Deno.pid}`;
    const privateDir = `${above}/0badcafe-a`;
    const script = `stat -c '%a %U' ${privateDir}; touch ${privateDir}/mine && ls ${privateDir}`;
    const limits = { user: "nobody", privateDir };
    try {
      assertEquals(await printed(script, { cwd: "/", limits }), ["700 nobody", "mine"]);
      assertThrows(() => Deno.lstatSync(privateDir), Deno.errors.NotFound);
      const { uid, mode } = await Deno.lstat(above);
      assertEquals([uid, (mode ?? 0) & 0o777], [0, 0o711]);
      // Left by a process before, with a link to what must stay.
      await withTempDir(async (kept) => {
        await Deno.mkdir(privateDir);
        await Deno.symlink(kept, `${privateDir}/link`);
        await Deno.writeTextFile(`${kept}/file`, "");
        assertEquals(await printed(script, { cwd: "/", limits }), ["700 nobody", "mine"]);
        assert((await Deno.stat(`${kept}/file`)).isFile);
      });
      assertEquals(Array.from(Deno.readDirSync(above)), []);
    } finally {
      await Deno.remove(above, { recursive: true });
    }
  },
});

Deno.test({
  name: "no private directory is made where another user could put something in its place",
  ignore: !isLinux || !isRoot,
  fn: () =>
    withTempDir(async (dir) => {
      const limits = { user: "nobody", privateDir: `${dir}/open/a` };
      await Deno.mkdir(`${dir}/open`);
      await Deno.chmod(`${dir}/open`, 0o777);
      assertStringIncludes(refusal(limits).message, "only this user can change");
      await Deno.remove(`${dir}/open`);
      await Deno.symlink("/tmp", `${dir}/open`);
      assertStringIncludes(refusal(limits).message, "only this user can change");
    }),
});

Deno.test({
  name: "without a cgroup the memory of the whole tree is told once it is more than it may be",
  ignore: !isLinux,
  async fn() {
    const script = `
import os, sys
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        os.execvpe(sys.executable, [sys.executable, "-c", "x = b'x' * 40_000_000; import time; time.sleep(1000)"], dict(os.environ))
    os._exit(0)
x = b'x' * 40_000_000
print(1, flush=True)
input()
`;
    const tree = systemProcesses({ umask: 0o022, prepareLimits }).spawn({
      argv: ["python3", "-u", "-c", script],
      env: {},
      runId: newRunId(),
      limits: { memoryMaxBytes: 70_000_000 },
    });
    const hold = tree.memoryHold;
    assert(hold?.by === "watch");
    assertStringIncludes(hold.why, "no cgroup");
    // Neither of the two has as much by itself.
    await until("both are seen", async () => (await hold.excess() ?? 0) > 80_000_000);
    const held = await hold.excess() ?? 0;
    assert(held < 200_000_000, `${held}`);
    tree.signal("SIGKILL");
    await tree.exited;
    await until("nothing is left", async () => await tree.killStrays() === 0);
    assertEquals(await hold.excess(), null);
    tree.release();
    await Promise.all([tree.stdout.cancel(), tree.stderr.cancel()]);
  },
});

Deno.test({
  name: "what processes share counts once, not once for each",
  ignore: !isLinux,
  async fn() {
    const script = `
import os
x = b'x' * 60_000_000
for _ in range(3):
    if os.fork() == 0:
        import time
        time.sleep(1000)
print(1, flush=True)
input()
`;
    const tree = systemProcesses({ umask: 0o022, prepareLimits }).spawn({
      argv: ["python3", "-u", "-c", script],
      env: {},
      runId: newRunId(),
      limits: { memoryMaxBytes: 120_000_000 },
    });
    const reader = tree.stdout.getReader();
    await reader.read();
    const hold = tree.memoryHold;
    assert(hold?.by === "watch");
    // Together they have more than 240 MB resident.
    assertEquals(await hold.excess(), null);
    tree.signal("SIGKILL");
    await tree.exited;
    await until("nothing is left", async () => !await tree.hasGroup());
    tree.release();
    await Promise.all([reader.cancel(), tree.stderr.cancel()]);
  },
});

for (
  const [key, expected] of [
    ["b", ["b", "x", "2", "20"]],
    ["3", ["3", "x", "7", "70"]],
    ["2", ["b", "x", "2", "20"]],
    ["c", undefined],
  ] as const
) {
  Deno.test(`a user is found by name before number: ${key}`, () => {
    const table = "a:x:1:10\nb:x:2:20\n3:x:7:70\nc3:x:3:30\n\n:\n";
    assertEquals(findLine(table, key), expected as string[] | undefined);
  });
}
