/**
 * What is wrong with a command line, in words, with what was probably meant.
 *
 * @module
 */
import { quote } from "../config/mod.ts";
import { nearest, UsageError } from "../core/mod.ts";
import type { Command } from "./command.ts";
import { COMMANDS } from "./commands.ts";
import type { WordFault } from "./parse_words.ts";
import { GLOBAL_FLAGS } from "./serve_flags.ts";
import { TOPICS } from "./words.ts";

/** What other programs call it. */
const OTHER_NAMES: Readonly<Record<string, string>> = {
  ls: "ps",
  list: "ps",
  up: "serve",
  run: "send",
  tail: "logs -f",
  top: "ps",
  show: "status",
  kill: "stop --force",
  down: "shutdown",
  open: "ui",
  completion: "completions",
};

/** The error that tells `fault`. */
export function toUsageError(fault: WordFault<Command>): UsageError {
  switch (fault.fault) {
    case "unknown_command":
      return unknownCommand(fault.word);
    case "unknown_flag":
      return unknownFlag(fault.name, fault.command);
    case "value_unwanted":
      return new UsageError({
        detail: `--${fault.flag.name} takes no value, and was given ${quote(fault.value)}.`,
        remedy: `Leave the value out: --${fault.flag.name}`,
      });
    case "value_missing":
      return new UsageError({
        detail: `--${fault.flag.name} needs a value.`,
        remedy: `Give it one: --${fault.flag.name} ${fault.flag.value}`,
      });
  }
}

/** There is no command `name`. */
function unknownCommand(name: string): UsageError {
  const other = Object.hasOwn(OTHER_NAMES, name) ? OTHER_NAMES[name] : undefined;
  const near = other ?? nearest(name, COMMANDS.map((candidate) => candidate.name));
  return new UsageError({
    detail: `There is no command ${quote(name)}.`,
    remedy: near === undefined ? "ai-engine help" : `ai-engine ${near}`,
  });
}

function unknownFlag(name: string, command: Command): UsageError {
  const names = [...command.flags, ...GLOBAL_FLAGS].map((flag) => `--${flag.name}`);
  const near = nearest(name, names);
  return new UsageError({
    detail: `\`${command.name}\` has no flag ${quote(name)}.` +
      (near === undefined ? "" : ` Did you mean ${near}?`),
    remedy: `ai-engine help ${command.name}`,
  });
}

/** There is no help on `name`. */
export function unknownTopic(name: string): UsageError {
  const near = nearest(name, [...COMMANDS.map((command) => command.name), ...TOPICS]);
  return new UsageError({
    detail: `There is no help on ${quote(name)}: it is no command, and no topic.`,
    remedy: near === undefined ? "ai-engine help" : `ai-engine help ${near}`,
  });
}

/** A value of a flag that is none of `words`. */
export function unknownWord(
  flag: string,
  { value, words }: { readonly value: string; readonly words: readonly string[] },
): UsageError {
  const near = nearest(value, words);
  return new UsageError({
    detail: `--${flag} is ${quote(value)}; it can be ${words.join(", ")}.`,
    remedy: `Give it one of these: --${flag} ${near ?? words[0] ?? ""}`,
  });
}

/** Throws where `command` was given too few or too many arguments. */
export function checkCount(command: Command, args: readonly string[]): void {
  const { name } = command;
  const { usage, min, max } = command.args;
  const help = `ai-engine help ${name}`;
  if (args.length < min) {
    throw new UsageError({ detail: `\`${name}\` needs ${usage}.`, remedy: help });
  }
  const extra = args[max];
  if (extra === undefined) return;
  throw new UsageError({
    detail: max === 0
      ? `\`${name}\` takes no argument, and was given ${quote(extra)}.`
      : max === 1
      ? `\`${name}\` takes one argument, and ${quote(extra)} is one more.`
      : `\`${name}\` takes at most ${max} arguments, and ${quote(extra)} is one more.`,
    remedy: name === "send" ? "Put quotes around a text with spaces." : help,
  });
}
