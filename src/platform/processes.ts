/** Real processes: each leader of its own session and group, with a run id in its environment. */
import {
  type ExitStatus,
  type Processes,
  type ProcessTree,
  SpawnError,
  type SpawnFault,
  type SpawnSpec,
} from "../core/mod.ts";
import { resolve } from "@std/path";
import { type Lack, lackOf } from "./lack.ts";
import type { OrphanGuard } from "./orphan_guard.ts";
import { descriptorLimit, threadLimit } from "./process_limits.ts";
import { findFlaw, type ProgramFlaw } from "./program_head.ts";
import { hasLiveMember, isStopped, residentBytes, withEnvironment } from "./procfs.ts";

export interface SystemProcessesOptions {
  /** The umask that engines get: the one this program was started with. */
  readonly umask: number;
  /** Ends what is left should this program be killed. @default nobody does */
  readonly guard?: OrphanGuard;
}

export function systemProcesses({ umask, guard }: SystemProcessesOptions): Processes {
  return {
    spawn(spec) {
      const spawn = () => start(spec, umask);
      const child = guard === undefined ? spawn() : guard.watch(spec.runId, spawn);
      return new SystemProcessTree(child, { runId: spec.runId, guard });
    },
  };
}

/** What an exit whose status nobody can tell any more counts as. */
const UNKNOWN_EXIT_CODE = 255;

class SystemProcessTree implements ProcessTree {
  readonly pid: number;
  readonly stdout: ReadableStream<Uint8Array>;
  readonly stderr: ReadableStream<Uint8Array>;
  readonly exited: Promise<ExitStatus>;
  readonly #child: Deno.ChildProcess;
  readonly #runId: string;
  readonly #guard: OrphanGuard | undefined;
  #hadGroup = true;

  constructor(
    child: Deno.ChildProcess,
    { runId, guard }: { readonly runId: string; readonly guard: OrphanGuard | undefined },
  ) {
    this.#child = child;
    this.#runId = runId;
    this.#guard = guard;
    this.pid = child.pid;
    this.stdout = child.stdout;
    this.stderr = child.stderr;
    this.exited = child.status.then(
      ({ code, signal }) => ({ code, osSignal: signal }),
      // Reaped by the kernel: whoever started this program had it ignore SIGCHLD (seen on 2.6.10).
      () => ({ code: UNKNOWN_EXIT_CODE, osSignal: null }),
    );
  }

  signal(osSignal: "SIGTERM" | "SIGKILL"): void {
    killIfThere(-this.pid, osSignal);
    // A stopped process sees SIGTERM only once it goes on.
    if (osSignal === "SIGTERM") killIfThere(-this.pid, "SIGCONT");
  }

  async killStrays(): Promise<number> {
    let met = 0;
    // Each at once when it is found: later its pid might be another's.
    for await (const pid of withEnvironment(`AI_ENGINE_RUN=${this.#runId}\0`)) {
      killIfThere(pid, "SIGKILL");
      met++;
    }
    return met;
  }

  async hasGroup(): Promise<boolean> {
    return this.#hadGroup = await hasLiveMember(this.pid);
  }

  rssBytes(): number | null {
    return residentBytes(this.pid);
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
  }

  /** One that is given up stays guarded until its group is gone. */
  async #unguard(): Promise<void> {
    if (this.#guard === undefined) return;
    if (this.#hadGroup) {
      await this.exited;
      if (await this.hasGroup()) return;
    }
    this.#guard.forget(this.#runId);
  }
}

function start(spec: SpawnSpec, umask: number): Deno.ChildProcess {
  const [program, ...args] = spec.argv;
  const flaw = program.includes("/") ? findFlaw(resolve(spec.cwd ?? "", program)) : null;
  if (flaw !== null) throw spawnError(program, explainFlaw(flaw), { fault: "program" });
  const command = new Deno.Command(program, {
    args,
    env: { ...spec.env, AI_ENGINE_RUN: spec.runId },
    ...(spec.cwd === undefined ? {} : { cwd: spec.cwd }),
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
    detached: true,
  });
  // The umask belongs to the whole process; nothing else runs between these two lines.
  const ours = Deno.umask(umask);
  try {
    return command.spawn();
  } catch (error) {
    const lack = lackOf(error);
    const explanation = lack === null ? explainSpawn(error) : explainLack(lack);
    throw spawnError(program, explanation, { fault: lack ?? "program", cause: error });
  } finally {
    Deno.umask(ours);
  }
}

function killIfThere(pid: number, osSignal: Deno.Signal): void {
  try {
    Deno.kill(pid, osSignal);
  } catch (error) {
    // Gone already, which is what was wanted; or (macOS) a zombie, which answers EPERM.
    if (error instanceof Deno.errors.NotFound) return;
    if (error instanceof Deno.errors.PermissionDenied) return;
    throw error;
  }
}

type Explanation = readonly [why: string, remedy: string];

function spawnError(
  program: string,
  [why, remedy]: Explanation,
  { fault, cause }: { readonly fault: SpawnFault; readonly cause?: unknown },
): SpawnError {
  return new SpawnError({ detail: `${program} ${why}.`, remedy, cause }, fault);
}

function explainLack(lack: Lack): Explanation {
  const again = "it is tried again while somebody waits";
  switch (lack) {
    case "descriptors":
      return [
        `could not be started: all ${descriptorLimit()} descriptors that this program may have open ` +
        "(`ulimit -n`), or all of the system, are in use",
        `Close connections to this program, or run it with a higher \`ulimit -n\`; ${again}.`,
      ];
    case "processes":
      return [
        "could not be started: there may be no further process; the limit of this user " +
        `(\`ulimit -u\`: ${threadLimit()}, threads count) or of a control group (pids.max) is reached`,
        `End processes of this user, or raise the limit; ${again}.`,
      ];
    case "memory":
      return [
        "could not be started: the system has no memory for another process (ENOMEM)",
        `End programs that take up memory, or see /proc/sys/vm/overcommit_memory; ${again}.`,
      ];
  }
}

function explainFlaw(flaw: ProgramFlaw): Explanation {
  switch (flaw) {
    case "directory":
      return ["is a directory", "Name the program in it."];
    case "another_architecture":
      return [
        `is a program for another architecture than this machine's (${Deno.build.arch})`,
        "Use a build for this machine.",
      ];
    case "no_interpreter":
      return [
        "is neither a program of this system nor a script with a `#!` line",
        "Begin the script with a `#!` line that names its interpreter, e.g. `#!/bin/sh`.",
      ];
  }
}

function explainSpawn(error: unknown): Explanation {
  const text = error instanceof Error ? error.message : String(error);
  if (error instanceof Deno.errors.NotFound && text.includes("No such cwd")) {
    return ["can't be started in a directory that is not there", "Check its working directory."];
  }
  if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) {
    return ["is not there, or the interpreter its first line names is not", "Check the path."];
  }
  if (error instanceof Deno.errors.PermissionDenied) {
    return ["is not executable", "Run `chmod +x` on it, or name another program."];
  }
  return [
    `could not be started: ${text}`,
    "See the cause, mend it, and start it again.",
  ];
}
