/** What holds for every way to choose, whatever it prefers. */
import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import type { Candidate, ChoiceMoment } from "../../../src/balance/mod.ts";

export type Strategy = (
  candidates: readonly Candidate[],
  moment: ChoiceMoment,
) => number | undefined;

export const anyCandidate: fc.Arbitrary<Candidate> = fc.record({
  inflight: fc.nat(4),
  slots: fc.constantFrom(1, 2, 4, Infinity),
  weight: fc.constantFrom(0.25, 1, 2, 4),
  standing: fc.oneof(
    fc.constant({ name: "trusted", local: 0, gateway: 0 } as const),
    fc.constant({ name: "ejected", until: 1_000, times: 1 } as const),
    fc.constant({ name: "probed", times: 1 } as const),
  ),
});

const chance = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

const isFree = ({ inflight, slots }: Candidate) => inflight < slots;
const isTrusted = ({ standing }: Candidate) => standing.name === "trusted";

export function testStrategy(name: string, strategy: Strategy): void {
  const check = (says: string, property: (all: Candidate[], taken: number | undefined) => void) =>
    Deno.test(`every strategy, ${name}: ${says}`, () => {
      fc.assert(fc.property(fc.array(anyCandidate), chance, (all, chance) => {
        property(all, strategy(all, { now: 0, chance }));
      }));
    });

  check("takes nobody whose slots are full", (all, taken) => {
    const candidate = taken === undefined ? undefined : all[taken];
    assert(taken === undefined || candidate !== undefined && isFree(candidate));
  });

  check("takes nobody who is not trusted while somebody is", (all, taken) => {
    const candidate = all[taken ?? -1];
    if (candidate !== undefined && all.some(isTrusted)) assert(isTrusted(candidate));
  });

  check("takes somebody when somebody may be taken", (all, taken) => {
    const may = all.some(isTrusted)
      ? all.some((one) => isFree(one) && isTrusted(one))
      : all.some(isFree);
    assertEquals(taken !== undefined, may);
  });

  Deno.test(`every strategy, ${name}: changes nothing of what it is given`, () => {
    fc.assert(fc.property(fc.array(anyCandidate), chance, (all, chance) => {
      const before = structuredClone(all);
      strategy(all, { now: 0, chance });
      assertEquals(all, before);
    }));
  });
}
