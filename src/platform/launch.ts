/**
 * What is handed to the system so that a process comes to be as it was asked for: the program itself, or
 * others before it, each of which becomes the next one (exec), so that the process and its number stay
 * the same.
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
  /**
   * Whether the system is to make it the leader of a session of its own, for which it copies this
   * program's address space (fork): up to 8 ms in which nothing else is done here. What can be told by
   * its arguments goes by a spawn that copies nothing.
   */
  readonly detached: boolean;
}

/** $0 is the cgroup's file of processes. */
const ENTER_OR_FAIL = 'echo $$ >"$0" || exit 125; exec "$@"';

/** `find` gives the path of the program, which has to stand by itself there, or throws. */
export function planLaunch(
  spec: SpawnSpec,
  { cgroup, limits, setsid, find }: {
    readonly cgroup: EngineCgroup | null;
    readonly limits: LaunchLimits | null;
    /** Path of setsid(1); `null` where there is none. */
    readonly setsid: string | null;
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
  const detached = setsid === null;
  const before = [
    ...(setsid === null ? [] : [setsid]),
    ...(cgroup !== null && entersItself(limits)
      ? ["/bin/sh", "-c", ENTER_OR_FAIL, cgroup.procs]
      : []),
    ...(limits?.prefix ?? []),
  ];
  const [first, ...others] = before;
  if (first === undefined) return { program, args, env, clearEnv, detached };
  const { PATH = clearEnv ? undefined : Deno.env.get("PATH") } = env;
  return { program: first, args: [...others, find(PATH), ...args], env, clearEnv, detached };
}

/**
 * Whether it enters its cgroup before it becomes the program. That takes it 5 to 15 ms, as the kernel
 * waits until no processor is in the middle of anything (an RCU grace period); where nothing depends on
 * it, it is put in from outside, while it begins ({@linkcode EngineCgroup.takeIn}).
 */
export function entersItself(limits: LaunchLimits | null): boolean {
  return limits?.needsCgroup === true;
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
