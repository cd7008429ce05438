/**
 * Whether an instance is trusted with requests, by how the last ones went. Counted are failures in a
 * row: rates say nothing about the two or four instances that one machine has (the outlier detection of
 * larger proxies needs five hosts with a hundred requests each).
 *
 * @module
 */

/** Requests that failed in a row before an instance is ejected, by how they failed. */
const LIMITS = { local: 3, gateway: 5 } as const;

/** How long an ejection lasts the first time; twice as long each time it follows a failed probe. */
const FIRST_EJECTION_MS = 1_000;
const LONGEST_EJECTION_MS = 30_000;

/**
 * `local` = the connection could not be made, broke, or took too long. `gateway` = an answer of 502, 503
 * or 504. An answer that says "not now" (429, or 503 while it loads) is none of them: it is busy.
 */
export type FailureKind = "local" | "gateway";

export type Standing =
  | { readonly name: "trusted"; readonly local: number; readonly gateway: number }
  /** Gets no request before `until`; ejected for the `times`-th time in a row. */
  | { readonly name: "ejected"; readonly until: number; readonly times: number }
  /** One request is on its way to tell. */
  | { readonly name: "probed"; readonly times: number };

export const TRUSTED: Standing = { name: "trusted", local: 0, gateway: 0 };

/** When a failure happened, in milliseconds, and chance from 0 to below 1. */
export interface FailureMoment {
  readonly now: number;
  readonly chance: number;
}

/** Whether a request may go there. */
export function mayTake(standing: Standing, now: number): boolean {
  if (standing.name === "trusted") return true;
  return standing.name === "ejected" && standing.until <= now;
}

/** A request goes there: the first one after an ejection is the probe. */
export function afterChoice(standing: Standing, now: number): Standing {
  if (standing.name !== "ejected" || standing.until > now) return standing;
  return { name: "probed", times: standing.times };
}

/** A request ended well there, or told nothing: the client left, say. */
export function afterSuccess(standing: Standing): Standing {
  if (standing.name === "ejected") return standing;
  return TRUSTED;
}

export function afterFailure(
  standing: Standing,
  kind: FailureKind,
  { now, chance }: FailureMoment,
): Standing {
  switch (standing.name) {
    case "ejected":
      // Sent before it was ejected: nothing new.
      return standing;
    case "probed":
      return ejected(standing.times + 1, { now, chance });
    case "trusted": {
      const counted = { ...standing, [kind]: standing[kind] + 1 };
      return counted[kind] < LIMITS[kind] ? counted : ejected(1, { now, chance });
    }
  }
}

/** Between half and all of 1 s, 2 s, 4 s … 30 s, so that several do not come back at once. */
function ejected(times: number, { now, chance }: FailureMoment): Standing {
  const longestMs = Math.min(FIRST_EJECTION_MS * 2 ** (times - 1), LONGEST_EJECTION_MS);
  return { name: "ejected", until: now + longestMs * (1 + chance) / 2, times };
}
