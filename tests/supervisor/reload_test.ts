/** A configuration that changes while engines run. */
import { assert, assertEquals } from "@std/assert";
import { SpawnError } from "../../src/core/mod.ts";
import { settle } from "../support/fake_clock.ts";
import { Fleet, type PartialEngines, toSettings } from "./support/fleet.ts";

const GIB = 2 ** 30;

function apply(fleet: Fleet, engines: PartialEngines, budget?: { memoryBytes: number }): void {
  const more = budget === undefined ? {} : { budget: { vramBytes: null, ...budget } };
  fleet.supervisor.apply({ engines: toSettings(engines), ...more });
}

async function ready(engines: PartialEngines): Promise<Fleet> {
  const fleet = new Fleet(engines);
  for (const name of Object.keys(engines)) {
    const started = fleet.supervisor.start(name);
    await fleet.clock.advance(100);
    await started;
  }
  return fleet;
}

const commands = (fleet: Fleet) => fleet.machine.trees.map(({ spec }) => spec.argv.join(" "));
const live = (fleet: Fleet) =>
  fleet.machine.trees.filter(({ isAlive }) => isAlive).map(({ spec }) => spec.argv.join(" "));

Deno.test("the same configuration again changes nothing", async () => {
  const fleet = await ready({ a: {}, b: {} });
  apply(fleet, { b: {}, a: {} });
  await fleet.clock.advance(5_000);
  assertEquals(commands(fleet), ["a", "b"]);
  assertEquals(fleet.supervisor.views().map(({ name }) => name), ["b", "a"]);
  await fleet.close();
});

Deno.test("other rules hold at once for the process that runs", async () => {
  const fleet = await ready({ a: { idleTimeoutMs: 300_000 } });
  apply(fleet, { a: { idleTimeoutMs: 10_000, slots: 1 } });
  const [one, two] = [fleet.ask("a"), fleet.ask("a")];
  await settle();
  assertEquals(fleet.log, ["a got it"]);
  apply(fleet, { a: { idleTimeoutMs: 10_000, slots: 2 } });
  await settle();
  assertEquals(fleet.log, ["a got it", "a got it"]);
  await one.end();
  await two.end();
  await fleet.clock.advance(13_000);
  assertEquals([commands(fleet), fleet.states], [["a"], ["stopped"]]);
  await fleet.close();
});

Deno.test("another command starts beside the old one, which serves until the new one is ready", async () => {
  const fleet = await ready({ a: {} });
  const old = fleet.ask("a");
  await settle();
  fleet.machine.next.health = "hangs";
  apply(fleet, { a: { command: ["a2"] } });
  await fleet.clock.advance(1_000);
  assertEquals(live(fleet), ["a", "a2"]);
  const meanwhile = fleet.ask("a");
  await settle();
  assertEquals(fleet.log.length, 2);
  fleet.machine.newest.behaviour.health = 200;
  await fleet.clock.advance(2_000);
  assertEquals(fleet.supervisor.view("a").instances?.map(({ state }) => state).sort(), [
    "draining",
    "ready",
  ]);
  const later = fleet.ask("a");
  await settle();
  await old.end();
  await fleet.clock.advance(1_000);
  assertEquals(live(fleet), ["a", "a2"]);
  await meanwhile.end();
  await fleet.clock.advance(3_000);
  assertEquals([live(fleet), fleet.states], [["a2"], ["ready"]]);
  await later.end();
  await fleet.close();
});

Deno.test("a process whose place is taken may end its job, but not for ever", async () => {
  for (const [busyMs, isBusyAfterwards] of [[20_000, false], [590_000, true]] as const) {
    const fleet = await ready({ a: { idleTimeoutMs: -1 } });
    const [old] = fleet.machine.trees;
    assert(old !== undefined);
    old.behaviour.busy = true;
    await fleet.clock.advance(1_500);
    apply(fleet, { a: { idleTimeoutMs: -1, command: ["a2"] } });
    await fleet.clock.advance(busyMs);
    assertEquals(live(fleet), ["a", "a2"]);
    old.behaviour.busy = isBusyAfterwards;
    await fleet.clock.advance(20_000);
    assertEquals(live(fleet), ["a2"]);
    await fleet.close();
  }
});

Deno.test("a new one that does not start changes nothing: the old one stays, and a notice says why", async () => {
  for (const fault of ["spawn", "health"] as const) {
    const fleet = await ready({ a: {} });
    const inbox = fleet.events.subscribe();
    if (fault === "spawn") fleet.machine.next.spawn = "fails";
    else fleet.machine.next.health = null;
    apply(fleet, { a: { command: ["a2"] } });
    await fleet.clock.advance(15_000);
    fleet.ask("a");
    await settle();
    assertEquals([fleet.log, live(fleet)], [["a got it"], ["a"]]);
    const notices = inbox.take().flatMap((one) =>
      "event" in one && one.event.type === "notice" ? [one.event.title] : []
    );
    assertEquals(notices, ["Reload without effect"]);
    await fleet.close();
  }
});

Deno.test("where both can't be, requests are held, the old one stops, the new one starts", async () => {
  const fleet = await ready({ a: { socket: "/run/fixed.sock" } });
  const old = fleet.ask("a");
  await settle();
  apply(fleet, { a: { socket: "/run/fixed.sock", command: ["a2"] } });
  fleet.ask("a");
  await fleet.clock.advance(1_000);
  assertEquals([fleet.log, live(fleet)], [["a got it"], ["a"]]);
  await old.end();
  await fleet.clock.advance(2_000);
  assertEquals([fleet.log, live(fleet)], [["a got it", "a got it"], ["a2"]]);
  assertEquals(fleet.machine.mostAtOnce, 1);
  await fleet.close();
});

