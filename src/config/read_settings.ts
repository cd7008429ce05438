/**
 * From flags and environment to what was asked for. Pure: whether it is there is found out later.
 *
 * @module
 */
import { resolve } from "@std/path";
import { ConfigError } from "../core/mod.ts";
import { parseIdleTimeout, parseStartTimeout } from "./parse_duration.ts";
import { parseListen } from "./parse_listen.ts";
import { accept, type Parsed, refuse } from "./parsed.ts";
import { quote } from "./quote.ts";
import { SETTING_FLAGS, type SettingName } from "./setting_flags.ts";
import {
  DEFAULT_LISTEN,
  ENGINE_DEFAULTS,
  type EngineSettings,
  type ListenAddress,
} from "./settings.ts";
import { checkSocketPath } from "./socket_path.ts";

/** Where settings come from; a flag beats the environment. An empty variable counts as not set. */
export interface SettingSources {
  readonly flags: Readonly<Partial<Record<SettingName, string>>>;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Relative paths start here; itself absolute. */
  readonly cwd: string;
}

/** Which engine was asked for; `setting` says by what. */
export type EngineRequest =
  | { readonly kind: "auto" }
  | { readonly kind: "builtin" }
  | { readonly kind: "python"; readonly setting: string }
  | { readonly kind: "path"; readonly path: string; readonly setting: string };

/** Everything that was asked for, before an engine was looked for. */
export interface RequestedSettings {
  readonly listen: ListenAddress;
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
}

/** A value and where it was found. */
interface Given {
  readonly value: string;
  /** The flag or the variable. */
  readonly setting: string;
  /** How `value` is given in the same way. */
  assign(value: string): string;
}

/** Reads all settings of `serve`. Throws `ConfigError` about the first one that can't be used. */
export function readSettings(sources: SettingSources): RequestedSettings {
  return {
    listen: read(sources, "listen", parseListen) ?? DEFAULT_LISTEN,
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
  };
}

/** Reads only where the control socket is, for the commands. Throws `ConfigError`. */
export function readControl(sources: SettingSources): string | null {
  return readSocket(sources, "control");
}

function find(sources: SettingSources, name: SettingName): Given | undefined {
  const flag = sources.flags[name];
  if (flag !== undefined) {
    return { value: flag, setting: `--${name}`, assign: (value) => `--${name} ${value}` };
  }
  const { variable } = SETTING_FLAGS[name];
  const value = sources.env[variable];
  if (value === undefined || value === "") return undefined;
  return { value, setting: variable, assign: (value) => `${variable}=${value}` };
}

function read<T>(
  sources: SettingSources,
  name: SettingName,
  parse: (text: string) => Parsed<T>,
): T | undefined {
  const given = find(sources, name);
  if (given === undefined) return undefined;
  const parsed = parse(given.value);
  if (parsed.ok) return parsed.value;
  throw new ConfigError("config_invalid", {
    detail: `${given.setting} is ${quote(given.value)}, ${parsed.why}.`,
    remedy: `${parsed.fix}, for example ${given.assign(parsed.example)}.`,
  });
}

function readPath(sources: SettingSources, name: "python-dir" | "engine"): string | null {
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

function parseHealthPath(text: string): Parsed<string> {
  if (/^\/[\x21\x22\x24-\x7e]{0,1023}$/.test(text)) return accept(text);
  return refuse(
    "which is not the path of a request",
    "Begin with / and use at most 1024 letters, digits and signs without spaces or #",
    "/health",
  );
}
