/**
 * From flags and environment to what was asked for. Pure: whether it is there is found out later.
 *
 * @module
 */
import { basename, resolve } from "@std/path";
import { toEngineName, UsageError } from "../core/mod.ts";
import { find, findAll, read, readGiven, type SettingSources } from "./given.ts";
import { requestGguf } from "./gguf.ts";
import { parseGrace, parseIdleTimeout, parseStartTimeout } from "./parse_duration.ts";
import { accept, type Parsed, refuse } from "./parsed.ts";
import { readListen } from "./read_listen.ts";
import type { SettingName } from "./setting_flags.ts";
import {
  ACCESS_DEFAULTS,
  BUDGET_DEFAULTS,
  CLIENT_LIMIT_DEFAULTS,
  DEFAULT_LISTEN,
  type EngineSettings,
  LOG_DEFAULTS,
  LOG_LEVELS,
  type LogLevel,
  type LogTarget,
  RELOAD_DEFAULTS,
  ROUTING_DEFAULTS,
  type Settings,
  SWAP_DEFAULTS,
} from "./settings.ts";
import { checkSocketPath } from "./socket_path.ts";

/** Which engine was asked for; `setting` says by what. */
export type EngineRequest =
  | { readonly kind: "auto" }
  | { readonly kind: "builtin" }
  | { readonly kind: "remote"; readonly url: string }
  | { readonly kind: "python"; readonly setting: string }
  /** A path, or (from the file) a name that is looked for on the PATH, and arguments. */
  | {
    readonly kind: "command";
    readonly command: EngineSettings["command"];
    readonly setting: string;
  };

/** An engine that was asked for, before its program was looked for. */
export interface RequestedEngine {
  /** `null` = after its program. */
  readonly name: string | null;
  readonly program: EngineRequest;
  /** Absolute; `null` when not given. */
  readonly pythonDir: string | null;
  /** What was set of the rest. */
  readonly settings: Partial<Omit<EngineSettings, "name" | "kind" | "command">>;
}

export type RequestedEngines = readonly [RequestedEngine, ...RequestedEngine[]];

/** Everything that was asked for, before engines were looked for. */
export interface RequestedSettings extends Omit<Settings, "engines"> {
  readonly engines: RequestedEngines;
}

/** What a configuration file sets; all of it is optional. */
export type FileSettings = Partial<RequestedSettings>;

/**
 * Reads all settings of `serve`: flags, then the environment, then `fromFile`, then defaults. Throws
 * `ConfigError` about the first one that can't be used, `UsageError` about an address that is given
 * twice and about what belongs to one engine where `fromFile` has others.
 */
export function readSettings(
  sources: SettingSources,
  fromFile: FileSettings = {},
): RequestedSettings {
  const { listen, logs = LOG_DEFAULTS } = fromFile;
  const tokenFile = readPath(sources, "token-file") ?? fromFile.access?.tokenFile ?? null;
  return {
    listen: readListen(sources) ?? listen ?? [DEFAULT_LISTEN],
    tls: fromFile.tls ?? null,
    control: readControl(sources) ?? fromFile.control ?? null,
    engines: withModels(readEngines(sources, fromFile.engines), sources),
    logs: {
      ...logs,
      level: read(sources, "log-level", parseLogLevel) ?? logs.level,
      target: readLogTarget(sources) ?? logs.target,
    },
    access: { ...ACCESS_DEFAULTS, ...fromFile.access, tokenFile },
    limits: fromFile.limits ?? CLIENT_LIMIT_DEFAULTS,
    routing: fromFile.routing ?? ROUTING_DEFAULTS,
    budget: fromFile.budget ?? BUDGET_DEFAULTS,
    swap: fromFile.swap ?? SWAP_DEFAULTS,
    reload: fromFile.reload ?? RELOAD_DEFAULTS,
  };
}

/** Reads only where the control socket is, for the commands. Throws `ConfigError`. */
export function readControl(sources: SettingSources): string | null {
  return readSocket(sources, "control");
}

function readLogTarget(sources: SettingSources): LogTarget | undefined {
  const path = readPath(sources, "log-file");
  if (path === null) return undefined;
  if (find(sources, "log-file")?.value === "-") return { kind: "stderr" };
  return { kind: "file", path };
}

type PathSetting = "python-dir" | "engine" | "log-file" | "token-file";

function readPath(sources: SettingSources, name: PathSetting): string | null {
  const path = read(sources, name, parsePath);
  return path === undefined ? null : resolve(sources.cwd, path);
}

function readSocket(sources: SettingSources, name: "engine-socket" | "control"): string | null {
  const given = find(sources, name);
  if (given === undefined) return null;
  const path = given.value === "" ? "" : resolve(sources.cwd, given.value);
  checkSocketPath(path, given.setting);
  return path;
}

