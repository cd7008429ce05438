/** A configuration that changes where there is little room, and while other things happen. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import type { BudgetSettings, EngineSettings } from "../../src/config/mod.ts";
import { settle } from "../support/fake_clock.ts";
import { Fleet, type PartialEngines, toSettings } from "./support/fleet.ts";

const GIB = 2 ** 30;
const BUDGET = { memoryBytes: 10 * GIB, vramBytes: null };
const SWAP = { maxWaitMs: 30_000, minStayMs: 5_000 };

function gib(n: number, program?: string): Partial<EngineSettings> {
  const size = { memoryBytes: n * GIB, vramBytes: 0 };
  return program === undefined ? { size } : { size, command: [program] };
}

/** A fleet of which the engines `running` have been ready for longer than they have to stay. */
async function ready(
  engines: PartialEngines,
  { running = Object.keys(engines), budget = BUDGET }: {
    readonly running?: readonly string[];
    readonly budget?: BudgetSettings;
  } = {},
): Promise<Fleet> {
  const fleet = new Fleet(engines, { budget, swap: SWAP });
  for (const name of running) {
    const started = fleet.supervisor.start(name);
    await fleet.clock.advance(100);
    await started;
  }
  await fleet.clock.advance(6_000);
  return fleet;
}

function apply(fleet: Fleet, engines: PartialEngines): void {
  fleet.supervisor.apply({ engines: toSettings(engines), budget: BUDGET, swap: SWAP });
}

const live = (fleet: Fleet) =>
  fleet.machine.trees.filter(({ isAlive }) => isAlive).map(({ spec }) => spec.argv.join(" "));

Deno.test("the new one has room of the budget from its start on, the old one to its end", async () => {
  const fleet = await ready({ a: gib(4), b: gib(4) }, { running: ["a"] });
  const used = fleet.ask("a");
  await settle();
  fleet.machine.next.health = "hangs";
  apply(fleet, { a: gib(4, "a2"), b: gib(4) });
  await fleet.clock.advance(100);
  assertEquals(live(fleet), ["a", "a2"]);
  const { behaviour } = fleet.machine.newest;
  fleet.machine.next.health = 200;
  const b = fleet.ask("b");
  await fleet.clock.advance(1_000);
  assertEquals(live(fleet), ["a", "a2"]);
  behaviour.health = 200;
  await fleet.clock.advance(3_000);
  assertEquals([live(fleet), fleet.log], [["a", "a2"], ["a got it"]]);
  await used.end();
  await fleet.clock.advance(3_000);
  assertEquals([live(fleet), fleet.log], [["a2", "b"], ["a got it", "b got it"]]);
  await b.end();
  await fleet.close();
});

Deno.test("of two that change at once only those run beside the old ones for which there is room", async () => {
  const fleet = await ready({ a: gib(3), b: gib(3) });
  fleet.machine.onSpawn = () => {
    const others = live(fleet).length;
    assert(others <= 2, `the fourth beside ${live(fleet)}`);
  };
  apply(fleet, { a: gib(3, "a2"), b: gib(3, "b2") });
  await fleet.clock.advance(10_000);
  assertEquals(live(fleet).sort(), ["a2", "b2"]);
  await fleet.close();
});

Deno.test("one that goes and comes back larger waits until there is room for it", async () => {
  const fleet = await ready({ a: gib(4), b: gib(4) });
  const b = fleet.ask("b");
  apply(fleet, { a: gib(8, "a2"), b: gib(4) });
  const a = fleet.ask("a");
  await fleet.clock.advance(10_000);
  assertEquals([live(fleet), fleet.log], [["b"], ["b got it"]]);
  await b.end();
  await fleet.clock.advance(3_000);
  assertEquals([live(fleet), fleet.log], [["a2"], ["b got it", "a got it"]]);
  await a.end();
  await fleet.close();
});

Deno.test("one that waits for room after a reload starts though nobody asks, and not after a stop", async () => {
  for (const isStopped of [false, true]) {
    const fleet = await ready({ a: gib(4), b: gib(4) });
    const b = fleet.ask("b");
    apply(fleet, { a: gib(8, "a2"), b: gib(4) });
    await fleet.clock.advance(3_000);
    if (isStopped) await fleet.supervisor.stop("a");
    await b.end();
    await fleet.clock.advance(3_000);
    assertEquals(live(fleet), isStopped ? ["b"] : ["a2"]);
    await fleet.close();
  }
});

Deno.test("one for which there never is room changes nothing, and a notice tells the figures", async () => {
  const fleet = await ready({ a: gib(4), b: gib(4) });
  const inbox = fleet.events.subscribe();
  apply(fleet, { a: gib(11, "a2"), b: gib(4) });
  await fleet.clock.advance(10_000);
  assertEquals(live(fleet), ["a", "b"]);
  const notices = inbox.take().flatMap((one) =>
    "event" in one && one.event.type === "notice" ? [one.event.detail] : []
  );
  assertEquals(notices.length, 1);
  assertStringIncludes(notices[0] ?? "", "11.00 GiB");
  await fleet.close();
});

