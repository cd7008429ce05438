/** Ways to choose that others have, to compare ours with. Each call makes one with a memory of its own. */
import { type Candidate, type ChoiceMoment, mayTake } from "../../src/balance/mod.ts";

export type Strategy = (
  candidates: readonly Candidate[],
  moment: ChoiceMoment,
) => number | undefined;

/** Places of those who may get a request. */
function eligible(candidates: readonly Candidate[], now: number): number[] {
  const isTrusted = ({ standing }: Candidate) => mayTake(standing, now);
  const isAnyTrusted = candidates.some(isTrusted);
  return candidates.flatMap((one, place) =>
    one.inflight < one.slots && (!isAnyTrusted || isTrusted(one)) ? [place] : []
  );
}

export const STRATEGIES: Readonly<Record<string, () => Strategy>> = {
  "round robin": () => {
    let last = -1;
    return (candidates, { now }) => {
      const places = eligible(candidates, now);
      const next = places.find((place) => place > last) ?? places[0];
      if (next !== undefined) last = next;
      return next;
    };
  },
  random: () => (candidates, { now, chance }) => {
    const places = eligible(candidates, now);
    return places[Math.floor(chance * places.length)];
  },
  "two random choices": () => (candidates, { now, chance }) => {
    const places = eligible(candidates, now);
    const first = Math.floor(chance * places.length);
    // What is left of the chance draws the second one.
    const rest = chance * places.length - first;
    const second = (first + 1 + Math.floor(rest * (places.length - 1))) % places.length;
    const [a, b] = [places[first], places[second]];
    if (a === undefined || b === undefined) return a;
    const inflight = (place: number) => candidates[place]?.inflight ?? 0;
    return inflight(b) < inflight(a) ? b : a;
  },
};
