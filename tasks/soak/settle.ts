/** Waits until nothing of past requests is left, by looking. */
import type { Holdings } from "./holdings.ts";

/** A supervisor that can be looked at. */
export interface Held {
  holdings(): Promise<Holdings>;
}

/** Kept connections to the engine are closed after 4 s, a client that lingers after 1 s. */
const LIMIT_MS = 20_000;
const STEP_MS = 100;

/** Descriptors count as at rest when so many looks in a row saw the same number. */
const STEADY_LOOKS = 5;

/**
 * Resolves with what the supervisor holds when no request is in flight, no connection to the engine
 * is open and the number of descriptors is `descriptors` at most, or no longer changes where that is
 * not given; or after 20 s with what is held then.
 */
export async function settle(subject: Held, descriptors?: number): Promise<Holdings> {
  const endsAt = performance.now() + LIMIT_MS;
  let last: Holdings | undefined;
  for (let looks = 0;;) {
    const now = await subject.holdings();
    looks = now.descriptors === last?.descriptors ? looks + 1 : 0;
    last = now;
    const isSmall = descriptors === undefined
      ? looks >= STEADY_LOOKS
      : now.descriptors <= descriptors;
    const isQuiet = now.inflight === 0 && now.queued === 0 && now.engineConnections === 0;
    if ((isQuiet && isSmall) || performance.now() > endsAt) return now;
    await new Promise((resolve) => setTimeout(resolve, STEP_MS));
  }
}
