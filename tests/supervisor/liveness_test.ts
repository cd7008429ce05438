import { assert, assertEquals } from "@std/assert";
import { Liveness } from "../../src/supervisor/liveness.ts";
import { ConnectError } from "../../src/core/mod.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { GOOD } from "../support/fake_engine.ts";
import { outcome, World } from "./world.ts";

async function readyWorld(settings: ConstructorParameters<typeof World>[0]): Promise<World> {
  const world = new World(settings);
  const started = world.supervisor.start("echo");
  await world.clock.advance(10);
  await started;
  return world;
}

const asked = (world: World, path: string) =>
  world.machine.seen.filter((line) => line === `GET ${path}`).length;

Deno.test("an engine that may be replaced is asked for its health every 5 s, whatever its status; others are not", async () => {
  for (const status of [200, 404]) {
    for (const [liveness, checks] of [["restart", 12], ["off", 0]] as const) {
      const world = await readyWorld({ liveness });
      world.machine.newest.behaviour.status = status;
      await world.clock.advance(60_500);
      const polls = status === 200 ? 60 : 1;
      assertEquals([asked(world, "/status"), asked(world, "/health") - 1], [polls, checks]);
      await world.supervisor.shutdown();
    }
  }
});

Deno.test("an engine whose status is fine and whose health is not, three times in a row, is replaced", async () => {
  const world = await readyWorld({ liveness: "restart" });
  world.machine.newest.behaviour.health = 503;
  await world.clock.advance(14_000);
  assertEquals(world.machine.trees.length, 1);
  await world.clock.advance(5_000);
  assertEquals([world.state, world.machine.trees.length], ["ready", 2]);
  await world.supervisor.shutdown();
});

for (const status of [200, 404]) {
  Deno.test(`an engine stopped by a signal is told and replaced; its status was ${status}`, async () => {
    const world = await readyWorld({ liveness: "restart" });
    world.machine.newest.behaviour.status = status;
    await world.clock.advance(2_000);
    const cut = outcome(world.supervisor.input("echo", "x"));
    world.machine.newest.behaviour.isStopped = true;
    await world.clock.advance(5_000);
    assert(world.notices().includes("Engine is stopped"), `${world.notices()}`);
    await world.clock.advance(22_000);
    assertEquals(await cut, "health_failed");
    assertEquals(world.changes.slice(-4), [
      "ready>stopping(unhealthy)",
      "stopping>backoff(unhealthy)",
      "backoff>starting(retry)",
      "starting>ready(retry)",
    ]);
    assertEquals([world.machine.trees.length, world.machine.mostAtOnce], [2, 1]);
    await world.supervisor.shutdown();
  });
}

Deno.test("an engine whose health is not 200 three times in a row is replaced, two are not enough", async () => {
  const world = await readyWorld({ liveness: "restart" });
  const { behaviour } = world.machine.newest;
  Object.assign(behaviour, { status: 500, health: 500 });
  await world.clock.advance(11_500);
  behaviour.health = 200;
  await world.clock.advance(5_000);
  behaviour.health = 500;
  await world.clock.advance(11_500);
  assertEquals([world.state, world.machine.trees.length], ["ready", 1]);
  await world.clock.advance(6_000);
  assertEquals([world.state, world.machine.trees.length], ["ready", 2]);
  await world.supervisor.shutdown();
});

Deno.test("that there is no descriptor to ask an engine with says nothing of the engine", async () => {
  const clock = new FakeClock();
  const lack = new ConnectError("too_many_connections", "before_send", {
    detail: "None left.",
    remedy: "Wait.",
  });
  const dead = new ConnectError("upstream_failed", "before_send", { detail: "No.", remedy: "No." });
  let error = dead;
  const liveness = new Liveness({
    client: { request: () => Promise.reject(error), close() {} },
    clock,
    healthPath: "/health",
    traffic: { moves: 0 },
    signal: new AbortController().signal,
  });
  const checkLater = async () => {
    await clock.advance(5_000);
    return await liveness.check();
  };
  assertEquals([await checkLater(), await checkLater()], ["lives", "lives"]);
  error = lack;
  for (let check = 0; check < 10; check++) assertEquals(await checkLater(), "lives");
  error = dead;
  assertEquals(await checkLater(), "hung");
});

Deno.test("an engine that may hang is only told of", async () => {
  const world = await readyWorld({ liveness: "off", idleTimeoutMs: -1 });
  world.machine.newest.behaviour.isStopped = true;
  await world.clock.advance(120_000);
  assertEquals([world.state, world.machine.trees.length], ["ready", 1]);
  assertEquals(world.notices().filter((title) => title === "Engine is stopped").length, 1);
  const closed = world.supervisor.shutdown();
  await world.clock.advance(2_000);
  assertEquals((await closed).clean, true);
});

Deno.test("an engine that hangs again and again with nobody waiting is let be in the end", async () => {
  const world = await readyWorld({ liveness: "restart", idleTimeoutMs: -1 });
  world.machine.next = { ...GOOD, status: 404 };
  world.machine.newest.behaviour.isStopped = true;
  for (let i = 0; i < 60 && world.state !== "stopped"; i++) {
    await world.clock.advance(5_000);
    if (world.state === "ready") world.machine.newest.behaviour.isStopped = true;
  }
  assertEquals(world.state, "stopped");
  assert(world.machine.trees.length >= 3 && world.machine.trees.length <= 6);
});

Deno.test("a check is not made, and nothing missed, while bytes come from the engine", async () => {
  const clock = new FakeClock();
  const traffic = { moves: 0 };
  let requests = 0;
  const client = {
    request: () => {
      requests++;
      return Promise.reject(new Error("no answer"));
    },
    close: () => {},
  };
  const liveness = new Liveness({
    client,
    clock,
    healthPath: "/health",
    traffic,
    signal: new AbortController().signal,
  });
  for (let i = 0; i < 10; i++) {
    await clock.advance(5_000);
    traffic.moves++;
    assertEquals(await liveness.check(), "lives");
  }
  assertEquals(requests, 0);
  const outcomes: string[] = [];
  for (let i = 0; i < 3; i++) {
    await clock.advance(5_000);
    outcomes.push(await liveness.check());
  }
  assertEquals([outcomes, requests], [["lives", "lives", "hung"], 3]);
});