Deno.test("one that is evicted in the middle of a change comes back as the new one", async () => {
  const fleet = await ready({ a: gib(4), b: gib(9) }, { running: ["a"] });
  fleet.machine.next.health = "hangs";
  apply(fleet, { a: { ...gib(4, "a2"), startTimeoutMs: 300_000 }, b: gib(9) });
  await fleet.clock.advance(100);
  fleet.machine.newest.behaviour.health = 200;
  fleet.machine.next.health = 200;
  const b = fleet.ask("b");
  await fleet.clock.advance(20_000);
  assertEquals(live(fleet), ["b"]);
  await b.end();
  fleet.ask("a");
  await fleet.clock.advance(10_000);
  assertEquals(live(fleet), ["a2"]);
  await fleet.close();
});

Deno.test("an eviction does not cut what the one before it still answers", async () => {
  const fleet = await ready({ a: gib(3), b: gib(6) }, { running: ["a"] });
  const stream = fleet.ask("a");
  await settle();
  apply(fleet, { a: gib(3, "a2"), b: gib(6) });
  await fleet.clock.advance(8_000);
  assertEquals(live(fleet), ["a", "a2"]);
  fleet.ask("b");
  await fleet.clock.advance(60_000);
  assertEquals([live(fleet), fleet.log], [["a", "b"], ["a got it", "b got it"]]);
  await stream.end();
  await fleet.clock.advance(3_000);
  assertEquals(live(fleet), ["b"]);
  await fleet.close();
});

Deno.test("what the one before still answers counts though its successor is stopped", async () => {
  const fleet = await ready({ a: gib(4), b: gib(8) }, { running: ["a"] });
  const stream = fleet.ask("a");
  await settle();
  apply(fleet, { a: gib(4, "a2"), b: gib(8) });
  await fleet.clock.advance(8_000);
  const b = fleet.ask("b");
  await fleet.clock.advance(60_000);
  assertEquals(live(fleet).includes("b"), false, String(live(fleet)));
  await stream.end();
  await fleet.clock.advance(10_000);
  assertEquals([live(fleet), fleet.log], [["b"], ["a got it", "b got it"]]);
  await b.end();
  await fleet.close();
});

Deno.test("a successor of one that has died has its room, and gives it up for others", async () => {
  const fleet = await ready({ a: gib(6), b: gib(6) }, { running: ["a"], budget: BUDGET });
  const [old] = fleet.machine.trees;
  fleet.machine.next.health = "hangs";
  // So small that there is room beside, and large once it has taken the place.
  apply(fleet, { a: gib(3, "a2"), b: gib(6) });
  await fleet.clock.advance(100);
  old?.exit(1);
  await fleet.clock.advance(1_000);
  const { behaviour } = fleet.machine.newest;
  behaviour.health = 200;
  fleet.machine.next.health = 200;
  await fleet.clock.advance(1_000);
  apply(fleet, { a: gib(6, "a2"), b: gib(6) });
  const a = fleet.ask("a");
  const b = fleet.ask("b");
  await fleet.clock.advance(10_000);
  assertEquals([live(fleet), fleet.log], [["a2"], ["a got it"]]);
  await a.end();
  await fleet.clock.advance(3_000);
  assertEquals(live(fleet), ["b"]);
  await b.end();
  await fleet.close();
});

Deno.test("a stop by a user in the trial of a new command: nothing runs, the new command is next", async () => {
  const fleet = await ready({ a: { exclusive: "gpu" } });
  fleet.machine.next.health = "hangs";
  apply(fleet, { a: { exclusive: "gpu", command: ["a2"] } });
  await fleet.clock.advance(3_000);
  assertEquals(live(fleet), ["a2"]);
  fleet.machine.next.health = 200;
  const stopped = fleet.supervisor.stop("a");
  await fleet.clock.advance(5_000);
  await stopped;
  assertEquals(live(fleet), []);
  fleet.ask("a");
  await fleet.clock.advance(3_000);
  assertEquals(live(fleet), ["a2"]);
  await fleet.close();
});

Deno.test("where neither the new command nor the old one starts it ends, and each is told once", async () => {
  const fleet = await ready({ a: { exclusive: "gpu", replicas: { min: 2, max: null } } });
  const inbox = fleet.events.subscribe();
  fleet.machine.next.health = null;
  apply(fleet, {
    a: { exclusive: "gpu", replicas: { min: 2, max: null }, command: ["a2"] },
  });
  await fleet.clock.advance(200_000);
  assertEquals([live(fleet), fleet.states], [[], ["failed"]]);
  const titles = inbox.take().flatMap((one) =>
    "event" in one && one.event.type === "notice" ? [one.event.title] : []
  );
  assertEquals(titles, ["Reload without effect"]);
  await fleet.close();
});

