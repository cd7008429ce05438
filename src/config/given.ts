/**
 * Settings as they were given: by flags and in the environment.
 *
 * @module
 */
import { ConfigError } from "../core/mod.ts";
import type { Parsed } from "./parsed.ts";
import { quote } from "./quote.ts";
import { SETTING_FLAGS, type SettingName } from "./setting_flags.ts";

/** Where settings come from; a flag beats the environment. An empty variable counts as not set. */
export interface SettingSources {
  /** Every value a flag was given, in order; where one is wanted, the last counts. */
  readonly flags: Readonly<Partial<Record<SettingName, readonly string[]>>>;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Relative paths start here; itself absolute. */
  readonly cwd: string;
}

/** A value and where it was found. */
export interface Given {
  readonly value: string;
  /** The flag or the variable. */
  readonly setting: string;
  /** `lists` when it is one of several in a variable. */
  readonly verb: "is" | "lists";
  /** How `value` is given in the same way. */
  assign(value: string): string;
}

/** What counts of a setting of which one value is wanted. */
export function find(sources: SettingSources, name: SettingName): Given | undefined {
  return findFlags(sources, name).at(-1) ?? findVariable(sources, name);
}

/** Of a setting that may be given several times; in a variable commas stand between. */
export function findAll(sources: SettingSources, name: SettingName): readonly Given[] {
  const flags = findFlags(sources, name);
  const variable = flags.length > 0 ? undefined : findVariable(sources, name);
  if (variable === undefined) return flags;
  const values = variable.value.split(",").map((value) => value.trim());
  const verb = values.length > 1 ? "lists" : "is";
  return values.map((value) => ({ ...variable, value, verb }));
}

function findFlags({ flags }: SettingSources, name: SettingName): readonly Given[] {
  const setting = `--${name}`;
  const assign = (value: string) => `${setting} ${value}`;
  return (flags[name] ?? []).map((value) => ({ value, setting, verb: "is", assign }));
}

function findVariable({ env }: SettingSources, name: SettingName): Given | undefined {
  const setting = SETTING_FLAGS[name].variable;
  const value = env[setting];
  if (value === undefined || value === "") return undefined;
  return { value, setting, verb: "is", assign: (value) => `${setting}=${value}` };
}

/** Reads a setting of which one value is wanted; `undefined` when it is not given. */
export function read<T>(
  sources: SettingSources,
  name: SettingName,
  parse: (text: string) => Parsed<T>,
): T | undefined {
  const given = find(sources, name);
  return given === undefined ? undefined : readGiven(given, parse);
}

/** Reads one value. Throws `ConfigError` saying where it stands and what would do instead. */
export function readGiven<T>(given: Given, parse: (text: string) => Parsed<T>): T {
  const { value, setting, verb, assign } = given;
  const parsed = parse(value);
  if (parsed.ok) return parsed.value;
  throw new ConfigError("config_invalid", {
    detail: `${setting} ${verb} ${quote(value)}, ${parsed.why}.`,
    remedy: `${parsed.fix}, for example ${assign(parsed.example)}.`,
  });
}
