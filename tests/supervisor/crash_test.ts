import { assert, assertEquals, assertMatch } from "@std/assert";
import type { AiEngineError } from "../../src/core/mod.ts";
import { settle } from "../support/fake_clock.ts";
import { GOOD } from "../support/fake_engine.ts";
import { outcome, World } from "./world.ts";

/** A world whose engine is ready, with nobody waiting. */
async function readyWorld(settings: ConstructorParameters<typeof World>[0] = {}): Promise<World> {
  const world = new World(settings);
  const started = world.supervisor.start("echo");
  await world.clock.advance(10);
  await started;
  return world;
}

async function crash(world: World, code = 1): Promise<void> {
  world.machine.newest.exit(code);
  await world.clock.advance(30);
}

Deno.test("a process that dies at its start is tried again after 0.5 to 1 s, then 1 to 2 s, then given up", async () => {
  const world = new World();
  world.machine.next.health = null;
  const started = world.supervisor.start("echo").catch((error: AiEngineError) => error);
  const begun: number[] = [];
  for (let tries = 1; tries <= 3; tries++) {
    while (world.machine.trees.length < tries) await world.clock.advance(10);
    begun.push(world.clock.now());
    world.machine.newest.print("no model\n");
    await settle();
    await crash(world, 3);
  }
  const error = await started;
  assert(error instanceof Error && "code" in error);
  assertEquals([error.code, world.state], ["crashed", "failed"]);
  const [first = 0, second = 0, third = 0] = begun;
  assert(second - first >= 500 && second - first <= 1_100, `${second - first}`);
  assert(third - second >= 1_000 && third - second <= 2_100, `${third - second}`);
  const { lastError, restarts } = world.supervisor.view("echo");
  assertEquals([restarts, lastError?.lastLines], [2, ["no model"]]);
  assertMatch(lastError?.detail ?? "", /exited with code 3 before it was ready/);
  await world.clock.advance(60_000);
  assertEquals(world.machine.trees.length, 3);
});

Deno.test("no descriptor left for a process: it is tried again, and who waits gets it once there is one", async () => {
  const world = new World();
  world.machine.next.spawn = "no_room";
  const held = [world.supervisor.input("echo", "x"), world.supervisor.input("echo", "y")];
  const impatient = outcome(Promise.resolve(world.supervisor.lease("echo", { patienceMs: 100 })));
  await world.clock.advance(10);
  assertEquals([await impatient, world.state], ["backoff", "backoff"]);
  const { lastError } = world.supervisor.view("echo");
  assertEquals([lastError?.code, lastError?.remedy], ["spawn_failed", "Wait."]);
  await world.clock.advance(20_000);
  assertEquals(world.state, "backoff");
  world.machine.next = { ...GOOD };
  await world.clock.advance(30_000);
  assertEquals((await Promise.all(held)).map(({ status }) => status), [200, 200]);
  assertEquals([world.state, world.supervisor.view("echo").lastError], ["ready", null]);
});

Deno.test("who starts it by hand while there is no descriptor is told when the next try is too far off", async () => {
  const world = new World();
  world.machine.next.spawn = "no_room";
  const error = world.supervisor.start("echo").catch((error: AiEngineError) => error);
  await world.clock.advance(60_000);
  const told = await error;
  assert("code" in told);
  assertEquals([told.code, told.remedy, world.state], ["backoff", "Wait.", "stopped"]);
  assertMatch(told.message, /^No descriptor is left\. Another try comes in /);
  assertEquals([world.machine.trees.length, world.clock.timers], [0, 0]);
});

Deno.test("a crash nobody waits for is no restart, unless the engine is kept", async () => {
  for (const [keep, trees] of [["when_used", 1], ["always", 2]] as const) {
    const world = await readyWorld({ keep });
    await crash(world);
    await world.clock.advance(2_000);
    assertEquals(world.machine.trees.length, trees);
    await world.supervisor.shutdown();
  }
});

