/**
 * The classes of bugs of known on-demand servers that concern processes, each as one test with engines
 * that are asked through `/v1`; the numbers are those of the study. The others are in v1_bug_classes.
 */
import { assert, assertEquals } from "@std/assert";
import { join } from "@std/path";
import { eventually, RunningProgram, within } from "../support/program.ts";
import { act, tempDir, viewOf } from "./support/harness.ts";
import { withReloads } from "./support/reloaded.ts";
import { chat, said, SPEAKS_OPENAI, v1Test } from "./support/v1.ts";

const HELLO = "You said: hello";

Deno.test("bug class 1: a supervisor that is killed hard leaves no engine", async () => {
  await using dir = await tempDir();
  const path = join(dir.path, "ai-engine.yaml");
  const shell = `[sh, -c, '(trap "" TERM; exec sleep 1000) & python3 "$0"; :', "${SPEAKS_OPENAI}"]`;
  const engines = `{a: {command: "${SPEAKS_OPENAI}"}, b: {command: ${shell}}}`;
  await Deno.writeTextFile(path, `engines: ${engines}\n`);
  await using program = await RunningProgram.start({ args: ["--config", path] });
  assertEquals([said(await chat(program, "a")), said(await chat(program, "b"))], [HELLO, HELLO]);
  assert((await program.engineProcesses()).length >= 4);
  program.signal("SIGKILL");
  await program.ended();
  await eventually("the end of all", async () => (await program.engineProcesses()).length === 0);
});

v1Test(
  "bug class 2: behind a shell that forks, a stop ends what it started, and waits for no pipe",
  `engines: {a: {grace: 1s, command: [sh, -c, '(trap "" TERM; exec sleep 1000) & python3 "$0"; :', "\${speaks}"]}}`,
  async (program) => {
    for (let round = 0; round < 2; round++) {
      assertEquals(said(await chat(program, "a")), HELLO);
      assert((await program.engineProcesses()).length >= 3);
      const stop = act(program, "stop", "a");
      const { body } = await within(stop, () => "the stop waits for the pipes");
      assertEquals(body.state, "stopped");
      assertEquals(await program.engineProcesses(), []);
    }
  },
);

/** Holds a folder while it lives: a second one beside it, and one after a SIGKILL, exit with 9. */
const CAREFUL = `mkdir "$XDG_RUNTIME_DIR/alone" || exit 9; ` +
  `trap "sleep 1; rmdir $XDG_RUNTIME_DIR/alone; echo tidied up; exit 0" TERM; ` +
  `exec 3<&0; python3 "$0" <&3 & wait`;

v1Test(
  "bug class 7: a stop has its whole grace, then SIGKILL, and the next one starts when nothing is left",
  `engines:
  careful: {grace: 20s, idleTimeout: 0s, command: [sh, -c, '${CAREFUL}', "\${speaks}"]}
  stubborn: {grace: 1s, command: [sh, -c, 'trap "" TERM; exec python3 "$0"', "\${speaks}"]}
`,
  async (program) => {
    // By the idle stop, which a request meets; by hand; by a restart.
    for (let round = 0; round < 2; round++) {
      assertEquals(said(await chat(program, "careful")), HELLO);
      await eventually("the stop", async () => {
        return (await viewOf(program, "careful")).state !== "ready";
      });
    }
    assertEquals(said(await chat(program, "careful")), HELLO);
    assertEquals((await act(program, "restart", "careful")).status, 200);
    assertEquals((await act(program, "stop", "careful")).status, 200);
    const { how, lastError } = await viewOf(program, "careful");
    assertEquals([how, lastError], ["terminated", null]);
    assert(tidied(program) >= 4, program.stderr);

    assertEquals(said(await chat(program, "stubborn")), HELLO);
    const begun = performance.now();
    const { body } = await act(program, "stop", "stubborn");
    assertEquals([body.state, body.how], ["stopped", "killed"]);
    assert(performance.now() - begun >= 1_000, "the grace was cut short");
    assertEquals(await program.engineProcesses(), []);
  },
);

function tidied(program: RunningProgram): number {
  return program.stderr.matchAll(/tidied up/g).toArray().length;
}

Deno.test("bug class 10: after reloads, restarts at once, a crash and a failed start one process is left", async () => {
  const engine = (...words: string[]) =>
    `engines:\n  a: {command: ${JSON.stringify(words)}, startTimeout: 10s}\n`;
  const good = (round: number) => engine(SPEAKS_OPENAI, `${round}`);
  await withReloads(good(0), async (world) => {
    const { program } = world;
    assertEquals(said(await chat(program, "a")), HELLO);
    for (let round = 1; round <= 3; round++) {
      // The second one comes while the first is under way.
      await world.reload(good(round));
      await world.reload(good(round + 10));
      await Promise.all(Array.from({ length: 5 }, () => act(program, "restart", "a")));
      assertEquals(said(await chat(program, "a", "die")), "502 crashed");
      await world.reload(engine("sh", "-c", "exit 3"));
      // Whatever it is told while the old one does not run and the new one can't.
      assert([HELLO, "502 crashed", "503 backoff"].includes(said(await chat(program, "a"))));
      await world.reload(good(round + 20));
      await eventually("the engine", async () => said(await chat(program, "a")) === HELLO);
    }
    await eventually("one process", async () => {
      const [processes, { instances }] = [
        await program.engineProcesses(),
        await viewOf(program, "a"),
      ];
      return processes.length === 1 && (instances ?? [0]).length === 1;
    });
    await eventually("no zombie", async () => (await zombiesOf(program.pid)).length === 0);
  });
});

/** Children that have ended and were not reaped. */
async function zombiesOf(parent: number): Promise<string[]> {
  const zombies: string[] = [];
  for await (const { name } of Deno.readDir("/proc")) {
    const stat = await Deno.readTextFile(`/proc/${name}/stat`).catch(() => "");
    const [state, ppid] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    if (state === "Z" && Number(ppid) === parent) zombies.push(stat);
  }
  return zombies;
}
