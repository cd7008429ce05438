/**
 * A configuration file that was read, and where one is looked for. Reading it is `configFile()`'s.
 *
 * @module
 */
import { isAbsolute, join, resolve } from "@std/path";
import { ConfigError } from "../core/mod.ts";
import type { EngineChanges } from "./config_changes.ts";
import type { SettingRow } from "./file/mod.ts";
import type { SettingSources } from "./given.ts";
import type { RequestedSettings } from "./read_settings.ts";
import { CONFIG_FLAG } from "./setting_flags.ts";

/** A file that people write is far smaller. */
export const MAX_CONFIG_BYTES = 524_288;

/** Where a value stands in the file; both from 1. */
export interface FileOrigin {
  readonly line: number;
  readonly column: number;
  /** What is to be shown for it; it holds something from the environment. */
  readonly shown?: string;
}

/** By setting, e.g. `engines.llm.idleTimeout`; a group is there, too. */
export type FileOrigins = Readonly<Record<string, FileOrigin>>;

export interface LoadedFile {
  readonly path: string;
  readonly origins: FileOrigins;
  /** Variables of the environment that are keys for engines elsewhere; no other engine inherits them. */
  readonly keyVariables: readonly string[];
}

/** Flags, environment and a file, as one. */
export interface LoadedConfig {
  readonly requested: RequestedSettings;
  /** `null` = there is no file. */
  readonly file: LoadedFile | null;
}

/** The configuration in force. */
export interface ConfigView {
  /** Of the file; `null` = there is none. */
  readonly path: string | null;
  /** Every setting, in the order of the documents. */
  readonly settings: readonly SettingRow[];
  /** Settings that the file has changed since, and that take effect at the next start. */
  readonly later: readonly string[];
}

/** What a reload has changed. */
export interface ReloadReport extends EngineChanges {
  /** Of the file; `null` = there is none. */
  readonly path: string | null;
  /** What else holds from now on, by name. */
  readonly settings: readonly string[];
  /** What takes effect at the next start, by name. */
  readonly later: readonly string[];
}

/** Where the configuration file is, or would be. */
export interface ConfigPlace {
  /** Absolute. */
  readonly path: string;
  /** The flag or variable that names it; `null` = it is where files of ours are by default. */
  readonly setting: string | null;
}

/** What {@linkcode findConfigPlace} goes by. */
export interface PlaceSources extends Pick<SettingSources, "env" | "cwd"> {
  /** Every value that `--config` was given. */
  readonly config: readonly string[];
  /** Runs as root. */
  readonly isRoot: boolean;
}

/**
 * `--config`, `AI_ENGINE_CONFIG`, else `ai-engine/config.yaml` in `$XDG_CONFIG_HOME` or `~/.config`; for
 * root without a home in `/etc`. A relative XDG path counts as not set. `null` = there is no place.
 * Throws `ConfigError`.
 */
export function findConfigPlace(sources: PlaceSources): ConfigPlace | null {
  const { config, env, cwd, isRoot } = sources;
  const flag = config.at(-1);
  const variable = env[CONFIG_FLAG.variable] ?? "";
  const given = flag ?? variable;
  const setting = flag === undefined ? CONFIG_FLAG.variable : "--config";
  if (given.includes("\0") || flag === "") {
    throw new ConfigError("config_invalid", {
      detail: `${setting} is not a path.`,
      remedy: `Name a file, for example ${setting}=ai-engine.yaml.`,
    });
  }
  if (given !== "") return { path: resolve(cwd, given), setting };
  const { XDG_CONFIG_HOME: xdg = "", HOME: home = "" } = env;
  const inDir = (dir: string): ConfigPlace => ({
    path: join(dir, "ai-engine", "config.yaml"),
    setting: null,
  });
  if (isAbsolute(xdg)) return inDir(xdg);
  if (isAbsolute(home)) return inDir(join(home, ".config"));
  return isRoot ? inDir("/etc") : null;
}
