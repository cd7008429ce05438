/** Real processes: each leader of its own session and group, with a run id in its environment. */
import type {
  ExitStatus,
  MemoryHold,
  Processes,
  ProcessTree,
  SpawnLimits,
  SpawnSpec,
} from "../core/mod.ts";
import { resolve } from "@std/path";
import type { EngineCgroup } from "./cgroup.ts";
import { findProgram } from "./find_program.ts";
import { killAll, killIfThere } from "./kill.ts";
import { entersItself, type LaunchLimits, planLaunch } from "./launch.ts";
import type { OrphanGuard } from "./orphan_guard.ts";
import { findFlaw } from "./program_head.ts";
import {
  hasLiveMember,
  isStopped,
  ledBy,
  residentBytes,
  startTimeOf,
  withEnvironment,
} from "./procfs.ts";
import type { TreeMemory } from "./tree_memory.ts";
import { toFlawError, toSpawnError } from "./spawn_error.ts";

/** Limits of one process, made ready for it. */
export interface PreparedLimits extends LaunchLimits {
  /** Once it runs: how its memory is held, where it is to be. */
  hold(process: { readonly pid: number; readonly runId: string }): MemoryHold | undefined;
  /** Removes what was made for it. */
  remove(): void;
}

/** Makes limits ready, in a cgroup if there is one. Throws `SpawnError`. */
export type PrepareLimits = (
  limits: SpawnLimits,
  cgroup: EngineCgroup | null,
) => PreparedLimits;

export interface SystemProcessesOptions {
  /** The umask that engines get: the one this program was started with. */
  readonly umask: number;
  /** Ends what is left should this program be killed. @default nobody does */
  readonly guard?: OrphanGuard;
  /** Variables that no process inherits unless it names them. @default none */
  readonly withheld?: () => readonly string[];
  /** From {@linkcode loadLimits}. @default no process may have limits */
  readonly prepareLimits?: PrepareLimits;
}

/** Who sets no limit on any engine does not load what sets them. */
export async function loadLimits(): Promise<PrepareLimits> {
  return (await import("./limits.ts")).prepareLimits;
}

export function systemProcesses(options: SystemProcessesOptions): Processes {
  const { guard, umask } = options;
  const setsid = findSetsid();
  return {
    spawn(spec) {
      const spawn = (cgroup: EngineCgroup | null) => {
        const limits = prepare(spec, { ...options, cgroup });
        try {
          const child = start(without(spec, options), { umask, cgroup, limits, setsid });
          return new SystemProcessTree(child, { runId: spec.runId, guard, cgroup, limits });
        } catch (error) {
          limits?.remove();
          throw error;
        }
      };
      return guard === undefined ? spawn(null) : guard.watch(spec.runId, spawn);
    },
  };
}

function prepare(
  { limits }: SpawnSpec,
  { prepareLimits, cgroup }: SystemProcessesOptions & { readonly cgroup: EngineCgroup | null },
): PreparedLimits | null {
  if (limits === undefined) return null;
  if (prepareLimits === undefined) throw new TypeError("Nobody is there to set limits");
  return prepareLimits(limits, cgroup);
}

function without(spec: SpawnSpec, { withheld }: SystemProcessesOptions): SpawnSpec {
  const { inherits = { allBut: [] } } = spec;
  const names = withheld?.() ?? [];
  if ("only" in inherits || names.length === 0) return spec;
  return { ...spec, inherits: { allBut: [...inherits.allBut, ...names] } };
}

/** Elsewhere than on Linux it might wait for what it starts, in place of becoming it. */
function findSetsid(): string | null {
  if (Deno.build.os !== "linux") return null;
  const result = findProgram("setsid", { path: Deno.env.get("PATH") });
  return result.found ? result.path : null;
}

/** What an exit whose status nobody can tell any more counts as. */
const UNKNOWN_EXIT_CODE = 255;

interface TreeContext {
  readonly runId: string;
  readonly guard: OrphanGuard | undefined;
  readonly cgroup: EngineCgroup | null;
  readonly limits: PreparedLimits | null;
}

class SystemProcessTree implements ProcessTree {
  readonly pid: number;
  readonly stdout: ReadableStream<Uint8Array>;
  readonly stderr: ReadableStream<Uint8Array>;
  readonly exited: Promise<ExitStatus>;
  readonly memoryHold?: MemoryHold;
  readonly #child: Deno.ChildProcess;
  readonly #context: TreeContext;
  readonly #startTime: string | null;
  /** Its way into its cgroup. */
  readonly #placing: Promise<void>;
  #hadGroup = true;
  #memory: TreeMemory | undefined;

  constructor(child: Deno.ChildProcess, context: TreeContext) {
    this.#child = child;
    this.#context = context;
    this.pid = child.pid;
    this.#startTime = startTimeOf(child.pid);
    const { cgroup, limits } = context;
    const isTakenIn = cgroup !== null && !entersItself(limits);
    this.#placing = isTakenIn ? cgroup.takeIn(child.pid) : Promise.resolve();
    const hold = context.limits?.hold({ pid: child.pid, runId: context.runId });
    if (hold !== undefined) this.memoryHold = hold;
    this.stdout = child.stdout;
    this.stderr = child.stderr;
    this.exited = child.status.then(
      ({ code, signal }) => ({ code, osSignal: signal }),
      // Reaped by the kernel: whoever started this program had it ignore SIGCHLD (seen on 2.6.10).
      () => ({ code: UNKNOWN_EXIT_CODE, osSignal: null }),
    );
  }

