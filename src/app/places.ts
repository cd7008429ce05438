import { isAbsolute, join } from "@std/path";
import { checkSocketPath, type EngineSettings, type Settings } from "../config/mod.ts";
import { type Clock, ConfigError } from "../core/mod.ts";
import { checkSocketDir, host, openRuntimeDir, takeLock } from "../platform/mod.ts";

/** Where the files of this program are. */
export interface Places {
  readonly runtimeDir: string;
  readonly control: string;
  /** Of what engines print; made when something is written there. */
  readonly logDir: string;
}

/** A socket that will be made, and what leads to its path. */
interface SocketPlace {
  readonly path: string;
  readonly role: string;
  readonly setting: "--control" | "--engine-socket" | "--listen" | "XDG_RUNTIME_DIR";
}

export interface PlacesOptions {
  readonly env: Readonly<Record<string, string>>;
  readonly clock: Clock;
}

/**
 * Checks every place that is needed, and makes sure that no other supervisor has them. Throws
 * `ConfigError` or `StorageError`.
 */
export async function openPlaces(
  settings: Settings,
  { env, clock }: PlacesOptions,
): Promise<Places> {
  const runtimeDir = await openRuntimeDir(env);
  const control = settings.control ?? join(runtimeDir, "control.sock");
  const logDir = settings.logs.dir ?? join(stateDir(env) ?? runtimeDir, "logs");
  const places = { runtimeDir, control, logDir };
  const sockets = socketPlaces(settings, places);
  for (const { path, setting } of sockets) {
    if (setting === "XDG_RUNTIME_DIR") checkSocketPath(path, setting);
    else await checkSocketDir(path, setting);
  }
  checkDistinct(sockets);
  const startedAt = new Date(clock.wall()).toISOString();
  await takeLock(runtimeDir, { pid: host.pid, startedAt, control });
  return places;
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

/** Where an engine listens. */
export function engineSocket({ runtimeDir }: Places, { socket, name }: EngineSettings): string {
  return socket ?? join(runtimeDir, `engine-${name}.sock`);
}

function socketPlaces(settings: Settings, places: Places): readonly SocketPlace[] {
  return [
    {
      path: places.control,
      role: "the control socket",
      setting: settings.control === null ? "XDG_RUNTIME_DIR" : "--control",
    },
    ...settings.engines.map((engine): SocketPlace => ({
      path: engineSocket(places, engine),
      role: `the engine ${engine.name}`,
      setting: engine.socket === null ? "XDG_RUNTIME_DIR" : "--engine-socket",
    })),
    ...settings.listen.flatMap((address): readonly SocketPlace[] =>
      address.kind === "unix" ? [{ path: address.path, role: "--listen", setting: "--listen" }] : []
    ),
  ];
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
