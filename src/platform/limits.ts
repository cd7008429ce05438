/**
 * Sets limits on a process by programs that go before it: `nice` (coreutils) and `setpriv` (util-linux),
 * each of which sets its own and becomes the next. Loaded when an engine has limits.
 *
 * @module
 */
import { SpawnError, type SpawnLimits } from "../core/mod.ts";
import type { EngineCgroup } from "./cgroup.ts";
import { enableMemory, limitMemory, wasOverMemory } from "./cgroup_memory.ts";
import { findProgram } from "./find_program.ts";
import { makePrivateDir, removePrivateDir } from "./private_dir.ts";
import type { PreparedLimits } from "./processes.ts";
import { TreeMemory } from "./tree_memory.ts";
import { findIdentity, type Identity } from "./user_lookup.ts";

/** What a user's own session has in its environment and another user's engine must not. */
const OF_A_SESSION = [
  "XDG_RUNTIME_DIR",
  "XDG_CACHE_HOME",
  "XDG_CONFIG_HOME",
  "XDG_DATA_HOME",
  "XDG_STATE_HOME",
];

/** Throws `SpawnError` about a limit that can't be set here. */
export function prepareLimits(limits: SpawnLimits, cgroup: EngineCgroup | null): PreparedLimits {
  const { privateDir, memoryMaxBytes } = limits;
  if (memoryMaxBytes !== undefined && Deno.build.os !== "linux") throw noMemoryLimit();
  const noCgroup = memoryMaxBytes === undefined ? null : limitByCgroup(memoryMaxBytes, cgroup);
  const identity = prepareIdentity(limits);
  const prefix = [...nicePrefix(limits.nice), ...identity?.prefix ?? []];
  if (privateDir !== undefined && identity !== null) makePrivateDir(privateDir, identity);
  return {
    prefix,
    env: identity?.env ?? {},
    withheld: (identity?.user ?? null) === null ? [] : OF_A_SESSION,
    needsCgroup: memoryMaxBytes !== undefined && noCgroup === null,
    hold({ pid, runId }) {
      if (memoryMaxBytes === undefined) return undefined;
      if (noCgroup === null && cgroup !== null) {
        return { by: "cgroup", wasOver: () => wasOverMemory(cgroup) };
      }
      const tree = new TreeMemory({ leader: pid, runId, cgroup });
      return { by: "watch", why: noCgroup ?? "", excess: () => tree.excessOf(memoryMaxBytes) };
    },
    remove() {
      if (privateDir !== undefined) removePrivateDir(privateDir);
    },
  };
}

function noMemoryLimit(): SpawnError {
  return new SpawnError({
    detail: "memory.max can be kept on Linux only.",
    remedy: "Leave memory.max out of the engine's settings.",
  });
}

/** Has the kernel hold `cgroup` to `maxBytes`; says why not when it can't. */
function limitByCgroup(maxBytes: number, cgroup: EngineCgroup | null): string | null {
  if (cgroup === null) return "there is no cgroup (v2) that this program may change";
  const why = enableMemory(cgroup.home);
  if (why !== null) return why;
  return limitMemory(cgroup, maxBytes) ? null : `${cgroup.dir} takes no memory.max`;
}

function nicePrefix(nice: number | undefined): readonly string[] {
  if (nice === undefined) return [];
  const more = nice - ownNiceness();
  if (more === 0) return [];
  const program = need("nice", "coreutils", "nice");
  // It only warns when it may not, and runs the program all the same: asked before.
  const got = more < 0 ? run(program, ["-n", String(more), program]).stdout.trim() : String(nice);
  if (got !== String(nice)) {
    throw new SpawnError({
      detail:
        `nice is ${nice}, and only root may take more of the processor than ${ownNiceness()}, which this program has.`,
      remedy: `Set nice to ${ownNiceness()} or more, or run the supervisor as root.`,
    });
  }
  return [program, "-n", String(more)];
}

/** Of this program, from -20 to 19; 0 where it can't be told. */
function ownNiceness(): number {
  try {
    const stat = Deno.readTextFileSync("/proc/self/stat");
    return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[16]);
  } catch {
    return 0;
  }
}

interface PreparedIdentity extends Identity {
  readonly prefix: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

function prepareIdentity({ user, group }: SpawnLimits): PreparedIdentity | null {
  if (user === undefined && group === undefined) return null;
  const wanted = [
    ...(user === undefined ? [] : [`user ${user}`]),
    ...(group === undefined ? [] : [`group ${group}`]),
  ].join(" and ");
  if (Deno.uid() !== 0) {
    throw new SpawnError({
      detail: `The engine is to run as ${wanted}, which only root can have it do; this ` +
        `supervisor runs as user ${Deno.uid()}.`,
      remedy:
        "Run the supervisor as root, or leave `user` and `group` out of the engine's settings.",
    });
  }
  const identity = findIdentity({ user, group });
  const setpriv = need("setpriv", "util-linux", user === undefined ? "group" : "user");
  const options = [
    ...(identity.user === null ? [] : [`--reuid=${identity.uid}`]),
    `--regid=${identity.gid}`,
    (identity.user?.name ?? null) === null ? "--clear-groups" : "--init-groups",
  ];
  const probe = run(setpriv, [...options, "true"]);
  if (!probe.success) {
    throw new SpawnError({
      detail: `The engine can't be run as ${wanted}: ${probe.stderr.trim()}.`,
      remedy:
        "Give the supervisor the rights of root (CAP_SETUID, CAP_SETGID) and the setpriv of " +
        "util-linux, or leave `user` and `group` out of the engine's settings.",
    });
  }
  return { ...identity, prefix: [setpriv, ...options], env: variablesOf(identity) };
}

function variablesOf({ user }: Identity): Record<string, string> {
  if (user === null || user.name === null) return {};
  return { HOME: user.home, USER: user.name, LOGNAME: user.name };
}

function need(name: string, source: string, setting: string): string {
  const program = findProgram(name, { path: Deno.env.get("PATH") });
  if (program.found) return program.path;
  throw new SpawnError({
    detail: `\`${setting}\` needs the program ${name} (${source}), which is not on the PATH.`,
    remedy: `Install ${source}, or leave \`${setting}\` out of the engine's settings.`,
  });
}

function run(program: string, args: readonly string[]) {
  const command = new Deno.Command(program, { args: [...args], stdin: "null" });
  const { success, stdout, stderr } = command.outputSync();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { success, stdout: text(stdout), stderr: text(stderr) };
}
