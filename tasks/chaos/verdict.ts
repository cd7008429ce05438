/** Tells a right end of a request from a wrong one. */
import type { Tally } from "../soak/tally.ts";
import type { Ask } from "./ask.ts";
import { type Character, isReliable } from "./cast.ts";
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

/** Of an engine that is not always in the configuration. */
const EXPLAINED_BY_ABSENCE: ReadonlySet<string> = new Set(["unknown_engine", "unknown_model"]);

/** The request, and where it went. */
export interface Case {
  readonly ask: Ask;
  /** Of the engine that was asked; what is asked of the supervisor itself counts as reliable. */
  readonly character: Character;
  readonly answered: Answered;
  /** Whether the supervisor was killed or closed on purpose while the request was under way. */
  readonly wasDown: boolean;
  /** What to say of it. */
  readonly where: string;
}

/** Counts a request. */
export function judge(tally: Tally, one: Case): void {
  const { ask, character, answered, where } = one;
  const outcome = outcomeOf(one);
  const what = ask.kind !== "reload" && isReliable(character)
    ? `${ask.kind}, ${character}`
    : ask.kind;
  if (outcome !== undefined) tally.pass(`${what}: ${outcome}`);
  else tally.fail(`${where}: ${told(answered)} to ${JSON.stringify(ask)}`);
}

/** Under what it is counted; `undefined` = a failure. */
function outcomeOf({ ask, character, answered, wasDown }: Case): string | undefined {
  const isBadFile = ask.kind === "reload" && !ask.isGood;
  switch (answered.kind) {
    case "whole":
      return isBadFile ? undefined : "whole answer";
    case "error":
      if (isBadFile && answered.code === "config_invalid") return "a bad file is refused";
      if (isReliable(character) && !wasDown) return undefined;
      return isExplained(answered.code, character) ? `error ${answered.code}` : undefined;
    case "cut":
      if (answered.begun && !isReliable(character)) return "visible cut";
      return wasDown ? "visible cut, the supervisor was ended" : undefined;
    case "refused":
      return wasDown ? "refused, the supervisor was ended" : undefined;
    case "silence":
    case "wrong":
      return undefined;
  }
}

function isExplained(code: string, character: Character): boolean {
  return EXPLAINED.has(code) || (character === "passing" && EXPLAINED_BY_ABSENCE.has(code));
}

function told(answered: Answered): string {
  return answered.kind === "whole" ? "a whole answer" : JSON.stringify(answered);
}
