/** A real process tree from its start to the moment when nothing of it is left. */
import { assert, assertEquals, assertGreater } from "@std/assert";
import { systemProcesses } from "../../src/platform/mod.ts";
import { isAlive, newRunId, stateOf, withPython, withShed, withShell } from "./support/trees.ts";
import { until } from "./support/until.ts";

Deno.test("exited tells the code, or the signal", async () => {
  await withShell("exit 3", async ({ tree }) => {
    assertEquals(await tree.exited, { code: 3, osSignal: null });
  });
  await withShell("kill -KILL $$", async ({ tree }) => {
    assertEquals((await tree.exited).osSignal, "SIGKILL");
  });
});

Deno.test("signal() reaches grandchildren, who may outlive their leader until SIGKILL", () => {
  const script = `
(trap '' TERM; echo stubborn; while :; do sleep 1000; done) &
echo $!
sleep 1000 &
echo $!
wait`;
  return withShell(script, async ({ tree, output }) => {
    await until(
      "all are there",
      () => /stubborn/.test(output()) && /\d+\n[^]*\d+\n/.test(output()),
    );
    const [stubborn = 0, meek = 0] = [...output().matchAll(/\d+/g)].map(Number);
    assert(await isAlive(stubborn) && await isAlive(meek));
    tree.signal("SIGTERM");
    assertEquals((await tree.exited).osSignal, "SIGTERM");
    await until("the meek one is gone", async () => !await isAlive(meek));
    assert(await isAlive(stubborn));
    assert(await tree.hasGroup());
    tree.signal("SIGKILL");
    await until("the stubborn one is gone", async () => !await isAlive(stubborn));
    await until("the group is gone", async () => !await tree.hasGroup());
  });
});

Deno.test("SIGTERM reaches a process that is stopped", () =>
  withShell("trap 'exit 7' TERM; kill -STOP $$; while :; do sleep 0.01; done", async ({ tree }) => {
    await until("it is stopped", async () => await stateOf(tree.pid) === "T");
    tree.signal("SIGTERM");
    assertEquals(await tree.exited, { code: 7, osSignal: null });
  }));

Deno.test("SIGKILL reaches a process that is stopped", () =>
  withShell("kill -STOP $$", async ({ tree }) => {
    await until("it is stopped", async () => await stateOf(tree.pid) === "T");
    tree.signal("SIGKILL");
    assertEquals((await tree.exited).osSignal, "SIGKILL");
  }));

Deno.test("signal() to a group that is gone does nothing", () =>
  withShell("exit 0", async ({ tree }) => {
    await tree.exited;
    await until("the group is gone", async () => !await tree.hasGroup());
    tree.signal("SIGTERM");
    tree.signal("SIGKILL");
  }));

Deno.test({
  name: "hasGroup() is false when only zombies are left in the group",
  ignore: Deno.build.os !== "linux",
  fn() {
    // The parent leaves the group and never reaps its child, which stays there as a zombie.
    const script = `
import os, time
if os.fork() == 0:
    child = os.fork()
    if child == 0:
        os._exit(0)
    os.setsid()
    print(child, flush=True)
    time.sleep(1000)
time.sleep(1000)
`;
    return withPython(script, async ({ tree, line }) => {
      const zombie = Number(await line(0));
      await until("the zombie is one", async () => await stateOf(zombie) === "Z");
      assert(await tree.hasGroup(), "the leader lives");
      Deno.kill(tree.pid, "SIGKILL");
      await tree.exited;
      assertEquals(await stateOf(zombie), "Z");
      Deno.kill(-tree.pid, "SIGCONT"); // It is there to be signalled; this throws when it is not.
      assertEquals(await tree.hasGroup(), false);
    });
  },
});

Deno.test({
  name: "killStrays() finds what left the group by its run id, and nothing else",
  ignore: Deno.build.os !== "linux",
  async fn() {
    const runId = newRunId();
    const sleepers = [runId + "1", "x" + runId, runId.slice(0, -1), runId.toUpperCase()].map((id) =>
      new Deno.Command("sleep", { args: ["1000"], env: { AI_ENGINE_RUN: id } }).spawn()
    );
    const others = [
      new Deno.Command("sleep", { args: ["1000"], env: { NOT_AI_ENGINE_RUN: runId } }).spawn(),
      new Deno.Command("sh", { args: ["-c", "kill -STOP $$", `AI_ENGINE_RUN=${runId}`] }).spawn(),
      new Deno.Command("sleep", { args: ["1000"], env: { A: `\nAI_ENGINE_RUN=${runId}` } }).spawn(),
    ];
    const innocent = [...sleepers, ...others];
    const script = "setsid sh -c 'echo $$; exec sleep 1000' & wait";
    try {
      await withShell(script, async ({ tree, line }) => {
        const stray = Number(await line(0));
        tree.signal("SIGKILL");
        await tree.exited;
        await until("the group is gone", async () => !await tree.hasGroup());
        assert(await isAlive(stray));
        assertEquals(await tree.killStrays(), 1);
        await until("the stray is gone", async () => !await isAlive(stray));
        assertEquals(await tree.killStrays(), 0);
        for (const { pid } of innocent) assert(await isAlive(pid));
      }, { runId });
    } finally {
      for (const child of innocent) child.kill("SIGKILL");
      await Promise.all(innocent.map(({ status }) => status));
    }
  },
});

