/**
 * One process of one engine, from its spawn to the moment when nothing of it is left. It decides
 * nothing: it carries out what the machine asks and reports what happens.
 *
 * Its life: the socket's path is freed · spawn · health is asked until it is 200 · ready · status once
 * a second · asked to stop, signalled, or exits by itself: from here on nobody looks at it any more
 * (`#over`) · exited · its group is waited for, strays are killed, the socket is removed · gone.
 *
 * @module
 */
import type { EngineSettings } from "../config/mod.ts";
import {
  type Clock,
  type ExitStatus,
  type Files,
  type MemoryHold,
  type Net,
  type OutputLog,
  type OverMemory,
  type Processes,
  type ProcessTree,
  type Random,
  sleep,
  SpawnError,
  toAiEngineError,
} from "../core/mod.ts";
import type { Generation } from "../lifecycle/mod.ts";
import type { InstancePool, Traffic } from "../pool/mod.ts";
import { drainOutput } from "./drain_output.ts";
import { isMissingFeature } from "./engine_answers.ts";
import type { ProcessFacts } from "./engine_report.ts";
import { Liveness } from "./liveness.ts";
import { waitUntilReady } from "./readiness.ts";
import { freeSocketPath, guardSocket, removeSocket } from "./socket_file.ts";
import { toSpawnSpec } from "./spawn_spec.ts";
import { type EngineStatus, watchStatus } from "./status_watch.ts";
import type { InputAnswer } from "./supervisor_types.ts";

/** Memory is looked at this often: for a program at rest it is a good part of what a beat costs. */
const BEATS_PER_RSS = 5;

/** How long output may take to end after the last process that held it. */
const OUTPUT_ENDS_MS = 200;

/** How long the end of a process may take to be known once its connections have ended. */
const EXIT_KNOWN_MS = 20;

/** Longest pause between two looks whether something of it is left. */
const REST_PAUSE_MS = 25;

export interface ProcessPorts {
  readonly clock: Clock;
  readonly files: Files;
  readonly net: Net;
  readonly output: OutputLog;
  readonly processes: Processes;
  readonly random: Random;
  /** Connections to whatever listens on `socket`; `traffic` counts what goes over those it lends. */
  readonly connect: (
    socket: string,
    engine: Pick<EngineSettings, "name" | "limits">,
    traffic: Traffic,
  ) => InstancePool;
}

/** What the process tells; each at most once but `onNotYet`, `onStatus`, `onBeat`, `onNotice`. */
export interface ProcessReports {
  readonly onSpawnFailed: (error: SpawnError) => void;
  readonly onNotYet: (status: number) => void;
  /** What sees to its memory limit, when it has one. */
  readonly onMemoryHold: (hold: MemoryHold) => void;
  readonly onReady: () => void;
  readonly onStatus: (status: EngineStatus) => void;
  /** Once a second: the facts may have changed. */
  readonly onBeat: () => void;
  /** What it and all that it has started hold of the memory, in bytes; when that is asked for. */
  readonly onMeasured: (bytes: number) => void;
  readonly onNotice: (title: string, detail: string) => void;
  readonly onStopUnavailable: () => void;
  /** It is alive and does not answer; nobody looks at it any more. */
  readonly onUnhealthy: () => void;
  /** The leader is gone and reaped. */
  readonly onExited: (exit: ExitStatus) => void;
  /** Nothing is left: no process, no socket file. The last report. */
  readonly onGone: () => void;
}

export interface EngineProcessOptions {
  readonly settings: EngineSettings;
  readonly socket: string;
  readonly generation: Generation;
  /** Counts the processes of all instances of the engine. */
  readonly serial: number;
  readonly runId: string;
  readonly ports: ProcessPorts;
  readonly reports: ProcessReports;
  /** Whether anybody wants to know what it has in memory. */
  readonly measuresMemory: boolean;
}

export class EngineProcess {
  readonly generation: Generation;
  readonly serial: number;
  readonly pool: InstancePool;
  readonly #options: EngineProcessOptions;
  /** Fires when the process is told to end or has ended: looking at it is over. */
  readonly #over = new AbortController();
  /** Fires when it is gone, or when nobody waits for that any more: all that is pending is let go. */
  readonly #closed = new AbortController();
  /** Fires when the leader is reaped. */
  readonly #exited = new AbortController();
  readonly #traffic: Traffic = { moves: 0 };
  #exit: ExitStatus | null = null;
  #tree: ProcessTree | undefined;
  #startedAt: number | null = null;
  #readyAt: number | null = null;
  #rssBytes: number | null = null;
  #overMemory: OverMemory | undefined;
  #beats = 0;
  /** Whether its group was found empty: the number is free, and may be another's by now. */
  #isGroupGone = false;
  #noInput: InputAnswer | undefined;

