import { assertEquals } from "@std/assert";
import { Family } from "../../tasks/chaos/family.ts";
import { signal } from "../../tasks/chaos/process_table.ts";
import { eventually } from "../support/program.ts";

const isLinux = Deno.build.os === "linux";
const DIR = `/nowhere/chaos-test-${Deno.pid}`;

/** An engine with a child without environment, in a group of its own, in the engine's session. */
const SHEDDING = `
import os, time
if os.fork() == 0:
    os.setpgid(0, 0)
    os.execve("/bin/sleep", ["sleep", "1000"], {})
time.sleep(1000)
`;

function startEngine(runtimeDir: string, script: string): Deno.ChildProcess {
  return new Deno.Command("python3", {
    args: ["-c", script],
    env: { AI_ENGINE_RUN: "run-1", XDG_RUNTIME_DIR: runtimeDir },
    detached: true,
  }).spawn();
}

Deno.test({
  name: "a family knows who carries its run id, and who is left in a session that it has seen",
  ignore: !isLinux,
  async fn() {
    const family = new Family(DIR);
    assertEquals(await family.look(), []);
    const leader = startEngine(DIR, SHEDDING);
    const stranger = startEngine(`${DIR}/other`, "import time; time.sleep(1000)");
    try {
      const look = async () => (await family.look()).map(({ name, runId }) => `${name} ${runId}`);
      const both = "python3 run-1,sleep undefined";
      await eventually(both, async () => (await look()).sort().join() === both);
      leader.kill("SIGKILL");
      await leader.status;
      const [left, ...more] = await family.look();
      assertEquals([left?.name, left?.session, left?.runId], ["sleep", leader.pid, undefined]);
      assertEquals(more, []);
    } finally {
      for (const { pid } of await family.look()) signal(pid);
      stranger.kill("SIGKILL");
      await stranger.status;
    }
    await eventually("the end of all", async () => (await family.look()).length === 0);
  },
});
