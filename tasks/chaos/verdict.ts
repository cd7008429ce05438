/** Tells a right end of a request from a wrong one. */
import type { Tally } from "../soak/tally.ts";
import type { Ask } from "./ask.ts";
import type { Answered } from "./exchange.ts";

/** Errors of ours that bad engines, troubles and many requests explain; any other is a failure. */
const EXPLAINED: ReadonlySet<string> = new Set([
  "start_timeout",
  "health_failed",
  "spawn_failed",
  "crashed",
  "upstream_failed",
  "upstream_timeout",
  "stopped_by_user",
  "backoff",
  "shutting_down",
  "queue_full",
  "queue_timeout",
  "too_many_connections",
]);

/** The request, and where it went. */
export interface Case {
  readonly ask: Ask;
  readonly answered: Answered;
  /** Whether the supervisor was killed or closed on purpose while the request was under way. */
  readonly wasDown: boolean;
  /** What to say of it. */
  readonly where: string;
}

/** Counts a request. */
export function judge(tally: Tally, { ask, answered, wasDown, where }: Case): void {
  const outcome = outcomeOf(answered, wasDown);
  if (outcome !== undefined) tally.pass(`${ask.kind}: ${outcome}`);
  else tally.fail(`${where}: ${JSON.stringify(answered)} to ${JSON.stringify(ask)}`);
}

/** Under what it is counted; `undefined` = a failure. */
function outcomeOf(answered: Answered, wasDown: boolean): string | undefined {
  switch (answered.kind) {
    case "whole":
      return "whole answer";
    case "error":
      return EXPLAINED.has(answered.code) ? `error ${answered.code}` : undefined;
    case "cut":
      if (answered.begun) return "visible cut";
      return wasDown ? "visible cut, the supervisor was ended" : undefined;
    case "refused":
      return wasDown ? "refused, the supervisor was ended" : undefined;
    case "silence":
    case "wrong":
      return undefined;
  }
}
