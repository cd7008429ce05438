/** Counts tests from what test programs print. */
import { stripColours } from "./command.ts";

/** How a suite went. */
export interface Tally {
  readonly passed: number;
  readonly failed: number;
  /** Names of tests that did not run, as far as they are told. */
  readonly ignored: readonly string[];
}

export const NOTHING: Tally = { passed: 0, failed: 0, ignored: [] };

export function add(a: Tally, b: Tally): Tally {
  return {
    passed: a.passed + b.passed,
    failed: a.failed + b.failed,
    ignored: [...a.ignored, ...b.ignored],
  };
}

/** A suite that is one yes or no, e.g. a linter. */
export function tallyOfCode(code: number): Tally {
  return code === 0 ? { ...NOTHING, passed: 1 } : { ...NOTHING, failed: 1 };
}

/**
 * Counts from `deno test`: its last summary line, because that one counts errors outside of tests
 * too. A run that ends badly has failed at least once, whatever it printed.
 */
export function tallyOfDeno(output: string, code: number): Tally {
  const text = stripColours(output);
  const summary = [...text.matchAll(/^(?:ok|FAILED) \| (\d+) passed\b.*? \| (\d+) failed\b/gm)].at(
    -1,
  );
  const ignored = [...text.matchAll(/^(.+?) \.\.\. ignored\b/gm)].map((match) => match[1] ?? "");
  return atLeastOne(code, {
    passed: Number(summary?.[1] ?? 0),
    failed: Number(summary?.[2] ?? 0),
    ignored,
  });
}

/** Counts from pytest: its last line, e.g. `2 failed, 3 passed, 1 skipped in 0.52s`. */
export function tallyOfPytest(output: string, code: number): Tally {
  const lines = stripColours(output).trimEnd().split("\n");
  const summary = lines.findLast((line) => /\bin \d+(\.\d+)?s\b/.test(line)) ?? "";
  const count = (word: string) => Number(new RegExp(`\\b(\\d+) ${word}`).exec(summary)?.[1] ?? 0);
  const skipped = count("skipped");
  return atLeastOne(code, {
    passed: count("passed"),
    failed: count("failed") + count("error"),
    ignored: skipped === 0 ? [] : [`${skipped} of pytest`],
  });
}

function atLeastOne(code: number, tally: Tally): Tally {
  return code !== 0 && tally.failed === 0 ? { ...tally, failed: 1 } : tally;
}
