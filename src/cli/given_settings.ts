/**
 * The settings among the words of a command line.
 *
 * @module
 */
import {
  CONFIG_FLAG,
  type ConfigPlace,
  findConfigPlace,
  SETTING_NAMES,
  type SettingName,
  type SettingSources,
} from "../config/mod.ts";
import type { CliDeps } from "./cli_deps.ts";
import type { Invocation } from "./command.ts";

/** Where the configuration file is, or would be. Throws `ConfigError`. */
export function configPlaceOf(
  { flags }: Invocation,
  { env, cwd, isRoot }: CliDeps,
): ConfigPlace | null {
  return findConfigPlace({ config: flags.get(CONFIG_FLAG.name) ?? [], env, cwd, isRoot });
}

/** The settings among the flags, and the environment. */
export function sourcesOf({ flags }: Invocation, { env, cwd }: CliDeps): SettingSources {
  const given: Partial<Record<SettingName, readonly string[]>> = {};
  for (const name of SETTING_NAMES) {
    const values = flags.get(name);
    if (values !== undefined) given[name] = values;
  }
  return { flags: given, env, cwd };
}