  signal(osSignal: "SIGTERM" | "SIGKILL"): void {
    // For a moment it may not lead a group yet.
    if (!killIfThere(-this.pid, osSignal)) this.#killLeader(osSignal);
    if (osSignal === "SIGKILL") this.#context.cgroup?.kill();
    // A stopped process sees SIGTERM only once it goes on.
    if (osSignal === "SIGTERM") killIfThere(-this.pid, "SIGCONT");
  }

  /** Nothing happens to one that is reaped, nor to whoever has its number by then. */
  #killLeader(osSignal: "SIGTERM" | "SIGKILL"): void {
    try {
      this.#child.kill(osSignal);
    } catch {
      // It has ended.
    }
  }

  async killStrays(): Promise<number> {
    const { cgroup, runId } = this.#context;
    await this.#placing;
    const met = cgroup?.isPopulated() === true ? Math.max(cgroup.pids().length, 1) : 0;
    if (met > 0) cgroup?.kill();
    const seen = new Set<number>();
    const ours = { variable: `AI_ENGINE_RUN=${runId}\0`, leaders: this.#ownNumber() };
    for await (const pid of killAll(ours)) seen.add(pid);
    return met + seen.size;
  }

  /**
   * The number of its session, in which one may be left that has shed group and environment. While
   * somebody is in it the number is not given away; a leader that began later heads another.
   */
  #ownNumber(): ReadonlySet<number> {
    const leader = startTimeOf(this.pid);
    return new Set(leader === null || leader === this.#startTime ? [this.pid] : []);
  }

  async hasGroup(): Promise<boolean> {
    return this.#hadGroup = await hasLiveMember(this.pid);
  }

  rssBytes(): number | null {
    return residentBytes(this.pid);
  }

  async heldBytes(): Promise<number> {
    const { TreeMemory } = await import("./tree_memory.ts");
    const { cgroup = null, runId } = this.#context;
    this.#memory ??= new TreeMemory({ leader: this.pid, runId, cgroup });
    return await this.#memory.heldBytes();
  }

  async ownsPort(port: number): Promise<boolean | null> {
    const { ownsPort } = await import("./port_owner.ts");
    return await ownsPort(this.#pids(), port);
  }

  /** Of all that belong to it, some more than once. */
  async *#pids(): AsyncGenerator<number> {
    const { cgroup, runId } = this.#context;
    if (cgroup?.isPopulated() === true) yield* cgroup.pids();
    yield* ledBy(this.#ownNumber());
    yield* withEnvironment(`AI_ENGINE_RUN=${runId}\0`);
  }

  isStopped(): boolean {
    return isStopped(this.pid);
  }

  release(): void {
    this.#unguard().catch(() => {
      // Then it stays guarded, which does no harm.
    });
    // The pipe may be broken already; then there is nothing to close.
    this.#child.stdin.close().catch(() => {});
    for (const stream of [this.stdout, this.stderr]) {
      // With a reader, letting go is the reader's.
      if (!stream.locked) stream.cancel().catch(() => {});
    }
    this.#context.limits?.remove();
  }

  /** One that is given up stays guarded until its group and its cgroup are empty. */
  async #unguard(): Promise<void> {
    const { guard, runId, cgroup } = this.#context;
    if (guard === undefined) return;
    if (this.#hadGroup) {
      await this.exited;
      if (await this.hasGroup()) return;
    }
    if (cgroup?.isPopulated() !== true) guard.forget(runId);
  }
}

function start(
  spec: SpawnSpec,
  { umask, cgroup, limits, setsid }: {
    readonly umask: number;
    readonly cgroup: EngineCgroup | null;
    readonly limits: PreparedLimits | null;
    readonly setsid: string | null;
  },
): Deno.ChildProcess {
  const [named] = spec.argv;
  checkSpec(spec);
  const { program, args, env, clearEnv, detached } = planLaunch(spec, {
    cgroup,
    limits,
    setsid,
    find(path) {
      const result = findProgram(named, { path, cwd: spec.cwd });
      if (!result.found) throw toFlawError(named, result.flaw);
      return result.path;
    },
  });
  const command = new Deno.Command(program, {
    args: [...args],
    env: { ...env },
    clearEnv,
    ...(spec.cwd === undefined ? {} : { cwd: spec.cwd }),
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
    detached,
  });
  // The umask belongs to the whole process; nothing else runs between these two lines.
  const ours = Deno.umask(umask);
  try {
    return command.spawn();
  } catch (error) {
    throw toSpawnError(named, error);
  } finally {
    Deno.umask(ours);
  }
}

/** Throws `SpawnError` for what would fail by a text that names no cause. */
function checkSpec({ argv: [program], cwd }: SpawnSpec): void {
  if (cwd !== undefined && !isDirectory(cwd)) throw toFlawError(program, "no_cwd", cwd);
  const flaw = program.includes("/") ? findFlaw(resolve(cwd ?? "", program)) : null;
  if (flaw !== null) throw toFlawError(program, flaw);
}

function isDirectory(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch {
    return false;
  }
}
