/** A supervisor of bad engines, through as many lives as it takes. */
import { join } from "@std/path";
import { readMemory } from "../bench/proc_files.ts";
import { type HeldFacts, type Holdings, readHoldings } from "../soak/holdings.ts";
import { getJson } from "./api.ts";
import { type Cast, engineOf } from "./cast.ts";
import { Downtimes } from "./downtimes.ts";
import { Family } from "./family.ts";
import { Life, type TcpAddress } from "./life.ts";
import { type Process, processTable, signal, variableOf } from "./process_table.ts";

export interface SupervisorOptions {
  /** A directory that nobody else uses, with a short path. */
  readonly home: string;
  readonly cast: Cast;
  /** The program and its first arguments. */
  readonly program: readonly string[];
  /** What `serve` is told of its engines. */
  readonly flags: readonly string[];
  /** What else the program finds in its environment, and its engines with it. */
  readonly env: Readonly<Record<string, string>>;
  /** What it finds other than the machine has it; `null` = nothing, where that needs root. */
  readonly surroundings: Surroundings | null;
  /** Told of what it prints that should not be there. */
  readonly onAlarm: (line: string) => void;
}

/** What is mounted for a supervisor, in a mount namespace of its own that is gone with its last process. */
export interface Surroundings {
  /** Whether it can make cgroups, if anybody here can. */
  readonly hasCgroup: boolean;
}

/** Of the file system for its logs, which the engine fills. */
const DISK_SIZE = "4m";

/** `argv` with a small file system on `directory`. */
export function mounted(
  { hasCgroup }: Surroundings,
  directory: string,
  argv: readonly string[],
): readonly string[] {
  const mounts = [`mount -t tmpfs -o size=${DISK_SIZE},mode=700 tmpfs "$0"`];
  if (!hasCgroup) mounts.push("mount -t tmpfs -o ro tmpfs /sys/fs/cgroup");
  return [
    "unshare",
    "--mount",
    "sh",
    "-c",
    `${mounts.join(" && ")} && exec "$@"`,
    directory,
    ...argv,
  ];
}

/** An engine, as far as it is used here. */
export interface View extends HeldFacts {
  readonly name: string;
  readonly state: string;
  readonly instances?: readonly { readonly socket: string }[];
}

export class Supervisor implements AsyncDisposable {
  readonly downtimes = new Downtimes();
  readonly family: Family;
  readonly #options: SupervisorOptions;
  #life: Life | undefined;
  #lastWords = "";
  #address: TcpAddress | undefined;