Deno.test("where both can't be and the new one does not start, the old command starts again", async () => {
  const fleet = await ready({ a: { exclusive: "gpu" } });
  fleet.machine.onSpawn = ({ argv: [program] }) => {
    if (program === "a2") throw new SpawnError({ detail: "It is not there.", remedy: "None." });
  };
  apply(fleet, { a: { exclusive: "gpu", command: ["a2"] } });
  fleet.ask("a");
  await fleet.clock.advance(5_000);
  assertEquals([fleet.log, live(fleet)], [["a got it"], ["a"]]);
  await fleet.close();
});

Deno.test("a stopped engine is started by its new command, and no sooner than somebody wants it", async () => {
  const fleet = new Fleet({ a: {} });
  apply(fleet, { a: { command: ["a2"] } });
  await fleet.clock.advance(5_000);
  assertEquals(commands(fleet), []);
  fleet.ask("a");
  await fleet.clock.advance(500);
  assertEquals(commands(fleet), ["a2"]);
  await fleet.close();
});

Deno.test("a stop --hold outlives a reload", async () => {
  const fleet = await ready({ a: {} });
  const stopped = fleet.supervisor.stop("a", { hold: true });
  await fleet.clock.advance(3_000);
  await stopped;
  apply(fleet, { a: { command: ["a2"] } });
  fleet.ask("a");
  await fleet.clock.advance(500);
  assertEquals([fleet.log, commands(fleet)], [["a stopped_by_user"], ["a"]]);
  await fleet.close();
});

Deno.test("a stop by a user in the middle of a replacement: nothing runs, the new command is next", async () => {
  const fleet = await ready({ a: {} });
  fleet.machine.next.health = "hangs";
  apply(fleet, { a: { command: ["a2"] } });
  await fleet.clock.advance(500);
  const stopped = fleet.supervisor.stop("a");
  await fleet.clock.advance(5_000);
  assertEquals((await stopped).state, "stopped");
  assertEquals(live(fleet), []);
  fleet.machine.next.health = 200;
  fleet.ask("a");
  await fleet.clock.advance(1_000);
  assertEquals([live(fleet), fleet.log], [["a2"], ["a got it"]]);
  await fleet.close();
});

Deno.test("another reload in the middle of one: the last one holds, nothing is left of the first", async () => {
  const fleet = await ready({ a: {} });
  fleet.machine.next.health = "hangs";
  apply(fleet, { a: { command: ["a2"] } });
  await fleet.clock.advance(500);
  fleet.machine.next.health = 200;
  apply(fleet, { a: { command: ["a3"] } });
  await fleet.clock.advance(5_000);
  assertEquals(live(fleet), ["a3"]);
  apply(fleet, { a: {} });
  await fleet.clock.advance(5_000);
  assertEquals(live(fleet), ["a"]);
  await fleet.close();
});

Deno.test("an engine that is taken out ends what it has under way, and is known no more", async () => {
  const fleet = await ready({ a: {}, b: {} });
  const a = fleet.ask("a");
  await settle();
  apply(fleet, { b: {} });
  fleet.ask("a");
  await fleet.clock.advance(2_000);
  assertEquals([fleet.log, live(fleet)], [["a got it", "a unknown_engine"], ["a", "b"]]);
  await a.end();
  await fleet.clock.advance(2_000);
  assertEquals([live(fleet), fleet.supervisor.views().length], [["b"], 1]);
  await fleet.close();
});

Deno.test("a close finds and ends what was taken out, what is new, and what it replaces", async () => {
  const fleet = await ready({ a: {}, b: {} });
  fleet.ask("a");
  fleet.ask("b");
  await settle();
  fleet.machine.next.health = "hangs";
  apply(fleet, { b: { command: ["b2"] } });
  await fleet.clock.advance(100);
  assertEquals(live(fleet), ["a", "b", "b2"]);
  await fleet.close();
  assertEquals([live(fleet), fleet.clock.timers], [[], 0]);
});

Deno.test("more and fewer replicas come and go with what they have under way", async () => {
  const fleet = await ready({ a: { slots: 1 } });
  apply(fleet, { a: { slots: 1, replicas: { min: 2, max: null } } });
  await fleet.clock.advance(3_000);
  assertEquals(live(fleet).length, 2);
  const [one, two] = [fleet.ask("a"), fleet.ask("a")];
  await settle();
  assertEquals(fleet.log.length, 2);
  apply(fleet, { a: { slots: 1 } });
  await fleet.clock.advance(2_000);
  assertEquals(live(fleet).length, 2);
  await one.end();
  await two.end();
  await fleet.clock.advance(3_000);
  assertEquals([live(fleet).length, fleet.states], [1, ["ready"]]);
  await fleet.close();
});

Deno.test("a new budget counts at once", async () => {
  const size = { memoryBytes: 6 * GIB, vramBytes: 0 };
  const fleet = await ready({ a: { size }, b: { size } });
  assertEquals(live(fleet), ["a", "b"]);
  await fleet.clock.advance(6_000);
  apply(fleet, { a: { size }, b: { size }, c: { size } }, { memoryBytes: 12 * GIB });
  fleet.ask("c");
  await fleet.clock.advance(3_000);
  assertEquals([fleet.log, live(fleet).length], [["c got it"], 2]);
  await fleet.close();
});
