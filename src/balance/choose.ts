import { mayTake, type Standing } from "./standing.ts";

/** An instance that is ready for requests. */
export interface Candidate {
  /** Requests it works on. */
  readonly inflight: number;
  /** How many it may work on at once; `Infinity` = as many as come. */
  readonly slots: number;
  /** How much it can do beside the others, above 0. */
  readonly weight: number;
  readonly standing: Standing;
}

/** The clock's time in milliseconds, and chance from 0 to below 1. */
export interface ChoiceMoment {
  readonly now: number;
  readonly chance: number;
}

/**
 * The place in `candidates` of the one that gets the next request: with a free slot, trusted, the least
 * loaded for its weight; among equals chance decides. `undefined` when all slots are taken: who asks
 * waits, which is what makes this a central queue.
 *
 * When nobody is trusted all are: to fail is better than to refuse what might go well.
 */
export function choose(
  candidates: readonly Candidate[],
  { now, chance }: ChoiceMoment,
): number | undefined {
  const isAnyTrusted = candidates.some(({ standing }) => mayTake(standing, now));
  let least = Infinity;
  let equals: number[] = [];
  for (const [place, { inflight, slots, weight, standing }] of candidates.entries()) {
    if (inflight >= slots || isAnyTrusted && !mayTake(standing, now)) continue;
    const load = (inflight + 1) / weight;
    if (load > least) continue;
    if (load < least) equals = [];
    least = load;
    equals.push(place);
  }
  return equals[Math.floor(chance * equals.length)];
}
