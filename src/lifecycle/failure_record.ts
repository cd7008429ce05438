/**
 * How an engine's last processes did, as numbers: a score that each failure raises and time lowers, and
 * from it how soon the next process may begin. After suture's decaying count; pure, chance comes in.
 *
 * @module
 */

/** After this time a failure counts half. */
export const HALF_LIFE_MS = 120_000;

/** A process that was ready for this long clears what was before. */
export const GOOD_RUN_MS = 60_000;

/** Bounds of the wait before another process. */
export const MIN_BACKOFF_MS = 500;
export const MAX_BACKOFF_MS = 30_000;

/** How many processes in a row may die before they are ready while somebody waits. */
export const MAX_DEAD_STARTS = 3;

export interface FailureRecord {
  /** Failures, each worth less the longer ago it was, as of `at`. */
  readonly score: number;
  readonly at: number;
  /** Processes in a row that died before they were ready. */
  readonly deadStarts: number;
  /** Earlier than this only a start by hand makes another process. */
  readonly retryAt: number;
}

export const NO_FAILURES: FailureRecord = { score: 0, at: 0, deadStarts: 0, retryAt: 0 };

/** The score at `now`. */
export function scoreAt({ score, at }: FailureRecord, now: number): number {
  return score * 0.5 ** (Math.max(now - at, 0) / HALF_LIFE_MS);
}

/** How long to wait after a failure that makes the score `score`; `chance` is from 0 to below 1. */
export function backoffMs(score: number, chance: number): number {
  const longestMs = Math.min(2 * MIN_BACKOFF_MS * 2 ** (score - 1), MAX_BACKOFF_MS);
  // At least half of it, so that it still grows; the rest by lot, so that engines don't go in step.
  return longestMs * (1 + chance) / 2;
}

/** The record after a process that there was no room for, which says nothing of the engine. */
export function afterNoRoom(
  record: FailureRecord,
  { now, chance }: { readonly now: number; readonly chance: number },
): FailureRecord {
  const { deadStarts } = record;
  return { ...afterFailure(record, { now, chance, readyMs: null }), deadStarts };
}

/** The record after one more failure. */
export function afterFailure(
  record: FailureRecord,
  { now, chance, readyMs }: {
    readonly now: number;
    readonly chance: number;
    /** How long the process was ready; `null` = never. */
    readonly readyMs: number | null;
  },
): FailureRecord {
  const wasGood = readyMs !== null && readyMs >= GOOD_RUN_MS;
  const score = (wasGood ? 0 : scoreAt(record, now)) + 1;
  return {
    score,
    at: now,
    deadStarts: readyMs === null ? record.deadStarts + 1 : 0,
    retryAt: now + backoffMs(score, chance),
  };
}
