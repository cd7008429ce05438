import type { Command, Invocation } from "./command.ts";
import { findCommand } from "./commands.ts";
import { COMMANDS } from "./commands.ts";
import { parseWords } from "./parse_words.ts";
import { checkCount, toUsageError } from "./usage_error.ts";

export interface CommandLine extends Invocation {
  readonly command: Command;
}

/**
 * Reads a command line: the first word is the command, without one it is `serve`; `--help` and
 * `--version` make it `help` and `version`. Throws `UsageError`.
 */
export function parseCommandLine(argv: readonly string[]): CommandLine {
  const words = parseWords(argv, COMMANDS);
  if ("fault" in words) throw toUsageError(words);
  const { command = findCommand("serve"), args, flags } = words;
  if (flags.has("help")) {
    const topic = words.command === undefined ? [] : [words.command.name];
    return { command: findCommand("help"), args: topic, flags };
  }
  if (flags.has("version")) return { command: findCommand("version"), args: [], flags };
  checkCount(command, args);
  return { command, args, flags };
}
