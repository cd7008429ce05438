/** Engines that are there before anybody asks. */
import { assertEquals } from "@std/assert";
import type { NoticeEvent } from "../../src/events/mod.ts";
import { Fleet, type FleetOptions } from "./support/fleet.ts";

const GIB = 2 ** 30;
const KEPT = { keep: "always" } as const;
const gib = (n: number) => ({ size: { memoryBytes: n * GIB, vramBytes: 0 } });
const BUDGET: FleetOptions = {
  budget: { memoryBytes: 10 * GIB, vramBytes: null },
  swap: { maxWaitMs: 30_000, minStayMs: 5_000 },
};

/** What is told of engines from now on, by name. */
function notices(fleet: Fleet): () => string[] {
  const inbox = fleet.events.subscribe();
  return () =>
    inbox.take()
      .flatMap((delivery) => "event" in delivery ? [delivery.event] : [])
      .filter((event): event is NoticeEvent => event.type === "notice")
      .map(({ engine, title }) => `${engine}: ${title}`);
}

Deno.test("what is kept is started with the program, and says why; the others stay as they are", async () => {
  const fleet = new Fleet({ a: KEPT, b: {} });
  fleet.supervisor.preload();
  await fleet.clock.advance(100);
  assertEquals(fleet.states, ["ready", "stopped"]);
  const { reason, stopsAt, idleTimeoutMs } = fleet.supervisor.view("a");
  assertEquals([reason, stopsAt, idleTimeoutMs], ["preload", null, -1]);
  await fleet.clock.advance(1_000_000);
  assertEquals(fleet.states, ["ready", "stopped"]);
  await fleet.close();
});

Deno.test("the higher priority is started first", async () => {
  const fleet = new Fleet({
    a: { ...KEPT, priority: 1 },
    b: { ...KEPT, priority: 7 },
    c: { ...KEPT, priority: 3 },
  });
  fleet.supervisor.preload();
  await fleet.clock.advance(100);
  assertEquals(fleet.machine.trees.map(({ spec }) => spec.argv[0]), [
    "b",
    "c",
    "a",
  ]);
  await fleet.close();
});

Deno.test("nobody makes room for what is preloaded, which is told; a request gets it", async () => {
  const fleet = new Fleet({
    a: { ...KEPT, ...gib(6) },
    b: { ...KEPT, ...gib(6), priority: 1 },
    c: { ...KEPT, ...gib(4) },
  }, BUDGET);
  const told = notices(fleet);
  fleet.supervisor.preload();
  await fleet.clock.advance(20_000);
  assertEquals(fleet.states, ["stopped", "ready", "ready"]);
  assertEquals(told(), ["a: Not preloaded"]);
  const a = fleet.ask("a");
  await fleet.clock.advance(2_000);
  assertEquals(fleet.log, ["a got it"]);
  await a.end();
  await fleet.close();
});

Deno.test("a preload that fails is told, goes on by the rules of backoff, and does no harm to the others", async () => {
  const fleet = new Fleet({ a: KEPT, b: KEPT });
  const told = notices(fleet);
  fleet.machine.next.health = null;
  fleet.supervisor.preload();
  await fleet.clock.advance(10);
  const [dying, other] = fleet.machine.trees;
  if (other !== undefined) other.behaviour.health = 200;
  dying?.exit(3);
  fleet.machine.next.health = 200;
  await fleet.clock.advance(200);
  assertEquals(fleet.states, ["backoff", "ready"]);
  await fleet.clock.advance(5_000);
  assertEquals([fleet.states, told()], [["ready", "ready"], []], "the next one lives");
  await fleet.close();
});

Deno.test("a preload that can't succeed ends in failed, and is told once", async () => {
  const fleet = new Fleet({ a: KEPT });
  const told = notices(fleet);
  fleet.machine.next.spawn = "fails";
  fleet.supervisor.preload();
  await fleet.clock.advance(60_000);
  assertEquals([fleet.states, told()], [["failed"], ["a: Not preloaded"]]);
  await fleet.close();
});

Deno.test("whoever closes the program while it preloads is told nothing", async () => {
  const fleet = new Fleet({ a: KEPT });
  const told = notices(fleet);
  fleet.machine.next.health = null;
  fleet.supervisor.preload();
  await fleet.clock.advance(10);
  await fleet.close();
  assertEquals(told(), []);
});
