/** Tells a right end of a request from a wrong one. */
import type { Answered } from "./answer.ts";
import type { Ask } from "./plan.ts";
import type { Tally } from "./tally.ts";
import type { Troubles } from "./troubles.ts";

export interface VerdictDeps {
  readonly seed: number;
  readonly tally: Tally;
  readonly troubles: Troubles;
}

/** What is known of a request beside its answer. */
export interface Circumstances {
  /** When the request was made. */
  readonly since: number;
  /** Nothing came within the deadline, and the connection was closed for that. */
  readonly isOverdue: boolean;
}

export class Verdict {
  readonly #deps: VerdictDeps;

  constructor(deps: VerdictDeps) {
    this.#deps = deps;
  }

  /** Counts the request; `true` = its connection may carry another one. */
  judge(ask: Ask, answered: Answered, circumstances: Circumstances): boolean {
    const { tally } = this.#deps;
    const outcome = circumstances.isOverdue
      ? undefined
      : this.#explain(ask, answered, circumstances);
    if (outcome === undefined) this.fail(ask, whatCame(answered, circumstances));
    else tally.pass(outcome);
    return (answered.kind === "whole" || answered.kind === "error") && answered.keeps;
  }

  /** Counts a request whose client has left: whatever came has to be right as far as it goes. */
  judgeLeft(ask: Ask, answered: Answered | undefined, circumstances: Circumstances): void {
    const isWrong = answered?.kind === "wrong" || circumstances.isOverdue;
    if (!isWrong || answered === undefined) this.#deps.tally.pass("the client left");
    else this.fail(ask, whatCame(answered, circumstances));
  }

  /** Counts requests that were pipelined behind one that ended the connection. */
  passBehindEnd(count: number): void {
    for (let at = 0; at < count; at++) {
      this.#deps.tally.pass("unanswered, the connection ended before");
    }
  }

  fail(ask: Ask, why: string): void {
    this.#deps.tally.fail(`seed ${this.#deps.seed}, request ${ask.id}: ${why} ${describe(ask)}`);
  }

  /** The outcome under which it is counted; `undefined` = it is a failure. */
  #explain(ask: Ask, answered: Answered, { since }: Circumstances): string | undefined {
    const { troubles } = this.#deps;
    const how = ask.kind === "engine" ? ask.errand.how : undefined;
    switch (answered.kind) {
      case "whole":
        if (how === "mute" || how?.startsWith("cut")) return undefined;
        return ask.kind === "own" ? "whole answer of ours" : "whole answer of the engine";
      case "error": {
        const { code } = answered;
        const isTold = how === "mute" && (code === "upstream_failed" || code === "502");
        const why = isTold ? "engine gave no answer" : troubles.explainError(code, since);
        return why === undefined ? undefined : `error ${code} (${why})`;
      }
      case "cut": {
        if (!answered.begun) return undefined;
        const why = how?.startsWith("cut") ? "engine broke off" : troubles.explainCut(since);
        return why === undefined ? undefined : `visible cut (${why})`;
      }
      case "short": {
        const why = troubles.explainCut(since);
        return why === undefined ? undefined : `answer without a length, ended early (${why})`;
      }
      case "switched":
        return how === "tunnel" ? "tunnel" : undefined;
      case "wrong":
        return undefined;
    }
  }
}

function whatCame(answered: Answered, { since, isOverdue }: Circumstances): string {
  if (isOverdue) return `silence for ${Math.round(performance.now() - since)} ms`;
  switch (answered.kind) {
    case "wrong":
      return answered.why;
    case "error":
      return `the error ${answered.code} without a reason`;
    case "short":
      return "an answer without a length that ended early without a reason";
    case "cut":
      return answered.begun ? "a cut without a reason" : "no byte of an answer, then the end";
    default:
      return `${answered.kind}, where that can't be`;
  }
}

function describe(ask: Ask): string {
  return JSON.stringify(ask);
}
