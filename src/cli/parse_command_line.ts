import { quote } from "../config/mod.ts";
import { nearest, UsageError } from "../core/mod.ts";
import { type Command, type CommandFlag, COMMANDS, GLOBAL_FLAGS } from "./commands.ts";

/** A command line that was understood. */
export interface Invocation {
  readonly command: Command;
  readonly args: readonly string[];
  /** By name, with all values it was given, in order: none for a flag that takes none. */
  readonly flags: ReadonlyMap<string, readonly string[]>;
}

/**
 * Reads a command line: the first word is the command, without one it is `serve`; `--help` and
 * `--version` make it `help` and `version`. After `--` nothing is a flag. Throws `UsageError`.
 *
 * Our own instead of `parseArgs` of `@std/cli`, which takes the `-1` of `--idle-timeout -1` for a
 * flag and a missing value for an empty one.
 */
export function parseCommandLine(argv: readonly string[]): Invocation {
  const flags = new Map<string, readonly string[]>();
  const args: string[] = [];
  let command: Command | undefined;
  for (let i = 0; i < argv.length; i++) {
    const word = argv[i] ?? "";
    if (word === "--") {
      args.push(...argv.slice(i + 1));
      break;
    }
    if (word === "-" || !word.startsWith("-")) {
      if (command === undefined) command = findCommand(word);
      else args.push(word);
      continue;
    }
    const given = splitFlag(word);
    let flag = findFlag(GLOBAL_FLAGS, given.name);
    if (flag === undefined) {
      command ??= findCommand("serve");
      flag = findFlag(command.flags, given.name) ?? unknownFlag(given.name, command);
    }
    const needsNext = flag.value !== undefined && given.value === undefined;
    const values = valuesOf(flag, needsNext ? argv[++i] : given.value);
    flags.set(flag.name, [...flags.get(flag.name) ?? [], ...values]);
  }
  if (flags.has("help")) {
    return {
      command: findCommand("help"),
      args: command === undefined ? [] : [command.name],
      flags,
    };
  }
  if (flags.has("version")) return { command: findCommand("version"), args: [], flags };
  command ??= findCommand("serve");
  checkCount(command, args);
  return { command, args, flags };
}

/** Throws `UsageError` with what was probably meant. */
export function findCommand(name: string): Command {
  const command = COMMANDS.find((candidate) => candidate.name === name);
  if (command !== undefined) return command;
  const near = nearest(name, COMMANDS.map((candidate) => candidate.name));
  throw new UsageError({
    detail: `There is no command ${quote(name)}.`,
    remedy: near === undefined ? "ai-engine help" : `ai-engine ${near}`,
  });
}

interface GivenFlag {
  /** With its dashes. */
  readonly name: string;
  /** What stood in the same word. */
  readonly value: string | undefined;
}

/** `--name`, `--name=value`, `-n` or `-nVALUE`. */
function splitFlag(word: string): GivenFlag {
  if (word.startsWith("--")) {
    const equals = word.indexOf("=");
    if (equals === -1) return { name: word, value: undefined };
    return { name: word.slice(0, equals), value: word.slice(equals + 1) };
  }
  return { name: word.slice(0, 2), value: word.length > 2 ? word.slice(2) : undefined };
}

function findFlag(flags: readonly CommandFlag[], name: string): CommandFlag | undefined {
  return flags.find((flag) => nameFlag(flag) === name || `-${flag.short}` === name);
}

function nameFlag(flag: CommandFlag): string {
  return `--${flag.name}`;
}

function unknownFlag(name: string, command: Command): never {
  const near = nearest(name, [...command.flags, ...GLOBAL_FLAGS].map(nameFlag));
  throw new UsageError({
    detail: `\`${command.name}\` has no flag ${quote(name)}.` +
      (near === undefined ? "" : ` Did you mean ${near}?`),
    remedy: `ai-engine help ${command.name}`,
  });
}

function valuesOf(flag: CommandFlag, value: string | undefined): readonly string[] {
  const name = nameFlag(flag);
  if (flag.value === undefined) {
    if (value === undefined) return [];
    throw new UsageError({
      detail: `${name} takes no value, and was given ${quote(value)}.`,
      remedy: `Leave the value out: ${name}`,
    });
  }
  if (value !== undefined) return [value];
  throw new UsageError({
    detail: `${name} needs a value.`,
    remedy: `Give it one: ${name} ${flag.value}`,
  });
}

function checkCount(command: Command, args: readonly string[]): void {
  const { name } = command;
  const { usage, min, max } = command.args;
  if (args.length < min) {
    throw new UsageError({
      detail: `\`${name}\` needs ${usage}.`,
      remedy: `ai-engine help ${name}`,
    });
  }
  const extra = args[max];
  if (extra === undefined) return;
  throw new UsageError({
    detail: max === 0
      ? `\`${name}\` takes no argument, and was given ${quote(extra)}.`
      : `\`${name}\` takes one argument, and ${quote(extra)} is one more.`,
    remedy: max === 0 ? `ai-engine help ${name}` : "Put quotes around a text with spaces.",
  });
}
