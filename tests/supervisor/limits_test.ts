/** What an engine gets that is silent or slow: each wait for it has an end. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { AdmissionError, ERROR_TABLE, LifecycleError, TimeoutError } from "../../src/core/mod.ts";
import { settle } from "../support/fake_clock.ts";
import { outcome, World } from "./world.ts";

Deno.test("an engine that never answers its first health request is asked again after 2 s", async () => {
  const world = new World();
  world.machine.next.health = "hangs";
  const started = outcome(world.supervisor.start("echo"));
  await world.clock.advance(100);
  world.machine.newest.behaviour.health = 200;
  await world.clock.advance(1_800);
  assertEquals([world.state, world.machine.seen], ["starting", ["GET /health"]]);
  await world.clock.advance(200);
  assertEquals([world.state, world.machine.seen], ["ready", ["GET /health", "GET /health"]]);
  await started;
});

Deno.test("an engine that never answers /status is told of once, asked again, and serves", async () => {
  const world = new World();
  world.machine.next.status = null;
  const started = world.supervisor.start("echo");
  await world.clock.advance(500);
  await started;
  const polls = () => world.machine.seen.filter((line) => line === "GET /status").length;
  await world.clock.advance(3_000);
  assertEquals([polls(), world.notices()], [1, []]);
  await world.clock.advance(7_000);
  assertEquals([polls(), world.notices()], [4, ["Status poll failed"]]);
  const answer = await world.supervisor.input("echo", "hello");
  assertEquals([answer.status, world.state], [200, "ready"]);
});

Deno.test("an input that is never answered ends after ten minutes, and the engine lives on", async () => {
  const world = new World();
  world.machine.next.input = "hangs";
  const error = world.supervisor.input("echo", "a").catch((error) => error);
  await world.clock.advance(599_900);
  assertEquals(world.supervisor.view("echo").inflight, 1);
  await world.clock.advance(200);
  assertEquals([world.state, world.supervisor.view("echo").inflight], ["ready", 0]);
  const thrown = await error;
  assert(thrown instanceof TimeoutError);
  assertEquals([thrown.code, ERROR_TABLE[thrown.code].status], ["upstream_timeout", 504]);
});

Deno.test("an error carries the last 20 lines of an engine that prints more", async () => {
  const world = new World();
  world.machine.next.health = null;
  const failed = world.supervisor.start("echo").catch((error) => error);
  await world.clock.advance(100);
  const lines = Array.from({ length: 30 }, (_, i) => `line ${i + 1}`);
  world.machine.newest.print(lines.join("\n") + "\n");
  await world.clock.advance(10_000);
  const error = await failed;
  assert(error instanceof LifecycleError);
  assertEquals(error.lastLines, lines.slice(10));
  assertEquals(world.supervisor.view("echo").lastError?.lastLines, lines.slice(10));
});

Deno.test("shutdown() kills at its limit what a late ladder would still let live, and says so", async () => {
  const graceMs = 500;
  const world = new World({ graceMs });
  const { clock, machine } = world;
  Object.assign(machine.next, { input: "hangs", stop: "ignored", term: "ignored" });
  const cut = outcome(world.supervisor.input("echo", "a"));
  await clock.advance(10);
  const limit = clock.now() + 4_000 + 2 * graceMs;
  const report = world.supervisor.shutdown();
  await settle();
  // Every step of the ladder counts from when it is taken: the first one is late, and so are all.
  clock.stall(4_400);
  await clock.advance(limit - clock.now() - 1);
  assertEquals(machine.newest.signals, ["SIGTERM"]);
  await clock.advance(1);
  assertEquals(machine.newest.signals, ["SIGTERM", "SIGKILL"]);
  await clock.advance(100);
  assertEquals(await report, { clean: false, engines: [{ name: "echo", how: "killed" }] });
  assertEquals([await cut, machine.live], ["shutting_down", 0]);
});

/** A world whose engine is not ready before {@linkcode answers}. */
function slowWorld(max: number) {
  const world = new World({ queue: { max, timeoutMs: 600_000 } });
  world.machine.next.health = "hangs";
  const answers = async () => {
    await world.clock.advance(100);
    world.machine.newest.behaviour.health = 200;
    await world.clock.advance(2_000);
  };
  return { world, answers };
}

Deno.test("more than queue.max who wait are refused with queue_full, and counted; the others are served", async () => {
  const { world, answers } = slowWorld(3);
  const asked = Array.from({ length: 5 }, () => outcome(world.supervisor.start("echo")));
  await settle();
  const bound = {
    name: "waiting_requests",
    engine: "echo",
    limit: 3,
    used: 3,
    refused: 2,
  } as const;
  assertEquals(world.supervisor.bounds()[0], bound);
  await answers();
  const codes = (await Promise.all(asked)).map((one) => typeof one === "string" ? one : "served");
  assertEquals(codes, ["served", "served", "served", "queue_full", "queue_full"]);
  assertEquals(world.supervisor.bounds()[0], { ...bound, used: 0 });
});

Deno.test("an engine that lets nobody wait is started all the same, for one who waits for that", async () => {
  const { world, answers } = slowWorld(0);
  const asked = Array.from({ length: 2 }, () => {
    return outcome((async () => await world.supervisor.lease("echo"))());
  });
  await settle();
  await answers();
  const codes = (await Promise.all(asked)).map((one) => typeof one === "string" ? one : "served");
  assertEquals(codes, ["served", "queue_full"]);
  assertEquals(world.supervisor.bounds()[0]?.limit, 0);
});

Deno.test("who finds no place in the line of an engine that starts is told when to come again", async () => {
  const { world, answers } = slowWorld(1);
  const first = outcome(world.supervisor.start("echo"));
  const error = await assertRejects(() => world.supervisor.start("echo"), AdmissionError);
  assertEquals([error.code, error.retryAfterS], ["queue_full", 1]);
  await answers();
  await first;
});

Deno.test("the place of one who leaves the queue is another's", async () => {
  const { world, answers } = slowWorld(1);
  const left = new AbortController();
  const first = outcome(world.supervisor.start("echo", { signal: left.signal }));
  await settle();
  left.abort();
  assertEquals(await first, "AbortError");
  const second = outcome(world.supervisor.start("echo"));
  const third = outcome(world.supervisor.start("echo"));
  await answers();
  assertEquals([typeof await second, await third], ["object", "queue_full"]);
});

Deno.test("who waits through a restart keeps its place in a full queue", async () => {
  const { world, answers } = slowWorld(3);
  const asked = [world.supervisor.start("echo"), world.supervisor.start("echo")].map(outcome);
  await settle();
  const restarted = outcome(world.supervisor.restart("echo"));
  await world.clock.advance(100);
  world.machine.next.health = 200;
  await answers();
  const all = await Promise.all([...asked, restarted]);
  assertEquals(all.map((one) => typeof one), ["object", "object", "object"]);
  assertEquals(world.supervisor.bounds()[0]?.refused, 0);
});
