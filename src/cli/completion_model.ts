/**
 * What can be completed, from the table of commands, as every shell's script needs it.
 *
 * @module
 */
import type { CommandFlag, Completes } from "./command.ts";
import { COMMANDS } from "./commands.ts";
import { GLOBAL_FLAGS } from "./serve_flags.ts";

export interface CompletableFlag {
  /** As typed, the short one first. */
  readonly spellings: readonly string[];
  readonly summary: string;
  readonly takesValue: boolean;
  /** What its value can be; `null` = anything. */
  readonly completes: Completes | null;
}

export interface CompletableCommand {
  readonly name: string;
  readonly summary: string;
  readonly flags: readonly CompletableFlag[];
  /** What its arguments can be; `null` = it takes none, or anything. */
  readonly completes: Completes | null;
}

/** Flags that every command takes. */
export const COMPLETABLE_GLOBALS: readonly CompletableFlag[] = GLOBAL_FLAGS.map(toCompletable);

export const COMPLETABLE_COMMANDS: readonly CompletableCommand[] = COMMANDS.map((command) => ({
  name: command.name,
  summary: command.summary,
  flags: command.flags.map(toCompletable),
  completes: command.name === "help"
    ? [...COMMANDS.map(({ name }) => name), ...wordsOf(command.args.completes)]
    : command.args.completes ?? null,
}));

function toCompletable(flag: CommandFlag): CompletableFlag {
  const { name, short, summary, value } = flag;
  return {
    spellings: [...(short === undefined ? [] : [`-${short}`]), `--${name}`],
    summary,
    takesValue: value !== undefined,
    completes: flag.completes ?? (value === undefined ? null : completesOf(value)),
  };
}

/** `PATH` and `DIR` are files; small letters with bars between are words. */
function completesOf(value: string): Completes | null {
  const words = value.split("|").filter((word) => /^[a-z0-9]+$/.test(word));
  if (words.length > 0) return words;
  return /\b(PATH|DIR|FILE)\b/.test(value) ? "file" : null;
}

function wordsOf(completes: Completes | undefined): readonly string[] {
  return typeof completes === "object" ? completes.filter((word) => word !== "config") : [];
}
