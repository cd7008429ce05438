/** Names that a shell, a terminal or a log would act on are names and nothing more. */
import { assertEquals, assertMatch, assertNotMatch } from "@std/assert";
import { join } from "@std/path";
import { eventually, RunningProgram } from "../support/program.ts";
import { SCRIPTED_PATH, tempDir, withProgram } from "./support/harness.ts";

/** Would make a file `pwned` where a shell read it. */
const NAME = "a;touch pwned;$(touch pwned)'\"`>pwned`#";

async function isPwned(...dirs: readonly string[]): Promise<boolean> {
  for (const dir of [Deno.cwd(), "/", ...dirs]) {
    if (await Deno.stat(join(dir, "pwned")).then(() => true, () => false)) return true;
  }
  return false;
}

Deno.test("an engine whose path would act in a shell or a terminal runs under a tame name", async () => {
  await using dir = await tempDir();
  const engine = join(dir.path, `${NAME}\x1b[31m\n[ai-engine] closed.py`);
  await Deno.copyFile(SCRIPTED_PATH, engine);
  await withProgram({ args: ["--engine", engine] }, async (program) => {
    const [{ name }] = (await program.json("/api/engines")).body.engines;
    assertMatch(name, /^[a-z0-9][a-z0-9._-]{0,62}$/);
    const started = await program.json(`/api/engines/${name}/start`, { method: "POST" });
    assertEquals([started.status, started.body.state], [200, "ready"]);
    // deno-lint-ignore no-control-regex
    assertNotMatch(program.stdout + program.stderr, /\x1b|^\[ai-engine\] closed\.py/m);
    assertEquals(await isPwned(dir.path, program.runtimeDir), false);
  });
});

Deno.test("after kill -9 in a directory with such a name the helper ends the engine, and nothing else happens", async () => {
  await using dir = await tempDir();
  const runtimeDir = join(dir.path, NAME);
  await Deno.mkdir(runtimeDir, { mode: 0o700 });
  await using program = await RunningProgram.start({
    args: ["--engine", SCRIPTED_PATH],
    runtimeDir,
  });
  await program.json("/api/engines/scripted/start", { method: "POST" });
  assertEquals((await program.engineProcesses()).length > 0, true);
  program.signal("SIGKILL");
  await program.ended();
  await eventually("the end of the engine", async () => (await program.processes()).length === 0);
  assertEquals(await isPwned(dir.path, runtimeDir, join(runtimeDir, "ai-engine")), false);
});
