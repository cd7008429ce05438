/** Settings that change while several processes come and go; each was found by the simulation. */
import { assertEquals } from "@std/assert";
import type { StateEvent } from "../../src/events/mod.ts";
import { settle } from "../support/fake_clock.ts";
import { Fleet, type PartialEngines, toSettings } from "./support/fleet.ts";

function apply(fleet: Fleet, engines: PartialEngines): void {
  fleet.supervisor.apply({ engines: toSettings(engines) });
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

const live = (fleet: Fleet) =>
  fleet.machine.trees.filter(({ isAlive }) => isAlive).map(({ spec }) => spec.argv.join(" "));

/** Hears of each change of state in the moment in which it is told. */
function onState(fleet: Fleet, act: (event: StateEvent) => void): void {
  const publish = fleet.events.publish.bind(fleet.events);
  fleet.events.publish = (event) => {
    publish(event);
    if (event.type === "state") act(event);
  };
}

Deno.test("an engine that is taken out and put in again has run ids that its old process has not", async () => {
  const fleet = await ready({ a: {}, b: {} });
  const old = fleet.ask("a");
  await settle();
  apply(fleet, { b: {} });
  apply(fleet, { a: {}, b: {} });
  fleet.ask("a");
  await fleet.clock.advance(1_000);
  const ids = fleet.machine.trees.map(({ spec }) => spec.runId);
  assertEquals([live(fleet), new Set(ids).size], [["a", "b", "a"], 3]);
  await old.end();
  await fleet.close();
});

Deno.test("the end of an old process is told as that of one instance, not of the engine", async () => {
  const fleet = await ready({ a: {} });
  const ends: unknown[] = [];
  onState(fleet, ({ from, to, instance, view }) => {
    if (from === "stopping") ends.push([to, instance, view.state]);
  });
  apply(fleet, { a: { command: ["a2"] } });
  await fleet.clock.advance(3_000);
  assertEquals(ends, [["stopped", 0, "ready"]]);
  await fleet.close();
});

Deno.test("a start by hand after a stop --hold lets requests bring up more instances, too", async () => {
  const fleet = await ready({ a: { slots: 1, replicas: { min: 1, max: 2 } } });
  const stopped = fleet.supervisor.stop("a", { hold: true });
  await fleet.clock.advance(1_000);
  await stopped;
  const started = fleet.supervisor.start("a");
  await fleet.clock.advance(100);
  await started;
  const asks = [fleet.ask("a"), fleet.ask("a")];
  await fleet.clock.advance(3_000);
  assertEquals([fleet.log, live(fleet)], [["a got it", "a got it"], ["a", "a"]]);
  for (const { end } of asks) await end();
  await fleet.close();
});

Deno.test("while the mended command starts, nobody is told the failure of the one before", async () => {
  const fleet = new Fleet({ a: {} });
  fleet.machine.next.spawn = "no_room";
  fleet.ask("a");
  await fleet.clock.advance(100);
  assertEquals(fleet.states, ["backoff"]);
  fleet.machine.next.spawn = "works";
  fleet.machine.next.health = "hangs";
  apply(fleet, { a: { command: ["a2"] } });
  await settle();
  fleet.machine.next.spawn = "fails";
  const second = fleet.ask("a");
  await fleet.clock.advance(3_000);
  assertEquals(fleet.log, []);
  fleet.machine.newest.behaviour.health = 200;
  await fleet.clock.advance(3_000);
  assertEquals([fleet.log, live(fleet)], [["a got it", "a got it"], ["a2"]]);
  await second.end();
  await fleet.close();
});

Deno.test("one of several new processes that waits for the others is not stopped for being idle", async () => {
  const many = { idleTimeoutMs: 2_000, replicas: { min: 2, max: 2 } };
  const fleet = await ready({ a: many });
  const used = fleet.ask("a");
  await settle();
  let isFirst = true;
  fleet.machine.onSpawn = () => {
    fleet.machine.next.health = isFirst ? 200 : "hangs";
    isFirst = false;
  };
  apply(fleet, { a: { ...many, command: ["a2"] } });
  await fleet.clock.advance(6_000);
  fleet.machine.newest.behaviour.health = 200;
  await fleet.clock.advance(1_500);
  await used.end();
  await fleet.clock.advance(300);
  assertEquals(live(fleet), ["a2", "a2"]);
  await fleet.close();
});

Deno.test("a restart in the middle of a replacement comes to the new command, also where one is in backoff", async () => {
  const two = { keep: "always", replicas: { min: 2, max: 2 } } as const;
  const fleet = await ready({ a: two });
  await fleet.clock.advance(100);
  fleet.machine.next.spawn = "no_room";
  fleet.machine.trees[1]?.exit(1);
  await fleet.clock.advance(2_000);
  fleet.machine.next = { ...fleet.machine.next, spawn: "works", health: "hangs" };
  apply(fleet, { a: { ...two, command: ["a2"] } });
  await fleet.clock.advance(10);
  fleet.machine.next.health = 200;
  const restarted = fleet.supervisor.restart("a");
  await fleet.clock.advance(3_000);
  await restarted;
  assertEquals(live(fleet), ["a2", "a2"]);
  await fleet.close();
});

Deno.test("a reload while a user's stop --hold is under way starts nothing", async () => {
  const fleet = await ready({ a: {} });
  fleet.machine.newest.behaviour.stop = "hangs";
  const stopped = fleet.supervisor.stop("a", { hold: true });
  await settle();
  apply(fleet, { a: { command: ["a2"] } });
  fleet.ask("a");
  await fleet.clock.advance(3_000);
  await stopped;
  assertEquals([live(fleet), fleet.log], [[], ["a stopped_by_user"]]);
  await fleet.close();
});

Deno.test("one who asks in the moment in which the end is told has its room: no two processes on one socket", async () => {
  const fixed = { socket: "/run/fixed.sock", idleTimeoutMs: -1 };
  const fleet = await ready({ a: fixed });
  let isFirst = true;
  onState(fleet, ({ to }) => {
    if (to === "stopped" && isFirst) fleet.ask("a");
    if (to === "stopped") isFirst = false;
  });
  const stopped = fleet.supervisor.stop("a");
  await fleet.clock.advance(1_000);
  await stopped;
  apply(fleet, { a: { ...fixed, command: ["a2"] } });
  await fleet.clock.advance(10);
  assertEquals(live(fleet), ["a"]);
  await fleet.close();
});

Deno.test("one that is told to start in the very moment in which its replacement is called off does not", async () => {
  const two = { replicas: { min: 2, max: 2 } };
  const fleet = await ready({ a: two });
  let isFirst = true;
  onState(fleet, ({ to, reason }) => {
    if (to !== "starting" || reason !== "reload" || !isFirst) return;
    isFirst = false;
    apply(fleet, { a: two });
  });
  apply(fleet, { a: { ...two, command: ["a2"] } });
  await fleet.clock.advance(3_000);
  assertEquals(live(fleet), ["a", "a"]);
  await fleet.close();
});