  constructor(options: EngineProcessOptions) {
    this.#options = options;
    this.generation = options.generation;
    this.serial = options.serial;
    const { ports, settings, socket } = options;
    this.pool = ports.connect(socket, settings, this.#traffic);
  }

  get facts(): ProcessFacts {
    return {
      pid: this.#tree?.pid ?? null,
      startedAt: this.#startedAt,
      readyAt: this.#readyAt,
      rssBytes: this.#rssBytes,
    };
  }

  /** The answer by which it said that it has no `POST /input`, if it did. */
  get noInput(): InputAnswer | undefined {
    return this.#noInput;
  }

  /** It has no `POST /input`, by its `answer`; it is asked no more. */
  turnInputOff(answer: InputAnswer): void {
    if (this.#noInput !== undefined) return;
    this.#noInput = answer;
    const detail = `The engine has no POST /input (it answered ${answer.status}).`;
    this.#options.reports.onNotice("No input", detail);
  }

  /** Begins; everything else comes as a report. */
  start(): void {
    const { reports } = this.#options;
    this.#live().catch((error) => {
      // A fault of ours: what was started is not left behind for it.
      reports.onNotice("Internal error", toAiEngineError(error).message);
      this.#tree?.signal("SIGKILL");
      reports.onGone();
    });
  }

