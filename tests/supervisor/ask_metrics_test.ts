/** The metrics that engines have of their own, as they are asked for. */
import { assertEquals } from "@std/assert";
import type { EngineMetrics } from "../../src/supervisor/mod.ts";
import type { Answer } from "../support/fake_engine.ts";
import { GOOD } from "../support/fake_engine.ts";
import { Fleet } from "./support/fleet.ts";

async function start(fleet: Fleet, name: string, metrics: Answer): Promise<void> {
  fleet.machine.next = { ...GOOD, metrics };
  const started = fleet.supervisor.start(name);
  await fleet.clock.advance(100);
  await started;
}

async function askAll(fleet: Fleet): Promise<readonly string[]> {
  const asked = fleet.supervisor.metrics();
  await fleet.clock.advance(1_000);
  return (await asked).engines.map(toText);
}

function toText({ engine, replica, answer }: EngineMetrics): string {
  const said = answer.kind === "told" ? new TextDecoder().decode(answer.bytes) : answer.why;
  return [engine, replica, said].filter((one) => one !== null).join(" ");
}

function asksOf(fleet: Fleet): number {
  return fleet.machine.seen.filter((one) => one === "GET /metrics").length;
}

Deno.test("only what is ready is asked, and that counts as no use of it", async () => {
  const fleet = new Fleet({ a: { idleTimeoutMs: 10_000 }, b: {} });
  await start(fleet, "a", [200, "x 1"]);
  const { lastActivityAt, stopsAt, inflight } = fleet.supervisor.view("a");
  for (let i = 0; i < 8; i++) assertEquals(await askAll(fleet), ["a x 1"]);
  const after = fleet.supervisor.view("a");
  assertEquals([after.lastActivityAt, after.stopsAt, inflight], [lastActivityAt, stopsAt, 0]);
  assertEquals(fleet.states, ["ready", "stopped"]);
  await fleet.clock.advance(3_000);
  assertEquals(await askAll(fleet), []);
  assertEquals([fleet.states, asksOf(fleet)], [["stopped", "stopped"], 8]);
  await fleet.close();
});

Deno.test("a process without metrics is asked once, its successor again", async () => {
  const fleet = new Fleet({ a: {} });
  for (const status of [404, 405, 501]) {
    await start(fleet, "a", [status, ""]);
    const before = asksOf(fleet);
    assertEquals([await askAll(fleet), await askAll(fleet)], [[], []]);
    assertEquals(asksOf(fleet), before + 1);
    const stopped = fleet.supervisor.stop("a");
    await fleet.clock.advance(1_000);
    await stopped;
  }
  await start(fleet, "a", [200, "x 1"]);
  assertEquals(await askAll(fleet), ["a x 1"]);
  await fleet.close();
});

Deno.test("one that does not answer keeps nobody longer than a second", async () => {
  const fleet = new Fleet({ a: {}, b: {}, c: {} });
  await start(fleet, "a", null);
  await start(fleet, "b", null);
  await start(fleet, "c", [200, "x 1"]);
  assertEquals(await askAll(fleet), ["a timeout", "b timeout", "c x 1"]);
  await fleet.close();
});

Deno.test("what is no answer with metrics is told as such", async () => {
  const fleet = new Fleet({ a: {}, b: {} });
  await start(fleet, "a", [503, "busy"]);
  await start(fleet, "b", [200, "x 1"]);
  fleet.machine.newest.behaviour.health = null;
  assertEquals(await askAll(fleet), ["a status", "b unreachable"]);
  await fleet.close();
});

Deno.test("replicas are asked each, and told apart", async () => {
  const fleet = new Fleet({ a: { replicas: { min: 2, max: 2 } } });
  await start(fleet, "a", [200, "x 1"]);
  assertEquals(await askAll(fleet), ["a 0 x 1", "a 1 x 1"]);
  await fleet.close();
});
