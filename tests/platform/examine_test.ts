/** What a doctor asks of the machine, on this one. */
import { assert, assertEquals } from "@std/assert";
import { join } from "@std/path";
import { examination } from "../../src/platform/examine/examination.ts";
import { PidsLimit } from "../support/pids_limit.ts";
import { cgroupsIn, hasCgroups } from "./support/cgroups.ts";

const machine = examination({});

Deno.test({
  name: "a cgroup is made to see whether it can be, and goes again",
  ignore: !hasCgroups,
  fn() {
    const state = machine.cgroup(null);
    assert(state.kind === "works");
    assertEquals(cgroupsIn(state.path).filter((name) => name.includes("doctor")), []);
  },
});

Deno.test({
  name: "limits are those of the process that is asked for",
  ignore: Deno.build.os !== "linux",
  async fn() {
    const script = "ulimit -n 99 && echo ready && exec sleep 1000";
    const child = new Deno.Command("sh", { args: ["-c", script], stdout: "piped" }).spawn();
    const reader = child.stdout.getReader();
    await reader.read();
    assertEquals((await machine.limits(child.pid)).descriptors, 99);
    assert((await machine.limits(null)).descriptors > 99);
    child.kill("SIGKILL");
    await child.status;
    await reader.cancel();
  },
});

Deno.test({
  name: "a cgroup that is full lets nobody in",
  ignore: !PidsLimit.isPossible,
  async fn() {
    const child = new Deno.Command("sleep", { args: ["1000"] }).spawn();
    {
      await using limit = await PidsLimit.around(child.pid);
      assert((await machine.limits(child.pid)).pidsLeft > 1);
      await limit.close();
      assertEquals((await machine.limits(child.pid)).pidsLeft, 0);
    }
    child.kill("SIGKILL");
    await child.status;
  },
});

Deno.test("sockets: answered, left behind, no socket, nothing", async () => {
  const dir = await Deno.makeTempDir();
  const path = join(dir, "s");
  assertEquals(await machine.socket(path), "missing");
  const listener = Deno.listen({ transport: "unix", path });
  assertEquals(await machine.socket(path), "answered");
  await Deno.link(path, join(dir, "left"));
  listener.close();
  assertEquals(await machine.socket(join(dir, "left")), "stale");
  await Deno.writeTextFile(join(dir, "file"), "");
  assertEquals(await machine.socket(join(dir, "file")), "foreign");
  await Deno.remove(dir, { recursive: true });
});

Deno.test("a Python that prints something else, or is none, is broken", async () => {
  const wish = { folder: null, packages: [] };
  for (const path of ["/bin/echo", "/bin/false", "/none"]) {
    assertEquals((await machine.python(path, wish)).kind, "broken", path);
  }
});