Deno.test("a close, and taking it out, in the middle of a change leave nothing", async () => {
  for (const isUsed of [true, false]) {
    for (const isTakenOut of [true, false]) {
      const fleet = await ready({ a: { exclusive: "gpu" }, b: {} });
      const a = fleet.ask("a");
      await settle();
      fleet.machine.next.health = "hangs";
      apply(fleet, { a: { exclusive: "gpu", command: ["a2"] }, b: {} });
      if (!isUsed) await a.end();
      await fleet.clock.advance(2_000);
      assertEquals(live(fleet), isUsed ? ["a", "b"] : ["b", "a2"]);
      if (isTakenOut) {
        apply(fleet, { b: {} });
        if (isUsed) await a.end();
        await fleet.clock.advance(5_000);
        assertEquals(live(fleet), ["b"]);
      }
      await fleet.close();
      assertEquals([live(fleet), fleet.clock.timers], [[], 0]);
    }
  }
});

Deno.test("one that is put back waits for its set socket or port until the one before has gone", async () => {
  for (const fixed of [{ socket: "/run/fixed.sock" }, { port: 18_080 }]) {
    const fleet = await ready({ a: fixed, b: {} });
    const old = fleet.ask("a");
    await settle();
    apply(fleet, { b: {} });
    await fleet.clock.advance(100);
    apply(fleet, { b: {}, other: { ...fixed, command: ["a2"] } });
    fleet.ask("other");
    await fleet.clock.advance(10_000);
    assertEquals([live(fleet), fleet.log], [["a", "b"], ["a got it"]]);
    await old.end();
    await fleet.clock.advance(3_000);
    assertEquals([live(fleet), fleet.log], [["b", "a2"], ["a got it", "other got it"]]);
    await fleet.close();
  }
});

Deno.test("a set socket is the same for each next one, whether anything runs or not", async () => {
  const socket = "/run/fixed.sock";
  const fleet = await ready({ a: {} });
  const socketOf = async (program: string) => {
    apply(fleet, { a: { socket, command: [program] } });
    await fleet.clock.advance(3_000);
    return fleet.supervisor.view("a").socket;
  };
  assertEquals(await socketOf("a2"), `${socket}~0`);
  assertEquals(await socketOf("a3"), `${socket}~0`);
  const stopped = fleet.supervisor.stop("a");
  await fleet.clock.advance(3_000);
  await stopped;
  assertEquals(await socketOf("a4"), `${socket}~0`);
  await fleet.close();
});

Deno.test("another model for a command that is told its model is another process", async () => {
  const engine = (program: string, ...models: string[]) => ({
    command: [program, "${MODEL}"] as const,
    models: models.map((name) => ({ name, aliases: [], upstreamModel: null })),
  });
  const fleet = await ready({ a: engine("a", "one") });
  apply(fleet, { a: engine("a", "one", "more") });
  await fleet.clock.advance(3_000);
  assertEquals(fleet.machine.trees.length, 1);
  apply(fleet, { a: engine("a", "two") });
  await fleet.clock.advance(3_000);
  assertEquals(live(fleet), ["a two"]);
  await fleet.close();
});

Deno.test("a budget that comes by a reload knows what was seen of those that ran before", async () => {
  const none = { memoryBytes: null, vramBytes: null };
  const fleet = new Fleet({ a: {}, b: gib(6) }, { budget: none, swap: SWAP });
  fleet.machine.next.heldBytes = 7 * GIB;
  const a = fleet.ask("a");
  await fleet.clock.advance(3_000);
  apply(fleet, { a: {}, b: gib(6) });
  await fleet.clock.advance(7_000);
  await a.end();
  fleet.ask("b");
  await fleet.clock.advance(3_000);
  assertEquals(fleet.states, ["stopped", "ready"]);
  await fleet.close();
});

Deno.test("a stop by a user sends those away who wait for room", async () => {
  const fleet = await ready({ a: gib(6), b: gib(6) }, { running: ["a"] });
  const a = fleet.ask("a");
  fleet.ask("b");
  await fleet.clock.advance(1_000);
  await fleet.supervisor.stop("b");
  await settle();
  assertEquals(fleet.log, ["a got it", "b stopped_by_user"]);
  await a.end();
  await fleet.clock.advance(60_000);
  assertEquals(live(fleet), ["a"]);
  await fleet.close();
});

Deno.test("an engine that is kept and runs is told of no lack of room at a reload", async () => {
  const engines = {
    a: { ...gib(6), keep: "always" },
    b: { exclusive: "gpu", keep: "always" },
    c: { port: 18_081, keep: "always" },
  } as const;
  const fleet = new Fleet(engines, { budget: BUDGET, swap: SWAP });
  fleet.supervisor.preload();
  await fleet.clock.advance(6_000);
  assertEquals(fleet.states, ["ready", "ready", "ready"]);
  const inbox = fleet.events.subscribe();
  apply(fleet, { ...engines, d: {} });
  await fleet.clock.advance(6_000);
  const notices = inbox.take().flatMap((one) =>
    "event" in one && one.event.type === "notice" ? [one.event.title] : []
  );
  assertEquals([fleet.machine.trees.length, notices], [3, []]);
  await fleet.close();
});
