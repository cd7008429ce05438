import { assertThrows } from "@std/assert";
import {
  type ConfigFault,
  ConfigFileError,
  type LoadedConfig,
  type SettingSources,
} from "../../../../src/config/mod.ts";
import { loadConfig } from "../../../../src/config/file/mod.ts";

export const PATH = "/etc/ai/config.yaml";

export interface Given {
  readonly env?: Readonly<Record<string, string>>;
  readonly flags?: SettingSources["flags"];
}

/** Reads `text` as if it were a file in /etc/ai. */
export function load(
  text: string | Uint8Array,
  { env = {}, flags = {} }: Given = {},
): LoadedConfig {
  const bytes = typeof text === "string" ? new TextEncoder().encode(text) : text;
  return loadConfig(bytes, { path: PATH, sources: { flags, env, cwd: "/home/ada" } });
}

/** The engines that a file asks for. */
export function enginesOf(text: string, given: Given = {}) {
  return load(text, given).requested.engines;
}

/** All that is wrong with `text`. */
export function faultsOf(text: string | Uint8Array, given: Given = {}): readonly ConfigFault[] {
  return assertThrows(() => load(text, given), ConfigFileError).faults;
}

/** What is wrong with `text` in short: `LINE:COLUMN detail | fix`. */
export function tell(text: string | Uint8Array, given: Given = {}): readonly string[] {
  return faultsOf(text, given).map(({ line, column, detail, fix }) =>
    `${line}:${column} ${detail} | ${fix}`
  );
}
