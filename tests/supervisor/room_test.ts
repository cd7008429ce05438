/** Engines that do not all fit: who starts, who goes, who waits. */
import { assert, assertEquals } from "@std/assert";
import type { EngineSettings } from "../../src/config/mod.ts";
import { type Lodger, Room } from "../../src/supervisor/room.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { Fleet } from "./support/fleet.ts";

const GIB = 2 ** 30;
const BUDGET = { memoryBytes: 10 * GIB, vramBytes: null };
const SWAP = { maxWaitMs: 30_000, minStayMs: 5_000 };
const gib = (n: number): Partial<EngineSettings> => ({
  size: { memoryBytes: n * GIB, vramBytes: 0 },
});

Deno.test("engines that fit run side by side; one more stops the least recently used", async () => {
  const fleet = new Fleet({ a: gib(4), b: gib(4), c: gib(4) }, { budget: BUDGET, swap: SWAP });
  const { clock } = fleet;
  const [a, b] = [fleet.ask("a"), fleet.ask("b")];
  await clock.advance(1_000);
  assertEquals([fleet.log, fleet.states], [["a got it", "b got it"], [
    "ready",
    "ready",
    "stopped",
  ]]);
  await a.end();
  await clock.advance(1_000);
  await b.end();
  await clock.advance(10_000);
  const c = fleet.ask("c");
  await clock.advance(2_000);
  assertEquals(fleet.log.at(-1), "c got it");
  assertEquals(fleet.states, ["stopped", "ready", "ready"]);
  assertEquals(fleet.supervisor.view("a").reason, "evicted");
  await c.end();
  await fleet.close();
});

Deno.test("the start waits until the one before is really gone", async () => {
  const fleet = new Fleet({ a: gib(6), b: gib(6) }, { budget: BUDGET, swap: SWAP });
  fleet.machine.next.stop = "ignored";
  fleet.machine.next.term = "ignored";
  const a = fleet.ask("a");
  await fleet.clock.advance(6_000);
  await a.end();
  fleet.machine.next.stop = "exits";
  fleet.ask("b");
  await fleet.clock.advance(900);
  assertEquals([fleet.states, fleet.machine.live], [["stopping", "stopped"], 1]);
  await fleet.clock.advance(1_000);
  assertEquals(fleet.log.at(-1), "b got it");
  assertEquals(fleet.machine.mostAtOnce, 1);
  await fleet.close();
});

Deno.test("one in use or busy is not stopped; who waits is served when it is done", async () => {
  const fleet = new Fleet({ a: gib(6), b: gib(6) }, { budget: BUDGET, swap: SWAP });
  const a = fleet.ask("a");
  await fleet.clock.advance(6_000);
  const b = fleet.ask("b");
  await fleet.clock.advance(20_000);
  assertEquals([fleet.log, fleet.states], [["a got it"], ["ready", "stopped"]]);
  assertEquals(fleet.supervisor.view("b").queued, 1);
  fleet.machine.newest.behaviour.busy = true;
  await fleet.clock.advance(1_500);
  await a.end();
  await fleet.clock.advance(5_000);
  assertEquals(fleet.states, ["ready", "stopped"]);
  fleet.machine.newest.behaviour.busy = false;
  await fleet.clock.advance(5_000);
  assertEquals(fleet.log, ["a got it", "b got it"]);
  await b.end();
  await fleet.close();
});

Deno.test("a pinned engine stays; what can never fit is refused with the figures", async () => {
  const fleet = new Fleet({
    a: { ...gib(6), pin: true },
    b: gib(6),
    c: gib(11),
  }, { budget: BUDGET, swap: SWAP });
  const a = fleet.ask("a");
  await fleet.clock.advance(6_000);
  await a.end();
  const b = fleet.ask("b");
  const error = await fleet.supervisor.start("c").catch((error) => error);
  assertEquals([error.code, error.retryAfterS], ["over_budget", undefined]);
  assert(/c takes 11.00 GiB of memory, .* 10.00 GiB/.test(error.message), error.message);
  await fleet.clock.advance(60_000);
  assertEquals(fleet.states, ["ready", "stopped", "stopped"]);
  await b.leave();
  assertEquals(fleet.log, ["a got it", "b left"]);
  await fleet.close();
});

Deno.test("an engine that is used all the time makes place after swap.maxWait", async () => {
  const fleet = new Fleet({ a: gib(6), b: gib(6) }, { budget: BUDGET, swap: SWAP });
  let current = fleet.ask("a");
  await fleet.clock.advance(6_000);
  fleet.ask("b");
  // One request of a is always under way.
  let served = 0;
  for (let i = 0; i < 60 && !fleet.log.includes("b got it"); i++) {
    const before = fleet.log.length;
    const next = fleet.ask("a");
    await fleet.clock.advance(500);
    await current.end();
    await fleet.clock.advance(500);
    if (fleet.log.length === before) break;
    served++;
    current = next;
  }
  assert(served >= 20 && served <= 32, `${served} requests of a before it made place`);
  await fleet.clock.advance(3_000);
  assertEquals(fleet.log.at(-1), "b got it");
  assertEquals(fleet.supervisor.view("a").queued, 1);
  await fleet.close();
});

