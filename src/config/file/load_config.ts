/**
 * From the bytes of a file to settings. Pure: whether what it names is there is found out later.
 *
 * @module
 */
import { dirname } from "@std/path";
import { ConfigError } from "../../core/mod.ts";
import { ConfigFileError } from "../config_fault.ts";
import type { SettingSources } from "../given.ts";
import type { ConfigPlace, LoadedConfig } from "../loaded_config.ts";
import { readSettings } from "../read_settings.ts";
import { checkTogether } from "./check_together.ts";
import { decodeConfig } from "./decode_config.ts";
import { keyVariables } from "./key_variables.ts";
import { FaultList } from "./node.ts";
import { parseYaml } from "./parse_yaml.ts";
import { SchemaReader } from "./read_by_schema.ts";
import { FILE_SCHEMA } from "./settings_schema.ts";
import { substitute } from "./substitute.ts";
import { type PartialContent, toFileSettings } from "./to_file_settings.ts";

export interface LoadOptions {
  /** Of the file; absolute. */
  readonly path: string;
  readonly sources: SettingSources;
}

/**
 * Reads the first bytes of a file, one more than `MAX_CONFIG_BYTES` at most, and what flags
 * and environment say beside it. Throws `ConfigFileError` with all that is wrong, and what
 * `readSettings` throws.
 */
export function loadConfig(bytes: Uint8Array, { path, sources }: LoadOptions): LoadedConfig {
  const faults = new FaultList();
  const text = decodeConfig(bytes, faults);
  const root = text === null ? null : parseYaml(text, faults);
  if (root === null) throw new ConfigFileError(path, faults.all);
  const reader = new SchemaReader({ dir: dirname(path), faults });
  const filled = substitute(root, { env: sources.env, faults });
  // The schema has the very fields of the settings, which the compiler sees to.
  const content = reader.read(filled, FILE_SCHEMA, "") as PartialContent | undefined;
  const { origins } = reader;
  if (content !== undefined) checkTogether(content, { origins, faults });
  if (content === undefined || faults.all.length > 0) throw new ConfigFileError(path, faults.all);
  const fromFile = toFileSettings(content, { path, origins });
  return {
    requested: readSettings(sources, fromFile),
    file: { path, origins, keyVariables: keyVariables(origins) },
  };
}

/**
 * Only the control socket, for commands: `null` when the file names none, or can't be read as a whole,
 * which is for `serve` to tell.
 */
export function readControlOf(
  bytes: Uint8Array,
  { path, env }: { readonly path: string; readonly env: SettingSources["env"] },
): string | null {
  const faults = new FaultList();
  const text = decodeConfig(bytes, faults);
  const root = text === null ? null : parseYaml(text, faults);
  if (root === null) return null;
  const reader = new SchemaReader({ dir: dirname(path), faults });
  const content = reader.read(substitute(root, { env, faults }), FILE_SCHEMA, "");
  return (content as PartialContent | undefined)?.control ?? null;
}

/** For a place that was named and has no file. */
export function missingConfig({ path, setting }: ConfigPlace): ConfigError {
  return new ConfigError("config_invalid", {
    detail: `${setting ?? "The default"} names ${path}, and there is no file.`,
    remedy: `Correct the path, or write the file: ai-engine help config`,
  });
}
