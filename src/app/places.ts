import { isAbsolute, join } from "@std/path";
import { checkLimits, checkSocketPath, type EngineSettings, type Settings } from "../config/mod.ts";
import { type Clock, ConfigError } from "../core/mod.ts";
import {
  checkSocketDir,
  host,
  openRuntimeDir,
  privateDirPrefix,
  takeLock,
} from "../platform/mod.ts";

/** Where the files of this program are. */
export interface Places {
  readonly runtimeDir: string;
  readonly control: string;
  /** Of what engines print; made when something is written there. */
  readonly logDir: string;
  /** What the folders of engines that run as another user begin with; `null` when there are none. */
  readonly privateDirs: string | null;
}

/** A socket that will be made, and what leads to its path. */
export interface SocketPlace {
  readonly path: string;
  readonly role: string;
  readonly setting: "--control" | "--engine-socket" | "--listen" | "XDG_RUNTIME_DIR" | "user";
}

export interface PlacesOptions {
  readonly env: Readonly<Record<string, string>>;
  readonly clock: Clock;
  /** New with each start of the program. */
  readonly boot: string;
}

/**
 * Checks every place that is needed, and makes sure that no other supervisor has them. Throws
 * `ConfigError` or `StorageError`.
 */
export async function openPlaces(
  settings: Settings,
  { env, clock, boot }: PlacesOptions,
): Promise<Places> {
  for (const engine of settings.engines) checkLimits(engine);
  const runtimeDir = await openRuntimeDir(env);
  const hasUsers = settings.engines.some(({ user }) => user !== null);
  const privateDirs = hasUsers ? await privateDirPrefix(boot) : null;
  const places = { ...namePlaces(settings, { env, runtimeDir }), privateDirs };
  await checkSockets(settings, places);
  const startedAt = new Date(clock.wall()).toISOString();
  await takeLock(runtimeDir, { pid: host.pid, startedAt, control: places.control });
  return places;
}

/** Where they are, without a look at them. */
export function namePlaces(
  settings: Settings,
  { env, runtimeDir }: Pick<PlacesOptions, "env"> & Pick<Places, "runtimeDir">,
): Omit<Places, "privateDirs"> {
  const control = settings.control ?? join(runtimeDir, "control.sock");
  const logDir = settings.logs.dir ?? join(stateDir(env) ?? runtimeDir, "logs");
  return { runtimeDir, control, logDir };
}

/** Checks every place that other settings need while the program runs. Throws `ConfigError`. */
export async function checkPlaces(settings: Settings, places: Places): Promise<void> {
  for (const engine of settings.engines) {
    checkLimits(engine);
    if (engine.user === null || places.privateDirs !== null) continue;
    throw new ConfigError("config_invalid", {
      detail:
        `user of the engine ${engine.name} is ${engine.user}, and no engine had another user ` +
        "when the program was started.",
      remedy: "Close the program and start it again.",
    });
  }
  await checkSockets(settings, places);
}

async function checkSockets(settings: Settings, places: Places): Promise<void> {
  const sockets = socketPlaces(settings, places);
  for (const { path, setting } of sockets) {
    if (setting === "XDG_RUNTIME_DIR" || setting === "user") checkSocketPath(path, setting);
    else await checkSocketDir(path, setting);
  }
  checkDistinct(sockets);
}

/**
 * Where what outlives the program is kept (XDG base directories: a relative path counts as not set);
 * `null` for a user without a home.
 */
function stateDir(env: Readonly<Record<string, string>>): string | null {
  const { XDG_STATE_HOME: state = "", HOME: home = "" } = env;
  if (isAbsolute(state)) return join(state, "ai-engine");
  return isAbsolute(home) ? join(home, ".local", "state", "ai-engine") : null;
}

/** Where models are looked for (XDG, as above); `null` for a user without a home. */
export function modelsDir(env: Readonly<Record<string, string>>): string | null {
  const { XDG_DATA_HOME: data = "", HOME: home = "" } = env;
  if (isAbsolute(data)) return join(data, "ai-engine", "models");
  return isAbsolute(home) ? join(home, ".local", "share", "ai-engine", "models") : null;
}

/**
 * Where the instance `id` of an engine listens: that of another user in a folder of its own, made with
 * each process. No name of an engine holds a `~`.
 */
export function engineSocket(
  { runtimeDir, privateDirs }: Places,
  { socket, name, user }: EngineSettings,
  id: number,
): string {
  const suffix = id === 0 ? "" : `~${id}`;
  if (user !== null && privateDirs !== null) {
    return join(`${privateDirs}${name}${suffix}`, "api.sock");
  }
  return (socket ?? join(runtimeDir, `engine-${name}.sock`)) + suffix;
}

/** All sockets that are made with these settings. */
export function socketPlaces(settings: Settings, places: Places): readonly SocketPlace[] {
  return [
    {
      path: places.control,
      role: "the control socket",
      setting: settings.control === null ? "XDG_RUNTIME_DIR" : "--control",
    },
    ...settings.engines.map((engine): SocketPlace => ({
      path: engineSocket(places, engine, (engine.replicas.max ?? engine.replicas.min) - 1),
      role: `the engine ${engine.name}`,
      setting: settingOf(engine),
    })),
    ...settings.listen.flatMap((address): readonly SocketPlace[] =>
      address.kind === "unix" ? [{ path: address.path, role: "--listen", setting: "--listen" }] : []
    ),
  ];
}

function settingOf({ socket, user }: EngineSettings): SocketPlace["setting"] {
  if (user !== null) return "user";
  return socket === null ? "XDG_RUNTIME_DIR" : "--engine-socket";
}

/** Two listeners on one path: the second would find the first in its way. */
function checkDistinct(sockets: readonly SocketPlace[]): void {
  const roles = new Map<string, string>();
  for (const { path, role } of sockets) {
    const other = roles.get(path);
    if (other !== undefined) {
      throw new ConfigError("config_invalid", {
        detail: `The socket ${path} is wanted twice: for ${other} and for ${role}.`,
        remedy: "Give --control, --engine-socket and --listen a path each.",
      });
    }
    roles.set(path, role);
  }
}
