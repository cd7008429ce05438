/**
 * From flags and environment to what was asked for. Pure: whether it is there is found out later.
 *
 * @module
 */
import { resolve } from "@std/path";
import { ConfigError, UsageError } from "../core/mod.ts";
import { parseIdleTimeout, parseStartTimeout } from "./parse_duration.ts";
import { formatListen, parseListen } from "./parse_listen.ts";
import { accept, type Parsed, refuse } from "./parsed.ts";
import { quote } from "./quote.ts";
import { SETTING_FLAGS, type SettingName } from "./setting_flags.ts";
import {
  DEFAULT_LISTEN,
  ENGINE_DEFAULTS,
  type EngineSettings,
  type ListenAddress,
  type ListenAddresses,
} from "./settings.ts";
import { checkSocketPath } from "./socket_path.ts";

/** Where settings come from; a flag beats the environment. An empty variable counts as not set. */
export interface SettingSources {
  /** Every value a flag was given, in order; where one is wanted, the last counts. */
  readonly flags: Readonly<Partial<Record<SettingName, readonly string[]>>>;
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
}

/** A value and where it was found. */
interface Given {
  readonly value: string;
  /** The flag or the variable. */
  readonly setting: string;
  /** `lists` when it is one of several in a variable. */
  readonly verb: "is" | "lists";
  /** How `value` is given in the same way. */
  assign(value: string): string;
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
  };
}

/** Reads only where the control socket is, for the commands. Throws `ConfigError`. */
export function readControl(sources: SettingSources): string | null {
  return readSocket(sources, "control");
}

function find(sources: SettingSources, name: SettingName): Given | undefined {
  return findFlags(sources, name).at(-1) ?? findVariable(sources, name);
}

/** Of a setting that may be given several times; in a variable commas stand between. */
function findAll(sources: SettingSources, name: SettingName): readonly Given[] {
  const flags = findFlags(sources, name);
  const variable = flags.length > 0 ? undefined : findVariable(sources, name);
  if (variable === undefined) return flags;
  const values = variable.value.split(",").map((value) => value.trim());
  const verb = values.length > 1 ? "lists" : "is";
  return values.map((value) => ({ ...variable, value, verb }));
}

function findFlags({ flags }: SettingSources, name: SettingName): readonly Given[] {
  const setting = `--${name}`;
  const assign = (value: string) => `${setting} ${value}`;
  return (flags[name] ?? []).map((value) => ({ value, setting, verb: "is", assign }));
}

function findVariable({ env }: SettingSources, name: SettingName): Given | undefined {
  const setting = SETTING_FLAGS[name].variable;
  const value = env[setting];
  if (value === undefined || value === "") return undefined;
  return { value, setting, verb: "is", assign: (value) => `${setting}=${value}` };
}

function read<T>(
  sources: SettingSources,
  name: SettingName,
  parse: (text: string) => Parsed<T>,
): T | undefined {
  const given = find(sources, name);
  return given === undefined ? undefined : readGiven(given, parse);
}

function readGiven<T>(given: Given, parse: (text: string) => Parsed<T>): T {
  const { value, setting, verb, assign } = given;
  const parsed = parse(value);
  if (parsed.ok) return parsed.value;
  throw new ConfigError("config_invalid", {
    detail: `${setting} ${verb} ${quote(value)}, ${parsed.why}.`,
    remedy: `${parsed.fix}, for example ${assign(parsed.example)}.`,
  });
}

function readListen(sources: SettingSources): ListenAddresses {
  const seen = new Set<string>();
  const [first = DEFAULT_LISTEN, ...more] = findAll(sources, "listen").map((given) => {
    const address = readAddress(given, sources.cwd);
    const text = formatListen(address);
    if (seen.has(text)) throw givenTwice(given.setting, text);
    // Of free ports there may be as many as are wanted.
    if (address.kind === "unix" || address.port !== 0) seen.add(text);
    return address;
  });
  return [first, ...more];
}

function readAddress(given: Given, cwd: string): ListenAddress {
  const address = readGiven(given, parseListen);
  if (address.kind === "tcp") return address;
  const path = resolve(cwd, address.path);
  checkSocketPath(path, given.setting);
  return { kind: "unix", path };
}

function givenTwice(setting: string, address: string): UsageError {
  return new UsageError({
    detail: `${setting} names ${quote(address)} twice.`,
    remedy: "Name each address once.",
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