Deno.test({
  name: "killStrays() finds a stray among variables that are not UTF-8",
  ignore: Deno.build.os !== "linux",
  fn() {
    const script = `
import os
if os.fork() == 0:
    os.setsid()
    print(os.getpid(), flush=True)
    environ = {b"A": b"\\xff\\xfe", b"AI_ENGINE_RUN": os.environb[b"AI_ENGINE_RUN"], b"Z": b"\\xc3"}
    os.execve("/bin/sleep", ["sleep", "1000"], environ)
`;
    return withPython(script, async ({ tree, line }) => {
      const stray = Number(await line(0));
      await tree.exited;
      await until(
        "it is sleeping",
        async () => (await Deno.readTextFile(`/proc/${stray}/comm`)) === "sleep\n",
      );
      assertEquals(await tree.killStrays(), 1);
      await until("the stray is gone", async () => !await isAlive(stray));
    });
  },
});

Deno.test({
  name: "killStrays() finds who is left in the session without group and run id",
  ignore: Deno.build.os !== "linux",
  fn: () =>
    withShed(async (tree, child) => {
      tree.signal("SIGKILL");
      await tree.exited;
      await until("the group is gone", async () => !await tree.hasGroup());
      assertEquals(await tree.killStrays(), 1);
      await until("the stray is gone", async () => !await isAlive(child));
      assertEquals(await tree.killStrays(), 0);
    }),
});

Deno.test("release() closes standard input, and not before", () =>
  withShell("cat >/dev/null; exit 5", async ({ tree }) => {
    await until("it reads", async () => await stateOf(tree.pid) === "S");
    const early = await Promise.race([tree.exited, tree.hasGroup()]);
    assertEquals(early, true);
    tree.release();
    assertEquals(await tree.exited, { code: 5, osSignal: null });
    tree.release();
  }));

Deno.test("release() lets go of output that nobody read, and of a broken input", async () => {
  const tree = systemProcesses({ umask: 0o022 }).spawn({
    argv: ["sh", "-c", "echo out; echo err >&2; exec 0<&-"],
    env: {},
    runId: newRunId(),
  });
  await tree.exited;
  tree.release();
});

const HOLD_WITH_CHILD = `
import os, time
x = b"x" * 50_000_000
told, tell = os.pipe()
if os.fork() == 0:
    y = b"y" * 50_000_000
    os.write(tell, b"1")
    time.sleep(60)
os.read(told, 1)
print(1, flush=True)
time.sleep(60)
`;

Deno.test({
  name: "rssBytes() tells the memory of the leader and its children while it lives, then null",
  ignore: Deno.build.os !== "linux",
  fn: () =>
    withPython(HOLD_WITH_CHILD, async ({ tree, line }) => {
      await line(0);
      assertGreater(tree.rssBytes() ?? 0, 100_000_000);
      tree.signal("SIGKILL");
      await tree.exited;
      assertEquals(tree.rssBytes(), null);
    }),
});

Deno.test("10 MB of output without a reader's pause comes through whole", async () => {
  const tree = systemProcesses({ umask: 0o022 }).spawn({
    argv: ["sh", "-c", "head -c 10000000 /dev/zero; head -c 1000000 /dev/zero >&2"],
    env: {},
    runId: newRunId(),
  });
  const [stdout, stderr] = await Promise.all([
    new Response(tree.stdout).arrayBuffer(),
    new Response(tree.stderr).arrayBuffer(),
  ]);
  assertEquals([stdout.byteLength, stderr.byteLength], [10_000_000, 1_000_000]);
  await tree.exited;
  tree.release();
});

Deno.test({
  name: "isStopped() tells a process that a signal has stopped from one that runs, or is gone",
  ignore: Deno.build.os !== "linux",
  fn: () =>
    withPython("print(1); input()", async ({ tree, line }) => {
      await line(0);
      assertEquals(tree.isStopped(), false);
      Deno.kill(tree.pid, "SIGSTOP");
      await until("stopped", () => tree.isStopped());
      Deno.kill(tree.pid, "SIGCONT");
      await until("running", () => !tree.isStopped());
      tree.signal("SIGKILL");
      await tree.exited;
      assertEquals(tree.isStopped(), false);
    }),
});

Deno.test("a signal ends a process that has only just begun, and leads no group yet", async () => {
  for (const osSignal of ["SIGTERM", "SIGKILL"] as const) {
    await withShell("sleep 1000", async ({ tree }) => {
      tree.signal(osSignal);
      assertEquals((await tree.exited).osSignal, osSignal);
      assertEquals(await tree.hasGroup(), false);
    });
  }
});
