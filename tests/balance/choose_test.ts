import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { type Candidate, choose, TRUSTED } from "../../src/balance/mod.ts";
import { STRATEGIES } from "../../tasks/bench_balance/strategies.ts";
import { anyCandidate, testStrategy } from "./support/conformance.ts";

const idle: Candidate = { inflight: 0, slots: 1, weight: 1, standing: TRUSTED };
const chance = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

testStrategy("least in flight", choose);
for (const [name, strategy] of Object.entries(STRATEGIES)) testStrategy(name, strategy());

Deno.test("choose() takes the least loaded for its weight", () => {
  fc.assert(fc.property(fc.array(anyCandidate, { minLength: 1 }), chance, (candidates, chance) => {
    const taken = candidates[choose(candidates, { now: 0, chance }) ?? -1];
    if (taken === undefined) return;
    const load = ({ inflight, weight }: Candidate) => (inflight + 1) / weight;
    const trusted = candidates.filter(({ standing }) => standing.name === "trusted");
    const free = (trusted.length === 0 ? candidates : trusted)
      .filter(({ inflight, slots }) => inflight < slots);
    assertEquals(load(taken), Math.min(...free.map(load)));
  }));
});

Deno.test("choose() does not go by the order of its candidates: each of the equals is met", () => {
  const equals = [idle, idle, { ...idle, inflight: 1, slots: 4 }, idle];
  const met = Array.from({ length: 100 }, (_, i) => choose(equals, { now: 0, chance: i / 100 }));
  assertEquals([...new Set(met)], [0, 1, 3]);
});

Deno.test("choose() gives one with twice the weight twice the requests", () => {
  const counts = [0, 0];
  for (let i = 0; i < 300; i++) {
    const [a = 0, b = 0] = counts;
    const place = choose([
      { ...idle, slots: Infinity, inflight: a },
      { ...idle, slots: Infinity, inflight: b, weight: 2 },
    ], { now: 0, chance: 0.5 });
    if (place !== undefined) counts[place] = (counts[place] ?? 0) + 1;
  }
  assertEquals(counts, [100, 200]);
});

Deno.test("choose() passes over an ejected instance, but not over the last", () => {
  const ejected: Candidate = {
    ...idle,
    standing: { name: "ejected", until: 500, times: 1 },
  };
  const moment = { now: 0, chance: 0 };
  assertEquals(choose([ejected, idle], moment), 1);
  assertEquals(choose([ejected], moment), 0);
  assertEquals(choose([ejected, { ...idle, inflight: 1 }], moment), undefined);
  assert(choose([ejected, idle], { now: 500, chance: 0 }) === 0);
});
