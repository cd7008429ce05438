/// <reference no-default-lib="true" />
/// <reference lib="deno.worker" />
/** Plays schedules in a thread of its own, as each of them takes a processor whole. */
import { FLEET_EVERY, isFleet } from "./fleet_plan.ts";
import { play } from "./play.ts";
import { isSameOnStandingWall } from "./replay.ts";

/** Which seeds to play. */
export interface Share {
  readonly from: number;
  readonly count: number;
  /** Those with reloads and replicas are played from here on; `null` = those that stand there. */
  readonly fleetsFrom: number | null;
}

/** What came of a share. */
export interface ShareResult {
  readonly steps: number;
  readonly changes: number;
  /** How many of the schedules had reloads and replicas. */
  readonly fleets: number;
  /** The seeds of schedules in which something did not hold, the first few. */
  readonly failed: readonly number[];
}

/** More say no more. */
const MOST_FAILED = 3;

/** So many of those with reloads and replicas are one that stands there: each takes twice as long. */
const STANDING_EVERY = 2;
/** What makes a seed of one with reloads and replicas that of one without. */
const PLAIN = 0x4000_0001;

/** Every this many-th schedule is played twice: see {@linkcode isSameOnStandingWall}. */
const TWICE_EVERY = 100;

/** Errors are made by the thousand, and nobody reads where. */
Error.stackTraceLimit = 0;

addEventListener("message", (event) => {
  const { data } = event as MessageEvent<Share>;
  playShare(data).then((result) => postMessage(result), reportError);
});

async function playShare({ from, count, fleetsFrom }: Share): Promise<ShareResult> {
  const failed: number[] = [];
  let steps = 0;
  let changes = 0;
  let fleets = 0;
  let fleetSeed = fleetsFrom ?? 0;
  for (let next = from; next < from + count && failed.length < MOST_FAILED; next++) {
    let seed = next;
    if (fleetsFrom !== null && isFleet(next)) {
      const isPlayed = next % (STANDING_EVERY * FLEET_EVERY) === 0;
      seed = isPlayed ? fleetSeed : next + PLAIN;
      if (isPlayed) fleetSeed += FLEET_EVERY;
    }
    const result = await play({ seed });
    steps += result.steps;
    changes += result.changes;
    if (isFleet(seed)) fleets++;
    const isGood = result.faults.length === 0 &&
      (seed % TWICE_EVERY > 0 || await isSameOnStandingWall({ seed }));
    if (!isGood) failed.push(seed);
  }
  return { steps, changes, fleets, failed };
}
