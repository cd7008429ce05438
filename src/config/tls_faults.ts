import type { TlsFileError } from "../core/mod.ts";
import { type ConfigFault, ConfigFileError } from "./config_fault.ts";
import type { LoadedConfig } from "./loaded_config.ts";

/** What is wrong with the files of TLS, where the configuration file names them. */
export function tlsFaults({ faults }: TlsFileError, file: LoadedConfig["file"]): ConfigFault[] {
  return faults.map(({ file: which, detail, remedy }) => {
    const setting = `listen.tls.${which}`;
    const { line = 1, column = 1 } = file?.origins[setting] ?? {};
    return { line, column, setting, detail, expected: null, fix: remedy };
  });
}

/** The same as the error of that file. */
export function inConfigFile(
  error: TlsFileError,
  file: LoadedConfig["file"],
): TlsFileError | ConfigFileError {
  return file === null ? error : new ConfigFileError(file.path, tlsFaults(error, file));
}
