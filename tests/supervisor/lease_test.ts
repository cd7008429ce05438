/** An engine lent to proxied requests. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { ConnectError, RequestError } from "../../src/core/mod.ts";
import type { EngineLease } from "../../src/supervisor/mod.ts";
import { settle } from "../support/fake_clock.ts";
import { outcome, World } from "./world.ts";

async function readyWorld(): Promise<World> {
  const world = new World();
  const start = world.supervisor.start("echo");
  await world.clock.advance(1_000);
  await start;
  return world;
}

function now(lease: EngineLease | Promise<EngineLease>): EngineLease {
  assert(!(lease instanceof Promise), "the lease came late");
  return lease;
}

Deno.test("a ready engine is lent at once, and is in flight until the lease is released", async () => {
  const world = await readyWorld();
  const { supervisor } = world;
  const [one, two] = [now(supervisor.lease("echo")), now(supervisor.lease("echo"))];
  assertEquals([supervisor.view("echo").inflight, one.generation], [2, two.generation]);
  one.release();
  one.release();
  assertEquals([supervisor.view("echo").inflight, supervisor.view("echo").stopsAt], [1, null]);
  two.release();
  assertEquals(supervisor.view("echo").inflight, 0);
  const closing = supervisor.shutdown();
  await world.clock.advance(10_000);
  await closing;
});

Deno.test("a stopped engine is started for a request, which is held until it is ready", async () => {
  const world = new World();
  const waiting = world.supervisor.lease("echo");
  assert(waiting instanceof Promise);
  assertEquals([world.state, world.supervisor.view("echo").queued], ["starting", 1]);
  await world.clock.advance(1_000);
  const lease = await waiting;
  assertEquals([world.state, world.supervisor.view("echo").inflight], ["ready", 1]);
  assertEquals(world.changes[0], "stopped>starting(request)");
  lease.release();
  const closing = world.supervisor.shutdown();
  await world.clock.advance(10_000);
  await closing;
});

Deno.test("who leaves while held gives up its place and takes no lease", async () => {
  const world = new World();
  const over = new AbortController();
  const waiting = outcome(Promise.resolve(world.supervisor.lease("echo", { signal: over.signal })));
  over.abort();
  assertEquals([await waiting, world.supervisor.view("echo").queued], ["AbortError", 0]);
  await world.clock.advance(1_000);
  assertEquals(world.supervisor.view("echo").inflight, 0);
  const closing = world.supervisor.shutdown();
  await world.clock.advance(10_000);
  await closing;
  assertEquals(
    await outcome((async () => await world.supervisor.lease("echo"))()),
    "shutting_down",
  );
});

Deno.test("an unknown engine is refused at once", () => {
  const error = assertThrows(() => new World().supervisor.lease("nobody"), RequestError);
  assertEquals(error.code, "unknown_engine");
});

Deno.test("an engine that has failed refuses a request with its error and a time to try again", async () => {
  const world = new World();
  world.machine.next = { ...world.machine.next, health: null };
  const first = outcome(Promise.resolve(world.supervisor.lease("echo")));
  await world.clock.advance(11_000);
  assertEquals([await first, world.state], ["start_timeout", "failed"]);
  let refusal: unknown;
  try {
    await world.supervisor.lease("echo");
  } catch (error) {
    refusal = error;
  }
  assert(refusal instanceof Error && "retryAfterS" in refusal);
  assertEquals(Number(refusal.retryAfterS) > 0, true);
  const closing = world.supervisor.shutdown();
  await world.clock.advance(10_000);
  await closing;
});

Deno.test("a break is explained by the end of the process, and is itself while the process lives", async () => {
  const world = await readyWorld();
  const lease = now(world.supervisor.lease("echo"));
  const broke = new ConnectError("upstream_failed", "after_send", { detail: "x", remedy: "y" });
  const lives = lease.explainBreak(broke);
  await world.clock.advance(500);
  assertEquals((await lives).code, "upstream_failed");
  const dies = lease.explainBreak(broke);
  world.machine.newest.exitSoon(3);
  await world.clock.advance(400);
  assertEquals((await dies).code, "crashed");
  lease.release();
  await settle();
  const closing = world.supervisor.shutdown();
  await world.clock.advance(10_000);
  await closing;
});

/** How the process ends within the moment in which that is waited for, and whether it is a crash. */
const ENDS: readonly (readonly [name: string, end: readonly [number, string | null], boolean])[] = [
  ["a signal", [137, "SIGKILL"], true],
  ["code 3", [3, null], true],
  ["code 0", [0, null], false],
];

for (const [name, [code, osSignal], hasCrashed] of ENDS) {
  Deno.test(`an end by ${name} is ${hasCrashed ? "a" : "no"} crash, heard of late or before`, async () => {
    const world = await readyWorld();
    const lease = now(world.supervisor.lease("echo"));
    const asked = lease.hasCrashed();
    await world.clock.advance(10);
    world.machine.newest.exit(code, osSignal);
    await settle();
    assertEquals([await asked, await lease.hasCrashed()], [hasCrashed, hasCrashed]);
    lease.release();
    const closing = world.supervisor.shutdown();
    await world.clock.advance(10_000);
    await closing;
  });
}

Deno.test("a process that lives has not crashed, which is said within 20 ms", async () => {
  const world = await readyWorld();
  const lease = now(world.supervisor.lease("echo"));
  const asked = lease.hasCrashed();
  await world.clock.advance(20);
  assertEquals(await asked, false);
  lease.release();
  const closing = world.supervisor.shutdown();
  await world.clock.advance(10_000);
  await closing;
  assertEquals(world.clock.timers, 0);
});
