/**
 * From flags and environment to what was asked for. Pure: whether it is there is found out later.
 *
 * @module
 */
import { resolve } from "@std/path";
import { find, read, type SettingSources } from "./given.ts";
import { parseIdleTimeout, parseStartTimeout } from "./parse_duration.ts";
import { accept, type Parsed, refuse } from "./parsed.ts";
import { readListen } from "./read_listen.ts";
import {
  type AccessSettings,
  ENGINE_DEFAULTS,
  type EngineSettings,
  type ListenAddresses,
  LOG_DEFAULTS,
  LOG_LEVELS,
  type LogLevel,
  type LogSettings,
  type LogTarget,
} from "./settings.ts";
import { checkSocketPath } from "./socket_path.ts";

/** Which engine was asked for; `setting` says by what. */
export type EngineRequest =
  | { readonly kind: "auto" }
  | { readonly kind: "builtin" }
  | { readonly kind: "python"; readonly setting: string }
  | { readonly kind: "path"; readonly path: string; readonly setting: string };

/** Everything that was asked for, before an engine was looked for. */
export interface RequestedSettings {
  readonly listen: ListenAddresses;
  /** Absolute; `null` = `control.sock` in the runtime directory. */
  readonly control: string | null;
  readonly engine: EngineRequest;
  /** Absolute; `null` when not given. */
  readonly pythonDir: string | null;
  /** What holds for the engine, whichever it will be. */
  readonly limits: Pick<
    EngineSettings,
    "socket" | "healthPath" | "startTimeoutMs" | "idleTimeoutMs"
  >;
  readonly logs: Pick<LogSettings, "level" | "target">;
  readonly access: AccessSettings;
}

/**
 * Reads all settings of `serve`. Throws `ConfigError` about the first one that can't be used,
 * `UsageError` about an address that is given twice.
 */
export function readSettings(sources: SettingSources): RequestedSettings {
  return {
    listen: readListen(sources),
    control: readControl(sources),
    engine: readEngine(sources),
    pythonDir: readPath(sources, "python-dir"),
    limits: {
      socket: readSocket(sources, "engine-socket"),
      healthPath: read(sources, "health-path", parseHealthPath) ?? ENGINE_DEFAULTS.healthPath,
      startTimeoutMs: read(sources, "start-timeout", parseStartTimeout) ??
        ENGINE_DEFAULTS.startTimeoutMs,
      idleTimeoutMs: read(sources, "idle-timeout", parseIdleTimeout) ??
        ENGINE_DEFAULTS.idleTimeoutMs,
    },
    logs: {
      level: read(sources, "log-level", parseLogLevel) ?? LOG_DEFAULTS.level,
      target: readLogTarget(sources),
    },
    access: { tokenFile: readPath(sources, "token-file") },
  };
}

/** Reads only where the control socket is, for the commands. Throws `ConfigError`. */
export function readControl(sources: SettingSources): string | null {
  return readSocket(sources, "control");
}

function readLogTarget(sources: SettingSources): LogTarget {
  const path = readPath(sources, "log-file");
  if (path === null) return LOG_DEFAULTS.target;
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

function readEngine(sources: SettingSources): EngineRequest {
  const given = find(sources, "engine");
  const path = readPath(sources, "engine");
  if (given === undefined || path === null) return { kind: "auto" };
  const { value, setting } = given;
  if (value === "builtin") return { kind: value };
  if (value === "python") return { kind: value, setting };
  return { kind: "path", path, setting };
}

function parsePath(text: string): Parsed<string> {
  if (text !== "" && !text.includes("\0")) return accept(text);
  return refuse("which is not a path", "Name a file or a folder", "./engine");
}

function parseLogLevel(text: string): Parsed<LogLevel> {
  const level = LOG_LEVELS.find((one) => one === text);
  if (level !== undefined) return accept(level);
  return refuse("which is not a level", `Take one of ${LOG_LEVELS.join(", ")}`, "info");
}

function parseHealthPath(text: string): Parsed<string> {
  if (/^\/[\x21\x22\x24-\x7e]{0,1023}$/.test(text)) return accept(text);
  return refuse(
    "which is not the path of a request",
    "Begin with / and use at most 1024 letters, digits and signs without spaces or #",
    "/health",
  );
}
