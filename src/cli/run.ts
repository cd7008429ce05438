/**
 * The command line: from words to an exit code. What is not `serve` is loaded when it is asked for: a
 * supervisor that runs for years keeps nothing of it in memory.
 *
 * @module
 */
import type { CliDeps } from "./cli_deps.ts";
import { parseWords } from "./parse_words.ts";
import { serve } from "./serve_command.ts";
import { SERVE_FLAGS } from "./serve_flags.ts";

const SERVE = { name: "serve", flags: SERVE_FLAGS } as const;

/** What `serve` does not see to itself. */
const OTHER_FLAGS = ["help", "version", "color"];

/** Runs the command that `argv` names. Never rejects: what goes wrong is said on stderr. */
export async function run(argv: readonly string[], deps: CliDeps): Promise<number> {
  const words = parseWords(argv, [SERVE]);
  const isServe = !("fault" in words) && words.args.length === 0 &&
    !OTHER_FLAGS.some((flag) => words.flags.has(flag));
  if (!isServe) return await (await import("./run_command.ts")).runCommand(argv, deps);
  try {
    return await serve(words, deps);
  } catch (error) {
    return await (await import("./run_command.ts")).tellFailure(error, argv, deps);
  }
}
