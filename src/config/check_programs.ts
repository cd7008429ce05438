import { ConfigError } from "../core/mod.ts";
import type { ConfigNotice } from "./choose_engine.ts";
import { type ConfigFault, ConfigFileError } from "./config_fault.ts";
import type { LoadedConfig } from "./loaded_config.ts";
import type { RequestedSettings } from "./read_settings.ts";
import type { EngineSettings, Settings } from "./settings.ts";

/** Looks for the programs of the engines. Throws `ConfigError` about the first that can't be run. */
export type Resolve = (requested: RequestedSettings) => Promise<Resolved>;

export interface Resolved {
  readonly settings: Settings;
  readonly notices: readonly ConfigNotice[];
}

/**
 * Looks for the programs of the engines of a file. Throws `ConfigFileError` about all that can't be run,
 * or `ConfigError` where one does not stand in the file.
 */
export async function checkPrograms(
  { requested, file }: LoadedConfig,
  resolve: Resolve,
): Promise<Resolved> {
  const engines: EngineSettings[] = [];
  const notices: ConfigNotice[] = [];
  const faults: ConfigFault[] = [];
  for (const engine of requested.engines) {
    try {
      const resolved = await resolve({ ...requested, engines: [engine] });
      engines.push(...resolved.settings.engines);
      notices.push(...resolved.notices);
    } catch (error) {
      const setting = `engines.${engine.name}`;
      const place = file?.origins[`${setting}.command`] ?? file?.origins[setting];
      if (!(error instanceof ConfigError) || place === undefined) throw error;
      const { line, column } = place;
      const { message: detail, remedy: fix } = error;
      faults.push({ line, column, setting, detail, expected: null, fix });
    }
  }
  const [first, ...others] = engines;
  if (file !== null && faults.length > 0) throw new ConfigFileError(file.path, faults);
  if (first === undefined) throw new TypeError("No engine was asked for");
  return { settings: { ...requested, engines: [first, ...others] }, notices };
}
