/**
 * What came of doing the same to several engines.
 *
 * @module
 */
import { type Problem, tellProblem, toProblem } from "./problem.ts";
import type { Screen } from "./screen.ts";

export type Outcome<T> = { readonly value: T } | { readonly problem: Problem };

/** Side by side; each name once, in its order. */
export function settle<T>(
  names: readonly string[],
  work: (name: string) => Promise<T>,
): Promise<Outcome<T>[]> {
  return Promise.all([...new Set(names)].map(async (name) => {
    try {
      return { value: await work(name) };
    } catch (error) {
      return { problem: toProblem(error) };
    }
  }));
}

export function valuesOf<T>(outcomes: readonly Outcome<T>[]): T[] {
  return outcomes.flatMap((outcome) => "value" in outcome ? [outcome.value] : []);
}

/** Returns the highest exit code. */
export async function tellProblems(
  screen: Screen,
  outcomes: readonly Outcome<unknown>[],
): Promise<number> {
  let exit = 0;
  for (const outcome of outcomes) {
    if ("problem" in outcome) exit = Math.max(exit, await tellProblem(screen, outcome.problem));
  }
  return exit;
}