/** What says something of one engine only. */
const ENGINE_SETTINGS = [
  "engine",
  "python-dir",
  "health-path",
  "start-timeout",
  "grace",
  "idle-timeout",
  "engine-socket",
] as const satisfies readonly SettingName[];

/** The engines of the file; the one of flags and environment where it has none. */
function readEngines(
  sources: SettingSources,
  fromFile: RequestedEngines | undefined,
): RequestedEngines {
  const pythonDir = readPath(sources, "python-dir");
  const settings = readEngineSettings(sources);
  if (fromFile === undefined) {
    return [{ name: null, program: readProgram(sources), pythonDir, settings }];
  }
  const [only, ...others] = fromFile;
  for (const name of ENGINE_SETTINGS) {
    const given = find(sources, name);
    const isOpen = name !== "engine" && others.length === 0;
    if (given !== undefined && !isOpen) throw belongsToOne(given.setting, fromFile);
  }
  return [
    {
      ...only,
      pythonDir: pythonDir ?? only.pythonDir,
      settings: { ...only.settings, ...settings },
    },
    ...others,
  ];
}

/** With an engine for each GGUF file that `--model` names, named once or more often. */
function withModels(engines: RequestedEngines, sources: SettingSources): RequestedEngines {
  const [first, ...others] = engines;
  const more: RequestedEngine[] = [];
  for (const given of findAll(sources, "model")) {
    const path = resolve(sources.cwd, readGiven(given, parsePath));
    const all = [...engines, ...more];
    if (all.some(({ settings }) => settings.model === path)) continue;
    more.push(requestGguf(path, {
      setting: given.setting,
      taken: new Set(all.flatMap(namesOf)),
      ...sharedSettings(sources),
    }));
  }
  return [first, ...others, ...more];
}

/** What it is called, or may be once its program is found. */
function namesOf({ name, program }: RequestedEngine): readonly string[] {
  if (name !== null) return [name];
  if (program.kind !== "command") return ["builtin", "python"];
  return [toEngineName(basename(program.command[0]))];
}

/** What of flags and environment holds for engines of GGUF files, too. */
export function sharedSettings(
  sources: SettingSources,
): Pick<RequestedEngine, "pythonDir" | "settings"> {
  const { socket: _socket, healthPath: _path, ...settings } = readEngineSettings(sources);
  return { pythonDir: readPath(sources, "python-dir"), settings };
}

function belongsToOne(setting: string, { length }: RequestedEngines): UsageError {
  const engines = length === 1 ? "an engine of its own" : `${length} engines`;
  return new UsageError({
    detail: `${setting} is given, and the configuration file has ${engines}.`,
    remedy: `Leave ${setting} away and set it in the file.`,
  });
}

function readEngineSettings(sources: SettingSources): RequestedEngine["settings"] {
  const socket = readSocket(sources, "engine-socket");
  const healthPath = read(sources, "health-path", parseHealthPath);
  const startTimeoutMs = read(sources, "start-timeout", parseStartTimeout);
  const graceMs = read(sources, "grace", parseGrace);
  const idleTimeoutMs = read(sources, "idle-timeout", parseIdleTimeout);
  return {
    ...(socket === null ? {} : { socket }),
    ...(healthPath === undefined ? {} : { healthPath }),
    ...(startTimeoutMs === undefined ? {} : { startTimeoutMs }),
    ...(graceMs === undefined ? {} : { graceMs }),
    ...(idleTimeoutMs === undefined ? {} : { idleTimeoutMs }),
  };
}

function readProgram(sources: SettingSources): EngineRequest {
  const given = find(sources, "engine");
  const path = readPath(sources, "engine");
  if (given === undefined || path === null) return { kind: "auto" };
  const { value, setting } = given;
  if (value === "builtin") return { kind: value };
  if (value === "python") return { kind: value, setting };
  return { kind: "command", command: [path], setting };
}

export function parsePath(text: string): Parsed<string> {
  if (text !== "" && !text.includes("\0")) return accept(text);
  return refuse("which is not a path", "Name a file or a folder", "./engine");
}

export function parseLogLevel(text: string): Parsed<LogLevel> {
  const level = LOG_LEVELS.find((one) => one === text);
  if (level !== undefined) return accept(level);
  return refuse("which is not a level", `Take one of ${LOG_LEVELS.join(", ")}`, "info");
}

export function parseHealthPath(text: string): Parsed<string> {
  if (/^\/[\x21\x22\x24-\x7e]{0,1023}$/.test(text)) return accept(text);
  return refuse(
    "which is not the path of a request",
    "Begin with / and use at most 1024 letters, digits and signs without spaces or #",
    "/health",
  );
}
