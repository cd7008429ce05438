/** Several instances of one engine: one line for all, work to whoever is free, as many as are needed. */
import { assert, assertEquals } from "@std/assert";
import type { EngineSettings } from "../../src/config/mod.ts";
import type { EngineLease } from "../../src/supervisor/mod.ts";
import { settle } from "../support/fake_clock.ts";
import { outcome, World } from "./world.ts";

const SLOW: Partial<EngineSettings> = { slots: 1, idleTimeoutMs: 60_000 };

async function readyWorld(settings: Partial<EngineSettings>): Promise<World> {
  const world = new World(settings);
  const start = world.supervisor.start("echo");
  await world.clock.advance(100);
  await start;
  return world;
}

function leaseNow(world: World): EngineLease {
  const lease = world.supervisor.lease("echo");
  assert(!(lease instanceof Promise), "the lease came late");
  return lease;
}

/** The state of each instance. */
function states(world: World): string[] {
  return (world.supervisor.view("echo").instances ?? []).map(({ state }) => state);
}

async function close(world: World): Promise<void> {
  const closing = world.supervisor.shutdown();
  await world.clock.advance(10_000);
  assertEquals((await closing).clean, true);
  assertEquals([world.machine.live, world.clock.timers], [0, 0]);
}

Deno.test("a start brings up as many as there are to be at least, each on a socket of its own", async () => {
  const world = await readyWorld({ replicas: { min: 3, max: 4 } });
  assertEquals(states(world), ["ready", "ready", "ready", "stopped"]);
  const sockets = world.machine.trees.map(({ spec }) => spec.env["AI_ENGINE_SOCKET"]);
  assertEquals(new Set(sockets).size, 3);
  assertEquals(new Set(world.machine.trees.map(({ spec }) => spec.runId)).size, 3);
  await close(world);
});

Deno.test("each request goes to whoever has least to do", async () => {
  const world = await readyWorld({ replicas: { min: 2, max: 2 } });
  const leases = Array.from({ length: 6 }, () => leaseNow(world));
  const inflight = world.supervisor.view("echo").instances?.map(({ inflight }) => inflight);
  assertEquals(inflight, [3, 3]);
  for (const lease of leases) lease.release();
  await close(world);
});

Deno.test("one line for all: who waits gets the first slot that is free, wherever", async () => {
  const world = await readyWorld({ ...SLOW, replicas: { min: 2, max: 2 } });
  const [one, two] = [leaseNow(world), leaseNow(world)];
  const waits = Promise.resolve(world.supervisor.lease("echo"));
  await settle();
  assertEquals(world.supervisor.view("echo").queued, 1);
  two.release();
  const third = await waits;
  assert(third.pool === two.pool);
  one.release();
  third.release();
  await close(world);
});

Deno.test("when somebody has waited for a second one more is started, and stopped again when it is idle", async () => {
  const world = await readyWorld({ ...SLOW, replicas: { min: 1, max: 3 } });
  const first = leaseNow(world);
  const second = Promise.resolve(world.supervisor.lease("echo"));
  await world.clock.advance(900);
  assertEquals(states(world), ["ready", "stopped", "stopped"]);
  await world.clock.advance(300);
  const lease = await second;
  assertEquals(states(world), ["ready", "ready", "stopped"]);
  lease.release();
  await world.clock.advance(61_000);
  assertEquals(states(world), ["ready", "stopped", "stopped"]);
  assert(
    world.changes.includes("ready>draining(scale)") ||
      world.changes.includes("ready>stopping(scale)"),
  );
  first.release();
  await close(world);
});

Deno.test("the last ones stay while any is used, and end together when none is", async () => {
  const world = await readyWorld({ ...SLOW, replicas: { min: 2, max: 2 } });
  const lease = leaseNow(world);
  await world.clock.advance(200_000);
  assertEquals(states(world), ["ready", "ready"]);
  lease.release();
  await world.clock.advance(59_000);
  assertEquals(states(world), ["ready", "ready"]);
  await world.clock.advance(3_000);
  assertEquals(states(world), ["stopped", "stopped"]);
  assertEquals(world.supervisor.view("echo").reason, "idle");
  await close(world);
});

Deno.test("one that dies is passed over at once and replaced while the others serve", async () => {
  const world = await readyWorld({ ...SLOW, replicas: { min: 2, max: 2 } });
  world.machine.trees[0]?.exit(1);
  await world.clock.advance(50);
  const lease = leaseNow(world);
  assertEquals(world.supervisor.view("echo").state, "ready");
  await world.clock.advance(10_000);
  assertEquals(states(world), ["ready", "ready"]);
  lease.release();
  await close(world);
});

Deno.test("one that can't be started sends nobody away who may wait for another", async () => {
  const world = await readyWorld({ ...SLOW, replicas: { min: 1, max: 2 } });
  world.machine.next.spawn = "fails";
  const first = leaseNow(world);
  const second = outcome(Promise.resolve(world.supervisor.lease("echo")));
  await world.clock.advance(2_000);
  assertEquals(states(world), ["ready", "failed"]);
  assertEquals(world.supervisor.view("echo").queued, 1);
  first.release();
  const lease = await second as EngineLease;
  lease.release();
  await close(world);
});

Deno.test("when none can be started those who wait are told why", async () => {
  const world = new World({ replicas: { min: 2, max: 2 } });
  world.machine.next.spawn = "fails";
  assertEquals(await outcome(world.supervisor.start("echo")), "spawn_failed");
  await close(world);
});

Deno.test("a stop ends all of them, a restart replaces all of them", async () => {
  const world = await readyWorld({ replicas: { min: 2, max: 2 } });
  const restarted = world.supervisor.restart("echo");
  await world.clock.advance(3_000);
  assertEquals((await restarted).state, "ready");
  assertEquals([states(world), world.machine.trees.length], [["ready", "ready"], 4]);
  const stopped = world.supervisor.stop("echo");
  await world.clock.advance(3_000);
  assertEquals((await stopped).state, "stopped");
  assertEquals(states(world), ["stopped", "stopped"]);
  await close(world);
});

Deno.test("one that fails again and again gets no request for a while, then one to try", async () => {
  const world = await readyWorld({ replicas: { min: 2, max: 2 } });
  const bad = leaseNow(world);
  const { pool } = bad;
  bad.failed("local");
  bad.release();
  for (let failures = 1; failures < 3;) {
    const lease = leaseNow(world);
    if (lease.pool === pool) {
      lease.failed("local");
      failures++;
      lease.release();
    } else {
      const other = leaseNow(world);
      assert(other.pool === pool);
      other.failed("local");
      failures++;
      other.release();
      lease.release();
    }
  }
  const both = [leaseNow(world), leaseNow(world), leaseNow(world)];
  assert(both.every((lease) => lease.pool !== pool));
  assertEquals((await world.supervisor.metrics()).ejections, [{ engine: "echo", count: 1 }]);
  await world.clock.advance(1_000);
  const probe = leaseNow(world);
  assert(probe.pool === pool);
  const meanwhile = leaseNow(world);
  assert(meanwhile.pool !== pool);
  probe.release();
  const back = leaseNow(world);
  assert(back.pool === pool);
  for (const lease of [...both, meanwhile, back]) lease.release();
  await close(world);
});
