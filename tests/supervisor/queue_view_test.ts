/** Who waits, at which place and since when, as the view, the events and an input tell it. */
import { assertEquals } from "@std/assert";
import { AiEngineError } from "../../src/core/mod.ts";
import type { SnapshotEvent } from "../../src/events/mod.ts";
import { RequestBook } from "../../src/observe/mod.ts";
import type { LeaseOptions } from "../../src/supervisor/mod.ts";
import { settle } from "../support/fake_clock.ts";
import { newRecords, toReceived } from "../support/request_records.ts";
import { outcome, World } from "./world.ts";

function ask(world: World, options?: LeaseOptions): Promise<unknown> {
  return outcome((async () => await world.supervisor.lease("echo", options))());
}

/** How many wait and since when, in the snapshots so far, which are forgotten. */
function snapshots(world: World): [queued: number, queuedSince: string | null][] {
  const told = world.published
    .filter((event): event is SnapshotEvent => event.type === "snapshot")
    .flatMap(({ engines }) => engines.map(({ queued, queuedSince }) => [queued, queuedSince]));
  world.forget();
  return told as [number, string | null][];
}

Deno.test("the view tells how many wait, since when the first of them does, and the slots", async () => {
  const world = new World({ slots: 1 });
  world.machine.next.health = null;
  const { queued, queuedSince, slots } = world.supervisor.view("echo");
  assertEquals([queued, queuedSince, slots], [0, null, 1]);
  const asked = [ask(world)];
  await settle();
  const since = new Date(world.clock.wall()).toISOString();
  await world.clock.advance(700);
  asked.push(ask(world, { priority: 9 }));
  await settle();
  const view = world.supervisor.view("echo");
  assertEquals([view.state, view.queued, view.queuedSince], ["starting", 2, since]);
  await world.supervisor.shutdown({ force: true });
  assertEquals(await Promise.all(asked), ["shutting_down", "shutting_down"]);
  assertEquals(world.supervisor.view("echo").queuedSince, null);
});

Deno.test("who joins the line of a starting engine is seen in a snapshot a second later", async () => {
  const world = new World();
  world.machine.next.health = null;
  const asked = [ask(world)];
  await world.clock.advance(1_500);
  world.forget();
  const since = new Date(world.clock.wall() - 1_500).toISOString();
  asked.push(ask(world), ask(world));
  await world.clock.advance(1_000);
  assertEquals(snapshots(world), [[3, since]]);
  await world.clock.advance(5_000);
  assertEquals(snapshots(world), [], "nothing has changed");
  await world.supervisor.shutdown({ force: true });
  await Promise.all(asked);
  assertEquals(world.clock.timers, 0);
});

Deno.test("an input is told its place in the line, and again when it moves up or down", async () => {
  const world = new World({ slots: 1 });
  await Promise.all([world.supervisor.start("echo"), world.clock.advance(10)]);
  const first = await world.supervisor.lease("echo");
  const left = new AbortController();
  const second = ask(world, { signal: left.signal });
  const told: string[] = [];
  const onPhase = (phase: string, position?: number) => told.push(`${phase} ${position ?? ""}`);
  const input = world.supervisor.input("echo", "hello", { onPhase });
  await settle();
  assertEquals(told, ["queued 2"]);
  const urgent = world.supervisor.input("echo", "now", { priority: 1 });
  await world.clock.advance(1_000);
  assertEquals(told, ["queued 2", "queued 3"]);
  left.abort();
  await second;
  await world.clock.advance(1_000);
  first.release();
  await Promise.all([urgent, input, world.clock.advance(10)]);
  assertEquals(told, ["queued 2", "queued 3", "queued 2", "answering "]);
});

Deno.test("an input that starts the engine is told so, with its place", async () => {
  const world = new World();
  world.machine.next.health = null;
  const told: [string, number | undefined][] = [];
  const others = [ask(world)];
  const input = outcome(world.supervisor.input("echo", "hello", {
    onPhase: (phase, position) => told.push([phase, position]),
  }));
  await world.clock.advance(3_000);
  world.machine.newest.behaviour.health = 200;
  await world.clock.advance(1_000);
  await Promise.all([...others, input]);
  assertEquals(told, [["starting", 2], ["answering", undefined]]);
});

Deno.test("a request has its place as it is when somebody looks, and none before and afterwards", async () => {
  const world = new World({ slots: 1 });
  await Promise.all([world.supervisor.start("echo"), world.clock.advance(10)]);
  const told: string[] = [];
  const book = new RequestBook({
    clock: world.clock,
    isWatched: () => true,
    tell: ({ id, place }) => told.push(`${id} ${place}`),
  });
  const { records } = newRecords(world.clock, book);
  const send = (id: string, priority = 0) => {
    const headers = { "x-request-id": id };
    const record = records.of(toReceived(new Request("http://localhost/", { headers })));
    record.begin("upstream", null);
    const left = new AbortController();
    const lease = world.supervisor.lease("echo", { record, priority, signal: left.signal });
    return { record, lease, left };
  };
  const places = () => [a, b, c, urgent].map(({ record: { id } }) => book.find(id)?.place);
  const a = send("a");
  const b = send("b");
  const c = send("c");
  await world.clock.advance(200);
  const urgent = send("urgent", 1);
  assertEquals(places(), [null, 2, 3, 1]);
  assertEquals(told.splice(0), ["b 1", "c 2"]);
  await world.clock.advance(1_000);
  assertEquals(told.splice(0).sort(), ["b 2", "c 3", "urgent 1"]);
  b.left.abort();
  assertEquals(await outcome(Promise.resolve(b.lease)), "AbortError");
  assertEquals(places(), [null, null, 2, 1]);
  (await a.lease).release();
  assertEquals(places(), [null, null, 1, null]);
  (await urgent.lease).release();
  (await c.lease).release();
  await world.clock.advance(1_000);
  assertEquals(places(), [null, null, null, null]);
  await world.supervisor.shutdown({ force: true });
});

Deno.test("who is sent away from slots that are held long is not told to come in a moment", async () => {
  const world = new World({ slots: 1, queue: { max: 1, timeoutMs: 600_000 } });
  await Promise.all([world.supervisor.start("echo"), world.clock.advance(10)]);
  const retryAfterS = async () => {
    try {
      await world.supervisor.lease("echo");
    } catch (error) {
      return error instanceof AiEngineError ? error.retryAfterS : error;
    }
  };
  const held = await world.supervisor.lease("echo");
  const waiting = world.supervisor.lease("echo");
  const told = [await retryAfterS()];
  await world.clock.advance(39_900);
  told.push(await retryAfterS());
  held.release();
  const next = world.supervisor.lease("echo");
  told.push(await retryAfterS());
  (await waiting).release();
  (await next).release();
  assertEquals(told, [1, 80, 80]);
  await world.supervisor.shutdown({ force: true });
});
