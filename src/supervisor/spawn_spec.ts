/** From the settings of an engine to what is to be run. */
import { dirname } from "@std/path";
import {
  type EngineSettings,
  modelOf,
  type Placeholder,
  SECRET_VARIABLES,
  transportOf,
} from "../config/mod.ts";
import {
  type InheritedVariables,
  SpawnError,
  type SpawnLimits,
  type SpawnSpec,
  toAiEngineError,
} from "../core/mod.ts";

/** What is known of a process before it is there. */
export interface Seat {
  /** Where it listens, if that is a socket. */
  readonly socket: string;
  /** Found by it as AI_ENGINE_PORT. @default it gets none */
  readonly port?: number | null;
  /** What its requests carry. @default nothing */
  readonly token?: string | null;
  readonly runId: string;
}

export function toSpawnSpec(
  settings: EngineSettings,
  { frames = null, ...seat }: Seat & {
    /** Where it takes direct calls, found by it as AI_ENGINE_FRAMES. @default nowhere */
    readonly frames?: string | null;
  },
): SpawnSpec {
  const { socket, port = null } = seat;
  const limits = limitsOf(settings, socket);
  const spec = toCommandSpec(settings, { ...seat, command: settings.command });
  return {
    ...spec,
    env: {
      ...spec.env,
      ...(transportOf(settings) === "tcp" ? {} : { AI_ENGINE_SOCKET: socket }),
      ...(frames === null ? {} : { AI_ENGINE_FRAMES: frames }),
      ...(port === null ? {} : { AI_ENGINE_PORT: String(port) }),
    },
    ...(Object.keys(limits).length === 0 ? {} : { limits }),
  };
}

/** One command of an engine, with its environment. */
export function toCommandSpec(
  settings: EngineSettings,
  { command, ...seat }: Seat & { readonly command: readonly [string, ...string[]] },
): SpawnSpec {
  const fill = filler(settings, seat);
  const [program, ...args] = command;
  const set = Object.entries(settings.environment.set);
  return {
    argv: [fill(program), ...args.map(fill)],
    env: Object.fromEntries(set.map(([name, value]) => [name, fill(value)])),
    inherits: inheritedBy(settings),
    ...(settings.cwd === null ? {} : { cwd: settings.cwd }),
    runId: seat.runId,
  };
}

function filler(
  settings: EngineSettings,
  { socket, port = null, token = null }: Seat,
): (text: string) => string {
  const values: Readonly<Record<Placeholder, string>> = {
    SOCKET: socket,
    PORT: String(port ?? ""),
    MODEL: modelOf(settings),
    TOKEN: token ?? "",
  };
  return (text) =>
    text.replaceAll(/\$\{(SOCKET|PORT|MODEL|TOKEN)\}/g, (_, one: Placeholder) => values[one]);
}

/** Whether engines with these settings need somebody who sets limits. */
export function hasLimits(settings: EngineSettings): boolean {
  return Object.keys(limitsOf(settings, "")).length > 0;
}

function inheritedBy({ environment: { inherit } }: EngineSettings): InheritedVariables {
  if (inherit === "all") return { allBut: SECRET_VARIABLES };
  return { only: inherit.filter((name) => !SECRET_VARIABLES.includes(name)) };
}

function limitsOf(
  { nice, user, group, memory: { maxBytes } }: EngineSettings,
  socket: string,
): SpawnLimits {
  return {
    ...(nice === null ? {} : { nice }),
    // No other user gets into our own directory.
    ...(user === null ? {} : { user, privateDir: dirname(socket) }),
    ...(group === null ? {} : { group }),
    ...(maxBytes === null ? {} : { memoryMaxBytes: maxBytes }),
  };
}

/** Whatever else keeps a process from being started is no better in a moment. */
export function toSpawnError(error: unknown): SpawnError {
  if (error instanceof SpawnError) return error;
  const { message, remedy } = toAiEngineError(error);
  return new SpawnError({ detail: message, remedy, cause: error });
}
