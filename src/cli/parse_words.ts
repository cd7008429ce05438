/**
 * From words to a command with its flags, without saying what is wrong: that is `usage_error.ts`'s.
 *
 * @module
 */
import type { CommandFlag, Invocation } from "./command.ts";
import { GLOBAL_FLAGS } from "./serve_flags.ts";

/** What parsing knows of a command. */
export interface CommandWords {
  readonly name: string;
  readonly flags: readonly CommandFlag[];
}

/** What can't be understood. */
export type WordFault<C> =
  | { readonly fault: "unknown_command"; readonly word: string }
  | { readonly fault: "unknown_flag"; readonly name: string; readonly command: C }
  | { readonly fault: "value_unwanted"; readonly flag: CommandFlag; readonly value: string }
  | { readonly fault: "value_missing"; readonly flag: CommandFlag };

export interface Words<C> extends Invocation {
  /** The first word that is no flag; `undefined` = there is none. */
  readonly command: C | undefined;
}

/** A flag as it was given. */
interface GivenFlag {
  /** With its dashes. */
  readonly name: string;
  /** What stood in the same word. */
  readonly value: string | undefined;
}

/**
 * Reads a command line. The first word is the command; a flag before it that is not everybody's makes
 * it the first of `commands`. After `--` nothing is a flag.
 *
 * Our own instead of `parseArgs` of `@std/cli`, which takes the `-1` of `--idle-timeout -1` for a
 * flag and a missing value for an empty one.
 */
export function parseWords<C extends CommandWords>(
  argv: readonly string[],
  commands: readonly [C, ...C[]],
): Words<C> | WordFault<C> {
  return new WordReader(argv, commands).read();
}

class WordReader<C extends CommandWords> {
  readonly #left: string[];
  readonly #commands: readonly [C, ...C[]];
  readonly #flags = new Map<string, readonly string[]>();
  readonly #args: string[] = [];
  #command: C | undefined;

  constructor(argv: readonly string[], commands: readonly [C, ...C[]]) {
    this.#left = [...argv];
    this.#commands = commands;
  }

  read(): Words<C> | WordFault<C> {
    for (let word = this.#left.shift(); word !== undefined; word = this.#left.shift()) {
      if (word === "--") {
        this.#args.push(...this.#left);
        break;
      }
      const isFlag = word !== "-" && word.startsWith("-");
      const fault = isFlag ? this.#takeFlags(splitFlag(word)) : this.#takeWord(word);
      if (fault !== undefined) return fault;
    }
    return { command: this.#command, args: this.#args, flags: this.#flags };
  }

  #takeWord(word: string): WordFault<C> | undefined {
    if (this.#command !== undefined) {
      this.#args.push(word);
      return undefined;
    }
    this.#command = this.#commands.find(({ name }) => name === word);
    return this.#command === undefined ? { fault: "unknown_command", word } : undefined;
  }

  /** Behind a letter that takes no value others may stand: `-fn20` is `-f -n 20`. */
  #takeFlags(given: GivenFlag): WordFault<C> | undefined {
    const { name } = given;
    let { value } = given;
    let flag = findFlag(GLOBAL_FLAGS, name);
    if (flag === undefined) {
      const command = this.#command ??= this.#commands[0];
      flag = findFlag(command.flags, name);
      if (flag === undefined) return { fault: "unknown_flag", name, command };
    }
    const before = this.#flags.get(flag.name) ?? [];
    if (flag.value === undefined) {
      this.#flags.set(flag.name, before);
      if (value === undefined) return undefined;
      if (name.startsWith("--")) return { fault: "value_unwanted", flag, value };
      return this.#takeFlags(splitFlag(`-${value}`));
    }
    value ??= this.#left.shift();
    if (value === undefined) return { fault: "value_missing", flag };
    this.#flags.set(flag.name, [...before, value]);
    return undefined;
  }
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
  return flags.find((flag) => `--${flag.name}` === name || `-${flag.short}` === name);
}
