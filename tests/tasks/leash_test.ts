import { assertEquals } from "@std/assert";
import { join } from "@std/path";
import { startLeashed } from "../../tasks/support/leash.ts";
import { eventually, processesWith } from "../support/program.ts";
import { Lines } from "./support/lines.ts";
import { makeWholeCheckout } from "./support/checkout.ts";

/** No process has `variable` in its environment any more; on failure those that have are killed. */
async function assertAllGone(variable: string): Promise<void> {
  try {
    await eventually(
      `the end of all with ${variable}`,
      async () => (await processesWith(variable)).length === 0,
    );
  } catch (error) {
    for (const pid of await processesWith(variable)) Deno.kill(pid, "SIGKILL");
    throw error;
  }
}

Deno.test("nothing outlives dev, not even when it is killed by SIGKILL", async () => {
  const root = await makeWholeCheckout();
  const runtimeDir = join(root, "run");
  await Deno.mkdir(runtimeDir, { mode: 0o700 });
  const variable = `XDG_RUNTIME_DIR=${runtimeDir}`;
  await using dev = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", join(root, "tasks", "dev.ts"), "--listen=127.0.0.1:0", "--engine=builtin"],
    cwd: root,
    env: { AI_ENGINE_PYTHON_DIR: "", XDG_RUNTIME_DIR: runtimeDir, XDG_STATE_HOME: runtimeDir },
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const output = new Lines(dev.stdout);
  const errors = new Lines(dev.stderr);
  const [, url = ""] = await output.match(/open +(\S+)/);
  await output.match(/stop +Ctrl-C/);
  const started = await fetch(`${url}/api/engines/builtin/start`, { method: "POST" });
  assertEquals(started.ok, true, await started.text());
  await eventually(
    "an engine",
    async () => (await processesWith(variable, "AI_ENGINE_RUN=")).length > 0,
  );
  dev.kill("SIGKILL");
  await dev.status;
  await assertAllGone(variable);
  await Promise.all([output.rest(), errors.rest()]);
  await Deno.remove(root, { recursive: true });
});

Deno.test("a leashed program that heeds no signal can be killed", async () => {
  const variable = `LEASH_TEST=${crypto.randomUUID()}`;
  const ready = await Deno.makeTempFile();
  const program = 'trap "" TERM; echo ready > "$0"; while :; do sleep 1; done';
  const run = startLeashed(["sh", "-c", program, ready], {
    env: { LEASH_TEST: variable.slice(11) },
  });
  await eventually("the program", async () => await Deno.readTextFile(ready) === "ready\n");
  run.kill("SIGTERM");
  run.kill("SIGKILL");
  assertEquals((await run.status).signal, "SIGKILL");
  await assertAllGone(variable);
  await Deno.remove(ready);
});

Deno.test("a leashed program gets the signals, and its exit code comes back", async () => {
  const ready = await Deno.makeTempFile();
  const program = 'trap "exit 7" INT; echo ready > "$0"; while :; do sleep 0.05; done';
  const run = startLeashed(["sh", "-c", program, ready]);
  await eventually("the program", async () => await Deno.readTextFile(ready) === "ready\n");
  run.kill("SIGINT");
  assertEquals((await run.status).code, 7);
  await Deno.remove(ready);
});