  /** Asks by `POST /stop`; SIGTERM is up to the caller. */
  askStop(): void {
    this.#over.abort();
    this.#postStop().catch(() => {
      // No answer: the grace period decides.
    });
  }

  /** To the whole group. Before the spawn it calls the spawn off. */
  signal(osSignal: "SIGTERM" | "SIGKILL"): void {
    this.#over.abort();
    if (!this.#isGroupGone) this.#tree?.signal(osSignal);
  }

  /** Gives up waiting for a process that can't be killed. */
  abandon(): void {
    this.#over.abort();
    this.#closed.abort();
    this.#tree?.killStrays().catch(() => {
      // They can't be ended either, or not be looked for; at its end they are looked for again.
    });
    this.#tree?.release();
    this.pool.close();
  }

  /** Whether it has ended by a signal or with another code than 0; waits a moment to know. */
  async hasCrashed(): Promise<boolean> {
    const { signal } = this.#exited;
    if (this.#exit === null) await sleep(this.#options.ports.clock, EXIT_KNOWN_MS, signal);
    return this.#exit !== null && (this.#exit.osSignal !== null || this.#exit.code !== 0);
  }

  async #live(): Promise<void> {
    const { reports, ports, settings, socket } = this.#options;
    try {
      await freeSocketPath(socket, ports);
      if (this.#over.signal.aborted) return reports.onGone();
      this.#tree = ports.processes.spawn(toSpawnSpec(settings, this.#options));
    } catch (error) {
      if (this.#over.signal.aborted) return reports.onGone();
      return reports.onSpawnFailed(toSpawnError(error));
    }
    const tree = this.#tree;
    this.#startedAt = ports.clock.now();
    ports.output.begin(settings.name);
    const output = this.#drain(tree);
    if (tree.memoryHold !== undefined) reports.onMemoryHold(tree.memoryHold);
    const watching = Promise.all([this.#watch(tree), this.#watchMemory(tree)]);
    const exit = this.#exit = this.#explainExit(await tree.exited, tree);
    this.#exited.abort();
    this.#over.abort();
    this.pool.close();
    reports.onExited(exit);
    await watching;
    await this.#finish(tree, output);
    reports.onGone();
  }

  /** Where nobody else keeps the memory limit. */
  async #watchMemory(tree: ProcessTree): Promise<void> {
    const hold = tree.memoryHold;
    if (hold?.by !== "watch") return;
    const { watchMemory } = await import("./memory_watch.ts");
    const { ports: { clock } } = this.#options;
    const heldBytes = await watchMemory(hold, { clock, signal: this.#exited.signal });
    if (heldBytes === null || this.#exited.signal.aborted) return;
    this.#overMemory = { by: "watch", heldBytes };
    tree.signal("SIGKILL");
  }

  /** How it ended, and whether that was for its memory. */
  #explainExit(exit: ExitStatus, { memoryHold: hold }: ProcessTree): ExitStatus {
    const byKernel = hold?.by === "cgroup" && hold.wasOver();
    const overMemory = byKernel ? { by: hold.by, heldBytes: null } : this.#overMemory;
    return overMemory === undefined ? exit : { ...exit, overMemory };
  }

  /** From the spawn to the end: first until it is ready, then once a second. */
  async #watch(tree: ProcessTree): Promise<void> {
    const { measuresMemory, ports, reports, settings, socket } = this.#options;
    const { clock } = ports;
    const signal = this.#over.signal;
    const start = await waitUntilReady({
      client: this.pool,
      clock,
      healthPath: settings.healthPath,
      isThere: async () => await ports.files.info(socket) !== null,
      signal,
      onNotYet: reports.onNotYet,
      onLack: ({ message, remedy }) => reports.onNotice("Health not asked", `${message} ${remedy}`),
    });
    if (start === "given_up") return;
    this.#readyAt = clock.now();
    reports.onReady();
    // Of another user: in a directory of that user's alone, where no link of that user's is followed.
    if (settings.user === null) {
      await guardSocket(socket, ports).catch((error) => {
        reports.onNotice("Socket mode not set", `${socket}: ${String(error)}`);
      });
    }
    const outcome = await watchStatus({
      client: this.pool,
      clock,
      signal,
      liveness: this.#newLiveness(),
      isStopped: () => tree.isStopped(),
      onStatus: reports.onStatus,
      onBeat: () => {
        if (this.#beats++ % BEATS_PER_RSS === 0) {
          this.#rssBytes = tree.rssBytes();
          if (measuresMemory) tree.heldBytes().then(reports.onMeasured, ignore);
        }
        reports.onBeat();
      },
      onNotice: reports.onNotice,
    });
    if (outcome === "hung") reports.onUnhealthy();
  }

  #newLiveness(): Liveness | null {
    const { settings: { liveness, healthPath }, ports: { clock } } = this.#options;
    if (liveness === "off") return null;
    const signal = this.#over.signal;
    return new Liveness({ client: this.pool, clock, healthPath, traffic: this.#traffic, signal });
  }

  async #postStop(): Promise<void> {
    const { reports, settings } = this.#options;
    const { signal } = this.#closed;
    const { status } = await this.pool.request({ method: "POST", target: "/stop" }, {
      signal,
      totalMs: Math.max(settings.graceMs, 1),
    });
    if (signal.aborted || !isMissingFeature(status)) return;
    const detail = `The engine has no POST /stop (it answered ${status}); it is ended by SIGTERM.`;
    reports.onNotice("No stop by request", detail);
    reports.onStopUnavailable();
  }

  /** The leader is reaped: waits until its group is gone, ends strays, removes the socket. */
  async #finish(tree: ProcessTree, output: Promise<unknown>): Promise<void> {
    await this.#untilNone(() => tree.hasGroup());
    this.#isGroupGone = !this.#closed.signal.aborted;
    await this.#untilNone(async () => await tree.killStrays() > 0);
    tree.release();
    const { socket, ports } = this.#options;
    await removeSocket(socket, ports);
    const limit = new AbortController();
    await Promise.race([output, sleep(ports.clock, OUTPUT_ENDS_MS, limit.signal)]);
    limit.abort();
    // A process that shed group and run id may still hold the pipes; it delays nobody.
    this.#closed.abort();
  }

  /**
   * Looks again and again, ever less often, until none is there; only once when nobody waits any more. A
   * look that fails, for want of descriptors, has not found that none is there.
   */
  async #untilNone(isThere: () => Promise<boolean>): Promise<void> {
    const { signal } = this.#closed;
    for (let pauseMs = 1; await isThere().catch(() => true) && !signal.aborted;) {
      await sleep(this.#options.ports.clock, pauseMs, signal);
      pauseMs = Math.min(pauseMs * 1.5, REST_PAUSE_MS);
    }
  }

  async #drain({ stdout, stderr }: ProcessTree): Promise<void> {
    const { settings, ports } = this.#options;
    const drain = (stream: ReadableStream<Uint8Array>) =>
      drainOutput(stream, { sink: ports.output.sink(settings.name), signal: this.#closed.signal });
    await Promise.all([drain(stdout), drain(stderr)]);
  }
}

/** Whatever else keeps a process from being started is no better in a moment. */
function toSpawnError(error: unknown): SpawnError {
  if (error instanceof SpawnError) return error;
  const { message, remedy } = toAiEngineError(error);
  return new SpawnError({ detail: message, remedy, cause: error });
}

/** A look that fails, for want of descriptors or because it is gone, has seen nothing. */
function ignore(): void {}
