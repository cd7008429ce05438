/** The idle clock: it starts when the last of {in flight, busy, activity} has ended. */
import type { LifecycleLimits, Work } from "./machine_types.ts";

/** How long the engine's word that it is busy holds after the poll that brought it. */
export const BUSY_HOLDS_MS = 3_000;

/** What says how long a process may be idle. */
export type IdleLimits = Pick<LifecycleLimits, "idleTimeoutMs" | "keep">;

/** How long a process may be idle: 0 = not at all, -1 = for ever. `work`: of one that is ready. */
export function idleLimitMs(work: Work | null, { idleTimeoutMs, keep }: IdleLimits): number {
  return keep === "always" ? -1 : work?.keepAliveMs ?? idleTimeoutMs;
}

/** When the idle stop is due; `null` when the clock does not run. */
export function idleDeadline(work: Work, limits: IdleLimits): number | null {
  const limitMs = idleLimitMs(work, limits);
  if (limitMs < 0 || work.inflight > 0) return null;
  return Math.max(work.lastActivityAt, work.busyUntil) + limitMs;
}

/** The work of an engine that has just become ready: a start counts as activity. */
export function noWork(now: number): Work {
  return { inflight: 0, lastActivityAt: now, busyUntil: now, keepAliveMs: null };
}

export function withRequest(work: Work): Work {
  return { ...work, inflight: work.inflight + 1 };
}

/** A request has ended; `keepAliveMs`: what it said of the time after it, if anything. */
export function withoutRequest(
  work: Work,
  { now, keepAliveMs = work.keepAliveMs }: {
    readonly now: number;
    readonly keepAliveMs?: number | null | undefined;
  },
): Work {
  return { ...work, inflight: work.inflight - 1, lastActivityAt: now, keepAliveMs };
}

export function withActivity(work: Work, now: number): Work {
  return { ...work, lastActivityAt: now };
}

/** Takes in what the engine says of itself: `busy` holds for a while, its end counts from `now`. */
export function withPoll(work: Work, busy: boolean, now: number): Work {
  return { ...work, busyUntil: busy ? now + BUSY_HOLDS_MS : Math.min(work.busyUntil, now) };
}
