/**
 * What is handed to the system so that a process comes to be as it was asked for. Without a cgroup and
 * without limits that is the program itself; else others go before it, each of which becomes the next
 * one (exec), so that the process and its number stay the same.
 *
 * @module
 */
import type { SpawnSpec } from "../core/mod.ts";
import type { EngineCgroup } from "./cgroup.ts";

/** What limits add to a launch. */
export interface LaunchLimits {
  /** Programs with their arguments that set a limit and become what comes after them. */
  readonly prefix: readonly string[];
  /** Variables of another user, where the engine's own settings give none. */
  readonly env: Readonly<Record<string, string>>;
  /** Variables that are this user's alone. */
  readonly withheld: readonly string[];
  /** A process that can't be put into its cgroup must not run. */
  readonly needsCgroup: boolean;
}

export interface Launch {
  readonly program: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Nothing is inherited: `env` is all there is. */
  readonly clearEnv: boolean;
}

/** $0 is the cgroup's file of processes. */
const ENTER = 'echo $$ >"$0"; exec "$@"';
const ENTER_OR_FAIL = 'echo $$ >"$0" || exit 125; exec "$@"';

/** `find` gives the path of the program, which has to stand by itself there, or throws. */
export function planLaunch(
  spec: SpawnSpec,
  { cgroup, limits, find }: {
    readonly cgroup: EngineCgroup | null;
    readonly limits: LaunchLimits | null;
    readonly find: (path: string | undefined) => string;
  },
): Launch {
  const [program, ...args] = spec.argv;
  const own: Readonly<Record<string, string>> = {
    ...limits?.env,
    ...spec.env,
    AI_ENGINE_RUN: spec.runId,
  };
  const inherited = inheritedBy(spec, limits?.withheld ?? []);
  const env = inherited === "all" ? own : { ...inherited, ...own };
  const clearEnv = inherited !== "all";
  const prefix = limits?.prefix ?? [];
  if (cgroup === null && prefix.length === 0) return { program, args, env, clearEnv };
  const { PATH = clearEnv ? undefined : Deno.env.get("PATH") } = env;
  const rest = [...prefix, find(PATH), ...args];
  if (cgroup === null) return { program: rest[0] ?? program, args: rest.slice(1), env, clearEnv };
  const script = limits?.needsCgroup === true ? ENTER_OR_FAIL : ENTER;
  return { program: "/bin/sh", args: ["-c", script, cgroup.procs, ...rest], env, clearEnv };
}

/** `all` when nothing has to be left out. */
function inheritedBy(
  { inherits = { allBut: [] } }: SpawnSpec,
  withheld: readonly string[],
): "all" | Readonly<Record<string, string>> {
  if ("only" in inherits) {
    const names = inherits.only.filter((name) => !withheld.includes(name));
    return pick(names);
  }
  const left = new Set([...inherits.allBut, ...withheld]);
  if (![...left].some((name) => Deno.env.has(name))) return "all";
  return pick(Object.keys(Deno.env.toObject()).filter((name) => !left.has(name)));
}

function pick(names: readonly string[]): Record<string, string> {
  const picked: Record<string, string> = {};
  for (const name of names) {
    const value = Deno.env.get(name);
    if (value !== undefined) picked[name] = value;
  }
  return picked;
}
