/** Stops that take long, or leave somebody behind: they are nobody else's trouble. */
import { assert, assertEquals } from "@std/assert";
import { eventually, within } from "../support/program.ts";
import { SCRIPTED_PATH } from "./support/harness.ts";
import { type RealEngine, RealEngines } from "./support/real_engines.ts";

/** Far longer than a test waits for anything: what does not come before that does not come at all. */
const LONG_GRACE_MS = 600_000;

function scripted(name: string, script = ""): RealEngine {
  return { name, command: ["env", `E2E_SCRIPT=${script}`, "python3", SCRIPTED_PATH] };
}

/** A scripted engine behind a shell that first does something else. */
function afterShell(name: string, shell: string, script = ""): RealEngine {
  return {
    name,
    command: ["sh", "-c", `${shell}; exec "$@"`, "sh", ...scripted(name, script).command],
  };
}

function isAlive(pid: number): boolean {
  try {
    Deno.kill(pid, 0);
    return !/^\d+ \(.*\) Z/.test(Deno.readTextFileSync(`/proc/${pid}/stat`));
  } catch {
    return false;
  }
}

Deno.test("while one engine takes its time to die, every other one serves, starts, stops, restarts", async () => {
  await using engines = new RealEngines([
    { ...scripted("dying", "stays"), graceMs: LONG_GRACE_MS },
    scripted("ready"),
    scripted("asleep"),
  ]);
  const { supervisor } = engines;
  const { pid } = await supervisor.start("dying");
  await supervisor.start("ready");
  const stopped = supervisor.stop("dying");
  const state = () => supervisor.view("dying").state;
  await eventually("the stop", () => Promise.resolve(state() === "stopping"));

  const others = async () => {
    for (let i = 0; i < 20; i++) assertEquals(await engines.ask("ready"), 200);
    assertEquals(await engines.ask("asleep"), 200); // which starts it
    assertEquals((await supervisor.input("ready", "hello")).status, 200);
    assertEquals((await supervisor.restart("ready")).state, "ready");
    assertEquals((await supervisor.stop("asleep")).state, "stopped");
    const both = await Promise.all([engines.ask("ready"), engines.ask("asleep")]);
    assertEquals(both, [200, 200]);
  };
  await within(others(), () => "the others were held up by one that dies");
  assertEquals([state(), isAlive(pid ?? 0)], ["stopping", true]);

  Deno.kill(-(pid ?? 0), "SIGKILL");
  assertEquals((await stopped).state, "stopped");
});

Deno.test("a stray that nobody can find and that holds the pipes delays neither stop nor start", async () => {
  const shell = "setsid env -i sh -c 'echo stray $$; exec sleep 1000' & :";
  // A stop that waited for more than the engine's own end would wait that long.
  const engine = { ...afterShell("leaving", shell), graceMs: LONG_GRACE_MS };
  await using engines = new RealEngines([engine]);
  const { supervisor } = engines;
  const strays = () => engines.printed("stray");
  try {
    for (let starts = 1; starts <= 2; starts++) {
      await within(supervisor.start("leaving"), () => "the start waits for the pipes");
      await eventually("a stray of each", () => Promise.resolve(strays().length === starts));
      const stop = supervisor.stop("leaving");
      assertEquals((await within(stop, () => "the stop waits for the pipes")).state, "stopped");
      assertEquals(strays().map(isAlive), strays().map(() => true), "nobody held the pipes");
    }
  } finally {
    for (const pid of strays()) Deno.kill(pid, "SIGKILL");
    await eventually("their end", () => Promise.resolve(!strays().some(isAlive)));
  }
});

Deno.test("the leader's exit does not call off the kill of its group", async () => {
  // Without a run id only the group leads to it.
  const child = `trap "" TERM; echo child $$; while :; do sleep 1000; done`;
  await using engines = new RealEngines([
    afterShell("leading", `env -i sh -c '${child}' & :`, "bare"),
  ]);
  const { supervisor } = engines;
  const { pid } = await supervisor.start("leading");
  await eventually("the child", () => Promise.resolve(engines.printed("child").length > 0));
  const [stubborn = 0] = engines.printed("child");
  assert(isAlive(stubborn));
  assertEquals((await supervisor.stop("leading")).state, "stopped");
  assertEquals([isAlive(pid ?? 0), isAlive(stubborn)], [false, false]);
});
