/**
 * Reading a configuration file in a process of its own: the supervisor neither holds what it takes to
 * read one nor minds what a bad one does to whoever reads it.
 *
 * @module
 */
import {
  configFile,
  ConfigFileError,
  type ConfigPlace,
  type LoadedConfig,
  MAX_CONFIG_BYTES,
  type SettingSources,
} from "../config/mod.ts";
import { AiEngineError, ConfigError, UsageError } from "../core/mod.ts";
import {
  CONFIG_ARGUMENT,
  environment,
  ownArgv,
  readRegularFile,
  runShortProcess,
  stdout,
  terminalOutput,
} from "../platform/mod.ts";

/** A file of the largest size takes a second. */
const LIMIT_MS = 15_000;
const MAX_OUTPUT_BYTES = 16 * 1_024 ** 2;

/** What the reader is told; the environment it has. */
interface ReaderTask extends Pick<SettingSources, "flags" | "cwd"> {
  readonly place: ConfigPlace;
}

type ReaderAnswer =
  | { readonly kind: "loaded"; readonly config: LoadedConfig }
  /** There is no file where one would be by default. */
  | { readonly kind: "none" }
  | { readonly kind: "faults"; readonly path: string; readonly faults: ConfigFileError["faults"] }
  | {
    readonly kind: "config" | "usage";
    readonly code: ConfigError["code"];
    readonly detail: string;
    readonly remedy: string;
  };

/** The first bytes of the file at `place`; `null` when none is there. Throws `ConfigError`. */
export async function readConfigBytes({ path }: ConfigPlace): Promise<Uint8Array | null> {
  const what = "The configuration file";
  return await readRegularFile(path, { what, maxBytes: MAX_CONFIG_BYTES + 1 });
}

/**
 * Has another process read the file at `place`. `null` when there is none, where one is only by default.
 * Throws `ConfigError`, `ConfigFileError` among them, and `UsageError`.
 */
export async function loadConfigElsewhere(
  place: ConfigPlace,
  { flags, cwd }: SettingSources,
): Promise<LoadedConfig | null> {
  const task: ReaderTask = { place, flags, cwd };
  const end = await runShortProcess(ownArgv(CONFIG_ARGUMENT, JSON.stringify(task)), {
    limitMs: LIMIT_MS,
    maxBytes: MAX_OUTPUT_BYTES,
  });
  if (end.kind !== "done") throw tooHard(place.path, end.kind);
  const answer = JSON.parse(end.output) as ReaderAnswer;
  switch (answer.kind) {
    case "loaded":
      return answer.config;
    case "none":
      return null;
    case "faults":
      throw new ConfigFileError(answer.path, answer.faults);
    case "config":
      throw new ConfigError(answer.code, answer);
    case "usage":
      throw new UsageError(answer);
  }
}

function tooHard(path: string, end: "too_long" | "too_much" | "failed"): ConfigError {
  const why = {
    too_long: "takes too long to read",
    too_much: "comes to more settings than there is room for",
    failed: "could not be read: its reader ended with an error",
  };
  return new ConfigError("config_invalid", {
    detail: `The configuration file ${path} ${why[end]}.`,
    remedy: "Make it smaller, with fewer aliases and macros.",
  });
}

/** What that process does: `task` comes on its command line, its answer goes to stdout. */
export async function runConfigReader(task: string): Promise<number> {
  const { place, flags, cwd } = JSON.parse(task) as ReaderTask;
  const answer = await read(place, { flags, cwd, env: environment() });
  return await terminalOutput(stdout).write(JSON.stringify(answer)) ? 0 : 1;
}

async function read(place: ConfigPlace, sources: SettingSources): Promise<ReaderAnswer> {
  try {
    const { loadConfig, missingConfig } = await configFile();
    const bytes = await readConfigBytes(place);
    if (bytes !== null) {
      return { kind: "loaded", config: loadConfig(bytes, { path: place.path, sources }) };
    }
    if (place.setting !== null) throw missingConfig(place);
    return { kind: "none" };
  } catch (error) {
    if (error instanceof ConfigFileError) {
      return { kind: "faults", path: error.path, faults: error.faults };
    }
    if (!(error instanceof AiEngineError)) throw error;
    const words = { detail: error.message, remedy: error.remedy };
    return error instanceof ConfigError
      ? { kind: "config", code: error.code, ...words }
      : { kind: "usage", code: "config_invalid", ...words };
  }
}
