/** The machine of the simulation: its processes, its files, what listens where. */
import {
  type ByteStream,
  type Clock,
  DialError,
  type Files,
  formatAddress,
  type Net,
  type Processes,
  type ProcessTree,
  SpawnError,
  type SpawnSpec,
  type Transports,
} from "../../../src/core/mod.ts";
import { UnixClient } from "../../../src/pool/mod.ts";
import type { ProcessPorts } from "../../../src/supervisor/mod.ts";
import { SimProcess, type SimWorld } from "./sim_process.ts";
import type { Temper } from "./temper.ts";

export interface SimMachineOptions {
  readonly clock: Clock;
  /** How the process behaves that is spawned next; `turn` is never the same twice for an engine. */
  readonly draw: (engine: string, turn: string) => Temper;
  readonly onSpawn: (process: SimProcess) => void;
  readonly fault: (text: string) => void;
}

/** What the machine, or the user, has no more of. */
export type Shortage = "descriptors" | "processes" | "memory";

export class SimMachine implements Processes, SimWorld {
  readonly processes: SimProcess[] = [];
  /** How often processes have got each input and each proxied request. */
  readonly got = new Map<string, number>();
  /** Timers of the machine's own that run. */
  timers = 0;
  /** How long a look at a file takes. */
  fileMs = 0;
  /** While set no process can be spawned. */
  shortage: Shortage | null = null;
  /** Engines whose program is not there. */
  readonly missing = new Set<string>();
  readonly fault: (text: string) => void;
  readonly #options: SimMachineOptions;
  readonly #clock: Clock;
  /** Who made the socket at a path. */
  readonly #sockets = new Map<string, SimProcess>();
  /** By where they were to listen. */
  readonly #tries = new Map<string, number>();

  constructor(options: SimMachineOptions) {
    this.#options = options;
    this.#clock = options.clock;
    this.fault = options.fault;
  }

  now(): number {
    return this.#clock.now();
  }

  after(ms: number, then: () => void): void {
    if (ms === 0) return then();
    if (ms === Infinity) return;
    this.timers++;
    this.#clock.at(this.#clock.now() + ms, () => {
      this.timers--;
      then();
    });
  }

  get isBlind(): boolean {
    return this.shortage === "descriptors";
  }

  gets(what: string): void {
    this.got.set(what, (this.got.get(what) ?? 0) + 1);
  }

  spawn(spec: SpawnSpec): ProcessTree {
    const [engine, , fate] = spec.argv;
    const path = spec.env["AI_ENGINE_SOCKET"] ?? "";
    if (this.shortage !== null) {
      const details = { detail: `There are no ${this.shortage} left.`, remedy: "Close some." };
      throw new SpawnError(details, this.shortage);
    }
    if (this.missing.has(engine) || fate === "gone") {
      throw new SpawnError({ detail: "It is not there.", remedy: "Put it there." }, "program");
    }
    const generation = this.#tries.get(path) ?? 0;
    const process = new SimProcess({
      pid: 100 + this.processes.length,
      engine,
      generation,
      spec,
      temper: {
        ...this.#options.draw(engine, turnOf(engine, { path, generation })),
        ...(fate === undefined ? {} : { bindMs: Infinity }),
      },
      world: this,
    });
    this.#options.onSpawn(process);
    this.processes.push(process);
    this.#bind(process, path);
    if (fate === "dies") process.exitSoon(1);
    return process;
  }

  /** As `app` does it; what gets bytes over it must be the process it was made for. */
  readonly connect: ProcessPorts["connect"] = (address, { engine: settings, traffic }) => {
    const { name: engine, limits } = settings;
    const path = formatAddress(address);
    const generation = (this.#tries.get(path) ?? 0) + 1;
    this.#tries.set(path, generation);
    const net: Net = {
      connectUnix: (path) =>
        this.#dial(path, ({ pid, ...to }) => {
          if (to.generation === generation && to.path === path) return;
          this.fault(
            `process ${pid} is generation ${to.generation} of ${engine}, not ${generation}`,
          );
        }),
    };
    return new UnixClient({ path, engine, net, limits, clock: this.#clock, traffic });
  };

  /** Engines of this world listen on sockets alone. */
  readonly transports: Transports = {
    to: (address) => ({
      name: formatAddress(address),
      connect: () => this.net.connectUnix(formatAddress(address)),
    }),
    freePort: () => 0,
    isTaken: () => false,
  };

  readonly net: Net = { connectUnix: (path) => this.#dial(path, () => {}) };

  readonly files: Files = {
    info: async (path) => {
      await this.#touchDisk();
      return this.#sockets.has(path) ? { kind: "socket", uid: 0, mode: 0o600 } : null;
    },
    remove: async (path) => {
      await this.#touchDisk();
      this.#sockets.delete(path);
    },
    setMode: () => Promise.resolve(),
    uid: 0,
  };

  #bind(process: SimProcess, path: string): void {
    const { service, temper } = process;
    this.after(temper.bindMs, () => {
      if (!process.isAlive) return;
      service.isBound = true;
      this.#sockets.set(path, process);
      this.after(temper.warmMs, () => service.isWarm = true);
    });
  }

  #dial(path: string, look: (process: SimProcess) => void): Promise<ByteStream> {
    if (this.shortage === "descriptors") {
      return Promise.reject(new DialError("no_descriptors", "too many open files"));
    }
    const process = this.#sockets.get(path);
    if (process === undefined) return Promise.reject(new DialError("no_socket", "no socket"));
    if (process.temper.dial === "backlog_full" && process.isAlive) {
      return Promise.reject(new DialError("backlog_full", "full"));
    }
    const stream = process.service.accept(() => look(process));
    if (stream === null) return Promise.reject(new DialError("refused", "refused"));
    return Promise.resolve(stream);
  }

  #touchDisk(): Promise<void> {
    if (this.fileMs === 0) return Promise.resolve();
    return new Promise((resolve) => this.after(this.fileMs, resolve));
  }
}

/** Those of the first place are counted; others are told by their place, too. */
function turnOf(
  engine: string,
  { path, generation }: { readonly path: string; readonly generation: number },
): string {
  return path === `/run/${engine}.sock` ? `${generation}` : `${path} ${generation}`;
}