Deno.test("requests after a crash are held and all served by the next process", async () => {
  const world = await readyWorld();
  await crash(world);
  const held = Array.from({ length: 50 }, (_, i) => world.supervisor.input("echo", `${i}`));
  await settle();
  assertEquals([world.state, world.supervisor.view("echo").queued], ["backoff", 50]);
  await world.clock.advance(1_000);
  const answers = await Promise.all(held);
  assertEquals(answers.map(({ status }) => status), held.map(() => 200));
  assertEquals(world.machine.trees.length, 2);
  assertEquals(world.changes.slice(-3), [
    "stopped>backoff(input)",
    "backoff>starting(retry)",
    "starting>ready(retry)",
  ]);
});

Deno.test("who would have to wait too long gets backoff and when to come again", async () => {
  const world = await readyWorld();
  await crash(world);
  const lease = async () => await world.supervisor.lease("echo", { patienceMs: 100 });
  const error = await lease().catch((error: AiEngineError) => error);
  assert("code" in error);
  assertEquals([error.code, error.retryAfterS, world.state], ["backoff", 1, "stopped"]);
  assertMatch(
    error.message,
    /exited with code 1 while it was running.*Another try comes in 7\d\d ms/,
  );
  assertMatch(error.remedy, /ai-engine start echo/);
});

Deno.test("a held one whose patience the next backoff outlasts is refused when it begins", async () => {
  const world = new World();
  world.machine.next.health = null;
  const lease = () => Promise.resolve(world.supervisor.lease("echo", { patienceMs: 400 }));
  const refused = outcome(lease());
  const patient = world.supervisor.input("echo", "x");
  await world.clock.advance(10);
  world.machine.next = { ...GOOD };
  await crash(world);
  assertEquals([await refused, world.state], ["backoff", "backoff"]);
  await world.clock.advance(1_000);
  assertEquals((await patient).status, 200);
});

Deno.test("start and restart in backoff begin at once, a stop ends it", async () => {
  for (const action of ["start", "restart"] as const) {
    const world = await readyWorld({ keep: "always" });
    await crash(world);
    assertEquals(world.state, "backoff");
    const done = world.supervisor[action]("echo");
    await world.clock.advance(10);
    assertEquals((await done).state, "ready");
    assertEquals(world.machine.mostAtOnce, 1);
  }
  const world = await readyWorld({ keep: "always" });
  await crash(world);
  assertEquals((await world.supervisor.stop("echo")).state, "stopped");
  await world.clock.advance(60_000);
  assertEquals([world.machine.trees.length, world.clock.timers], [1, 0]);
});

Deno.test("the close in backoff refuses those held and starts nothing", async () => {
  const world = await readyWorld();
  await crash(world);
  const held = outcome(world.supervisor.input("echo", "x"));
  await settle();
  const report = await world.supervisor.shutdown();
  assertEquals([await held, report.clean], ["shutting_down", true]);
  await world.clock.advance(60_000);
  assertEquals(world.machine.trees.length, 1);
});

Deno.test("a crash loop of a kept engine slows down to half a minute, and is quick again after a good run", async () => {
  const world = await readyWorld({ keep: "always" });
  const waits: number[] = [];
  for (let i = 0; i < 12; i++) {
    await crash(world);
    const { length } = world.machine.trees;
    const died = world.clock.now();
    while (world.machine.trees.length === length) await world.clock.advance(50);
    waits.push(world.clock.now() - died);
    await world.clock.advance(20);
  }
  assert(waits.slice(1).every((wait, i) => wait > (waits[i] ?? 0) || wait > 18_000), `${waits}`);
  assert(Math.max(...waits) <= 30_100 && Math.max(...waits) > 20_000, `${waits}`);
  await world.clock.advance(61_000);
  await crash(world);
  await world.clock.advance(1_000);
  assertEquals(world.state, "ready");
  await world.supervisor.shutdown();
});

Deno.test("the error of a crash is told once, with the time of the crash", async () => {
  const world = await readyWorld();
  await crash(world);
  const at = world.supervisor.view("echo").lastError?.at;
  const held = world.supervisor.input("echo", "x");
  await world.clock.advance(300);
  assertEquals([world.state, world.supervisor.view("echo").lastError?.at], ["backoff", at]);
  await world.clock.advance(1_000);
  await held;
  assertEquals(world.supervisor.view("echo").lastError, null);
});
