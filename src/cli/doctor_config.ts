/** The configuration, and the programs of its engines. */
import {
  checkPrograms,
  configFile,
  ConfigFileError,
  type ConfigNotice,
  type ConfigPlace,
  type LoadedConfig,
  readSettings,
  type Settings,
  type SettingSources,
} from "../config/mod.ts";
import { ConfigError } from "../core/mod.ts";
import type { CliDeps } from "./cli_deps.ts";
import { type Finding, note, ok, wrong } from "./doctor_finding.ts";

export interface ConfigExamination {
  readonly findings: readonly Finding[];
  /** What `serve` would go by; where that can't be told, the defaults with the built-in engine. */
  readonly settings: Settings;
}

export interface ConfigSources {
  readonly deps: CliDeps;
  readonly sources: SettingSources;
  /** Where the file is, or would be. Throws `ConfigError`. */
  readonly findPlace: () => ConfigPlace | null;
}

export async function examineConfig(from: ConfigSources): Promise<ConfigExamination> {
  const { deps } = from;
  try {
    const loaded = await load(from);
    const { length } = loaded.requested.engines;
    const count = length === 1 ? "1 engine" : `${length} engines`;
    const config = ok("config", `${loaded.file?.path ?? "no file, defaults"}; ${count}`);
    const programs = await examinePrograms(loaded, deps);
    return { findings: [config, ...programs.findings], settings: programs.settings };
  } catch (error) {
    return { findings: [faulty(error)], settings: await defaults(deps) };
  }
}

async function examinePrograms(
  loaded: LoadedConfig,
  deps: CliDeps,
): Promise<ConfigExamination> {
  try {
    const { settings, notices } = await checkPrograms(loaded, deps);
    return { settings, findings: notices.map(toNote) };
  } catch (error) {
    if (!(error instanceof ConfigError) || error instanceof ConfigFileError) throw error;
    const finding = wrong("programs", error.message, error.remedy);
    return { settings: await defaults(deps), findings: [finding] };
  }
}

async function load({ deps, sources, findPlace }: ConfigSources): Promise<LoadedConfig> {
  const place = findPlace();
  const bytes = place === null ? null : await deps.readConfig(place);
  if (place !== null && bytes !== null) {
    const { loadConfig } = await configFile();
    return loadConfig(bytes, { path: place.path, sources });
  }
  if (place !== null && place.setting !== null) throw (await configFile()).missingConfig(place);
  return { requested: readSettings(sources), file: null };
}

/** Faults are counted and not shown: what stands in a file may be secret. */
function faulty(error: unknown): Finding {
  if (error instanceof ConfigFileError) {
    const [first] = error.faults;
    const count = error.faults.length === 1 ? "an error" : `${error.faults.length} errors`;
    const where = first === undefined ? "" : `, in line ${first.line}: ${first.setting}`;
    return wrong("config", `${error.path} has ${count}${where}.`, "ai-engine config check");
  }
  if (error instanceof ConfigError) return wrong("config", error.message, error.remedy);
  throw error;
}

function toNote({ detail, remedy }: ConfigNotice): Finding {
  return note("programs", detail, remedy);
}

async function defaults({ resolve, cwd }: CliDeps): Promise<Settings> {
  const builtin = readSettings({ flags: { engine: ["builtin"] }, env: {}, cwd });
  return (await resolve(builtin)).settings;
}
