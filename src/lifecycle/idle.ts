/** The idle clock: it starts when the last of {in flight, busy, activity} has ended. */
import type { LifecycleLimits, Work } from "./machine_types.ts";

/** How long the engine's word that it is busy holds after the poll that brought it. */
export const BUSY_HOLDS_MS = 3_000;

/** When the idle stop is due; `null` when the clock does not run. */
export function idleDeadline(
  work: Work,
  limits: Pick<LifecycleLimits, "idleTimeoutMs">,
): number | null {
  if (limits.idleTimeoutMs < 0 || work.inflight > 0) return null;
  return Math.max(work.lastActivityAt, work.busyUntil) + limits.idleTimeoutMs;
}

/** The work of an engine that has just become ready: a start counts as activity. */
export function noWork(now: number): Work {
  return { inflight: 0, lastActivityAt: now, busyUntil: now };
}

export function withRequest(work: Work): Work {
  return { ...work, inflight: work.inflight + 1 };
}

export function withoutRequest(work: Work, now: number): Work {
  return { ...work, inflight: work.inflight - 1, lastActivityAt: now };
}

export function withActivity(work: Work, now: number): Work {
  return { ...work, lastActivityAt: now };
}

/** Takes in what the engine says of itself: `busy` holds for a while, its end counts from `now`. */
export function withPoll(work: Work, busy: boolean, now: number): Work {
  return { ...work, busyUntil: busy ? now + BUSY_HOLDS_MS : Math.min(work.busyUntil, now) };
}
