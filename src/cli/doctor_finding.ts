/** What a doctor finds. */

/** `note`: worth knowing, and nothing that must be mended. */
export type Verdict = "ok" | "note" | "wrong";

export interface Finding {
  /** What was looked at, in a word or two. */
  readonly check: string;
  readonly verdict: Verdict;
  /** A sentence; of what is in order a few words. */
  readonly says: string;
  /** What to do about it; `null` where nothing is to be done. */
  readonly fix: string | null;
}

export function ok(check: string, says: string): Finding {
  return { check, verdict: "ok", says, fix: null };
}

export function note(check: string, says: string, fix: string | null): Finding {
  return { check, verdict: "note", says, fix };
}

export function wrong(check: string, says: string, fix: string): Finding {
  return { check, verdict: "wrong", says, fix };
}
