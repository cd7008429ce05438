/** Real processes: each leader of its own session and group, with a run id in its environment. */
import {
  type ExitStatus,
  type Processes,
  type ProcessTree,
  SpawnError,
  type SpawnSpec,
} from "../core/mod.ts";
import { hasLiveMember, residentBytes, withEnvironment } from "./procfs.ts";

export interface SystemProcessesOptions {
  /** The umask that engines get: the one this program was started with. */
  readonly umask: number;
}

export function systemProcesses(options: SystemProcessesOptions): Processes {
  return { spawn: (spec) => new SystemProcessTree(start(spec, options.umask), spec.runId) };
}

class SystemProcessTree implements ProcessTree {
  readonly pid: number;
  readonly stdout: ReadableStream<Uint8Array>;
  readonly stderr: ReadableStream<Uint8Array>;
  readonly exited: Promise<ExitStatus>;
  readonly #child: Deno.ChildProcess;
  readonly #runId: string;

  constructor(child: Deno.ChildProcess, runId: string) {
    this.#child = child;
    this.#runId = runId;
    this.pid = child.pid;
    this.stdout = child.stdout;
    this.stderr = child.stderr;
    this.exited = child.status.then(({ code, signal }) => ({ code, osSignal: signal }));
  }

  signal(osSignal: "SIGTERM" | "SIGKILL"): void {
    killIfThere(-this.pid, osSignal);
    // A stopped process sees SIGTERM only once it goes on.
    if (osSignal === "SIGTERM") killIfThere(-this.pid, "SIGCONT");
  }

  async killStrays(): Promise<number> {
    const strays = await withEnvironment("AI_ENGINE_RUN", this.#runId);
    for (const pid of strays) killIfThere(pid, "SIGKILL");
    return strays.length;
  }

  hasGroup(): Promise<boolean> {
    return hasLiveMember(this.pid);
  }

  rssBytes(): Promise<number | null> {
    return residentBytes(this.pid);
  }

  release(): void {
    // The pipe may be broken already; then there is nothing to close.
    this.#child.stdin.close().catch(() => {});
  }
}

function start(spec: SpawnSpec, umask: number): Deno.ChildProcess {
  const [program, ...args] = spec.argv;
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
    throw toSpawnError(program, error);
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
    if (error instanceof TypeError) return;
    throw error;
  }
}

function toSpawnError(program: string, error: unknown): SpawnError {
  const text = error instanceof Error ? error.message : String(error);
  const [why, remedy] = explainSpawn(error, text);
  return new SpawnError({ detail: `${program} ${why}.`, remedy, cause: error });
}

function explainSpawn(error: unknown, text: string): [why: string, remedy: string] {
  if (error instanceof Deno.errors.NotFound) {
    return ["is not there, or the interpreter its first line names is not", "Check the path."];
  }
  if (error instanceof Deno.errors.PermissionDenied) {
    return ["is not executable", `Run \`chmod +x\` on it, or name another program.`];
  }
  if (/os error 8\)|exec format/i.test(text)) {
    return [
      "is not a program that this machine can run (another architecture, or no `#!` line)",
      "Use a build for this machine, or start the script with a `#!` line.",
    ];
  }
  return [
    `could not be started: ${text}`,
    "Look at the limits of this user (`ulimit -a`) and try again.",
  ];
}
