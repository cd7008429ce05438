import { ConfigError, TlsFileError } from "../core/mod.ts";
import type { ConfigNotice } from "./choose_engine.ts";
import { type ConfigFault, ConfigFileError } from "./config_fault.ts";
import type { LoadedConfig } from "./loaded_config.ts";
import type { RequestedSettings } from "./read_settings.ts";
import type { EngineSettings, Settings, TlsFiles } from "./settings.ts";
import { tlsFaults } from "./tls_faults.ts";

/** Looks for the programs of the engines. Throws `ConfigError` about the first that can't be run. */
export type Resolve = (requested: RequestedSettings) => Promise<Resolved>;

export interface Resolved {
  readonly settings: Settings;
  readonly notices: readonly ConfigNotice[];
}

export interface CheckDeps<Tls> {
  readonly resolve: Resolve;
  /** Reads the files of TLS. Throws `TlsFileError`. */
  readonly openTls: (files: TlsFiles) => Promise<Tls>;
}

/**
 * Looks for the programs of the engines of a file, and for the files of TLS. Throws `ConfigFileError` about all that can't be run,
 * or `ConfigError` where one does not stand in the file.
 */
export async function checkPrograms<Tls>(
  { requested, file }: LoadedConfig,
  { resolve, openTls }: CheckDeps<Tls>,
): Promise<Resolved & { readonly tls: Tls | null }> {
  const engines: EngineSettings[] = [];
  const notices: ConfigNotice[] = [];
  const faults: ConfigFault[] = [];
  let tls: Tls | null = null;
  try {
    if (requested.tls !== null) tls = await openTls(requested.tls);
  } catch (error) {
    if (!(error instanceof TlsFileError) || file === null) throw error;
    faults.push(...tlsFaults(error, file));
  }
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
  return { settings: { ...requested, engines: [first, ...others] }, notices, tls };
}