Deno.test("two models asked in turn, 100 times each: all are served, without ping-pong", async () => {
  const fleet = new Fleet({ a: gib(6), b: gib(6) }, { budget: BUDGET, swap: SWAP });
  const asks = [];
  for (let i = 0; i < 100; i++) asks.push(fleet.ask("a"), fleet.ask("b"));
  const begun = fleet.clock.now();
  const done = new Set<unknown>();
  while (done.size < asks.length && fleet.clock.now() - begun < 600_000) {
    await fleet.clock.advance(250);
    for (const ask of asks) {
      if (done.has(ask)) continue;
      await ask.end().then(() => done.add(ask), () => {});
    }
  }
  const elapsed = fleet.clock.now() - begun;
  assertEquals([done.size, fleet.log.filter((line) => line.endsWith("got it")).length], [200, 200]);
  const swaps = fleet.machine.trees.length - 1;
  assert(swaps <= elapsed / SWAP.minStayMs + 2, `${swaps} swaps in ${elapsed} ms`);
  await fleet.close();
});

Deno.test("two clients, one for each model: neither waits for ever, swaps are as rare as minStay says", async () => {
  const fleet = new Fleet({ a: gib(6), b: gib(6) }, { budget: BUDGET, swap: SWAP });
  const begun = fleet.clock.now();
  const asks = { a: fleet.ask("a"), b: fleet.ask("b") };
  const counts = { a: 0, b: 0 };
  while (Math.min(counts.a, counts.b) < 100 && fleet.clock.now() - begun < 3_600_000) {
    await fleet.clock.advance(200);
    for (const name of ["a", "b"] as const) {
      if (!await asks[name].end().then(() => true, () => false)) continue;
      counts[name]++;
      asks[name] = fleet.ask(name);
    }
  }
  const elapsed = fleet.clock.now() - begun;
  assertEquals(Math.min(counts.a, counts.b), 100);
  const swaps = fleet.machine.trees.length - 1;
  assert(swaps <= elapsed / SWAP.minStayMs + 2, `${swaps} swaps in ${elapsed} ms`);
  await fleet.close();
});

Deno.test("exclusive engines take turns though there is no budget", async () => {
  const fleet = new Fleet({ a: { exclusive: "gpu" }, b: { exclusive: "gpu" }, c: {} });
  const a = fleet.ask("a");
  fleet.ask("c");
  await fleet.clock.advance(6_000);
  await a.end();
  fleet.ask("b");
  await fleet.clock.advance(2_000);
  assertEquals(fleet.states, ["stopped", "ready", "ready"]);
  await fleet.close();
});

Deno.test("a size that is not said is what the engine was seen to have, the next time", async () => {
  const fleet = new Fleet({ a: {}, b: gib(6) }, { budget: BUDGET, swap: SWAP });
  fleet.machine.next.heldBytes = 7 * GIB;
  const a = fleet.ask("a");
  await fleet.clock.advance(7_000);
  await a.end();
  fleet.ask("b");
  await fleet.clock.advance(2_000);
  assertEquals(fleet.states, ["stopped", "ready"]);
  await fleet.close();
});

Deno.test("who leaves while it waits for room gives its claim up", async () => {
  const fleet = new Fleet({ a: gib(6), b: gib(6), c: gib(4) }, { budget: BUDGET, swap: SWAP });
  const a = fleet.ask("a");
  await fleet.clock.advance(6_000);
  const b = fleet.ask("b");
  await fleet.clock.advance(100);
  await b.leave();
  const c = fleet.ask("c");
  await fleet.clock.advance(2_000);
  assertEquals(fleet.log, ["a got it", "b left", "c got it"]);
  await a.end();
  await c.end();
  await fleet.close();
});

Deno.test("an engine that can't start gives its room back", async () => {
  const fleet = new Fleet({ a: gib(6), b: gib(6) }, { budget: BUDGET, swap: SWAP });
  fleet.machine.next.spawn = "fails";
  fleet.ask("a");
  await fleet.clock.advance(1_000);
  fleet.machine.next.spawn = "works";
  fleet.ask("b");
  await fleet.clock.advance(1_000);
  assertEquals(fleet.log, ["a spawn_failed", "b got it"]);
  fleet.ask("a");
  await fleet.clock.advance(1_000);
  assertEquals(fleet.log.at(-1), "b got it");
  await fleet.close();
});

Deno.test("who asks or leaves while another is let in is not forgotten", () => {
  const entered: string[] = [];
  const size = { memoryBytes: 1, vramBytes: 0 };
  const room = new Room({
    budget: { memoryBytes: 1, vramBytes: null },
    swap: SWAP,
    clock: new FakeClock(),
    beside: () => [],
  });
  const lodger = (name: string, enter: () => void): Lodger => ({
    name,
    claim: { size, exclusive: [] },
    use: null,
    evict: () => {},
    holdBack: () => {},
    enter: () => {
      entered.push(name);
      enter();
    },
  });
  const [a, c] = [lodger("a", () => {}), lodger("c", () => {})];
  const b = lodger("b", () => {
    room.leave(b);
    room.claim(c);
  });
  assertEquals([room.claim(a), room.claim(b)], [true, false]);
  room.leave(a);
  assertEquals(entered, ["b", "c"]);
});