  constructor(options: SupervisorOptions) {
    this.#options = options;
    this.family = new Family(this.#runtimeDir);
  }

  get cast(): Cast {
    return this.#options.cast;
  }

  /** Where it listens, or did before it was ended. */
  get address(): TcpAddress {
    if (this.#address === undefined) throw new TypeError("It was never started");
    return this.#address;
  }

  get pid(): number {
    if (this.#life === undefined) throw new TypeError("It is down");
    return this.#life.pid;
  }

  /** What it said of itself before its last end. */
  get lastWords(): string {
    return this.#lastWords;
  }

  /** Resolves when it listens. */
  async start(): Promise<void> {
    const { home, cast, program, flags, env, surroundings, onAlarm } = this.#options;
    const disk = join(home, "disk");
    const directories = [disk, this.#runtimeDir, ...cast.roles.map(({ name }) => join(home, name))];
    for (const path of directories) await Deno.mkdir(path, { recursive: true });
    const argv = [...program, "serve", "--listen", "127.0.0.1:0", ...flags];
    this.#life = new Life({
      argv: surroundings === null ? argv : mounted(surroundings, disk, argv),
      env: {
        XDG_RUNTIME_DIR: this.#runtimeDir,
        XDG_STATE_HOME: disk,
        CHAOS_DISK: disk,
        ...env,
      },
      onAlarm,
    });
    this.#address = await this.#life.address;
    this.downtimes.end();
  }

  /**
   * Sends signals one right after the other, of which one ends the supervisor. Resolves when it is gone:
   * with its exit code, 128 + N for a signal.
   */
  async end(
    ...signals: readonly (readonly [pid: number, osSignal: Deno.Signal])[]
  ): Promise<number> {
    this.downtimes.begin();
    for (const [pid, osSignal] of signals) signal(pid, osSignal);
    const status = await this.#life?.ended();
    this.#lastWords = this.#life?.lastLines ?? "";
    this.#life = undefined;
    return status?.code ?? 0;
  }

  /** The process that cleans up after it; `undefined` = there is none at the moment. */
  async helper(): Promise<Process | undefined> {
    for (const process of await processTable()) {
      if (process.parent !== this.pid || process.name !== "sh") continue;
      // A shell that is about to become an engine has one.
      if (await variableOf(process.pid, "AI_ENGINE_RUN") === undefined) return process;
    }
    return undefined;
  }

  /** The first process of each instance that runs, and whose it is. */
  async leaders(): Promise<(Process & { readonly engine: string })[]> {
    return (await this.family.look()).flatMap(({ runId, ...process }) =>
      runId !== undefined && process.parent === this.pid
        ? [{ ...process, engine: engineOf(runId) }]
        : []
    );
  }

  /** How many processes of each kind were started. */
  async starts(): Promise<ReadonlyMap<string, number>> {
    const counts = new Map<string, number>();
    for (const { name } of this.cast.roles) {
      const path = join(this.#options.home, name, "starts");
      const text = await Deno.readTextFile(path).catch(() => "");
      for (const kind of text.split("\n").filter((line) => line !== "")) {
        counts.set(kind, (counts.get(kind) ?? 0) + 1);
      }
    }
    return counts;
  }

  /** Directories of cgroups that were made in those of its lives, and that are still there. */
  async cgroups(boots: Iterable<string>): Promise<string[]> {
    const own = /^0::(.*)$/m.exec(await Deno.readTextFile("/proc/self/cgroup"))?.[1] ?? "/";
    const left: string[] = [];
    for (const boot of boots) {
      for (const root of ["/sys/fs/cgroup", "/sys/fs/cgroup/unified"]) {
        const path = join(root, own, `ai-engine-${boot}`);
        if (await Deno.stat(path).then(() => true, () => false)) left.push(path);
      }
    }
    return left;
  }

  /** So that what is left is told once. */
  async removeCgroups(paths: readonly string[]): Promise<void> {
    for (const path of paths) {
      const inner = (await Array.fromAsync(Deno.readDir(path))).filter((one) => one.isDirectory);
      for (const dir of [...inner.map(({ name }) => join(path, name)), path]) {
        await Deno.remove(dir).catch(() => {}); // somebody is in it, which is told elsewhere
      }
    }
  }

  /** What is in its runtime directory. */
  async files(): Promise<string[]> {
    const entries = await Array.fromAsync(Deno.readDir(join(this.#runtimeDir, "ai-engine")));
    return entries.map(({ name }) => name).sort();
  }

  /** What it says of its engines. */
  async views(): Promise<readonly View[]> {
    return (await getJson<{ engines: readonly View[] }>(this.address, "/api/engines")).engines;
  }

  /** Of all its engines together. */
  async holdings(): Promise<Holdings> {
    const facts = (await this.views()).flatMap(({ instances, ...view }) => [
      view,
      ...(instances ?? []).map(({ socket }) => ({ socket, inflight: 0, queued: 0 })),
    ]);
    const all = await Promise.all(facts.map((one) => readHoldings(this.pid, one)));
    const sum = (key: keyof Holdings) => all.reduce((total, one) => total + one[key], 0);
    return {
      descriptors: Math.min(...all.map(({ descriptors }) => descriptors)),
      engineConnections: sum("engineConnections"),
      inflight: sum("inflight"),
      queued: sum("queued"),
    };
  }

  /** Resident memory in MiB. */
  async memory(): Promise<number> {
    return (await readMemory(this.pid)).rss;
  }

  /** After an interruption: whatever is there is killed. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#life !== undefined) await this.end([this.#life.pid, "SIGKILL"]);
    for (const { pid } of await this.family.look()) signal(pid);
  }

  get #runtimeDir(): string {
    return join(this.#options.home, "run");
  }
}
