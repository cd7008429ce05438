/**
 * One process of one engine, from its spawn to the moment when nothing of it is left. It decides
 * nothing: it carries out what the machine asks and reports what happens.
 *
 * @module
 */
import type { EngineSettings } from "../config/mod.ts";
import {
  type AiEngineError,
  type Clock,
  type ExitStatus,
  type Files,
  type Net,
  type OutputLog,
  type OutputSink,
  type Processes,
  type ProcessTree,
  sleep,
  toAiEngineError,
} from "../core/mod.ts";
import type { Generation } from "../lifecycle/mod.ts";
import type { InstanceClient } from "../pool/mod.ts";
import { isMissingFeature } from "./engine_answers.ts";
import { waitUntilReady } from "./readiness.ts";
import { freeSocketPath, guardSocket, removeSocket } from "./socket_file.ts";
import { type EngineStatus, watchStatus } from "./status_watch.ts";

/** How long output may take to end after the last process that held it. */
const OUTPUT_ENDS_MS = 200;

/** Longest pause between two looks whether the rest of a group is gone. */
const REST_PAUSE_MS = 25;

export interface ProcessPorts {
  readonly clock: Clock;
  readonly files: Files;
  readonly net: Net;
  readonly output: OutputLog;
  readonly processes: Processes;
  /** A client of whatever listens on `socket`. */
  readonly connect: (socket: string, engine: string) => InstanceClient;
}

/** What the process tells; each at most once but `onNotYet`, `onStatus`, `onBeat`, `onNotice`. */
export interface ProcessReports {
  readonly onSpawned: () => void;
  readonly onSpawnFailed: (error: AiEngineError) => void;
  readonly onNotYet: (status: number) => void;
  readonly onReady: () => void;
  readonly onStatus: (status: EngineStatus) => void;
  readonly onBeat: (rssBytes: number | null) => void;
  readonly onNotice: (title: string, detail: string) => void;
  readonly onStopUnavailable: () => void;
  /** The leader is gone and reaped. */
  readonly onExited: (exit: ExitStatus) => void;
  /** Nothing is left: no process, no socket file. The last report. */
  readonly onGone: () => void;
}

export interface EngineProcessOptions {
  readonly settings: EngineSettings;
  readonly socket: string;
  readonly generation: Generation;
  readonly runId: string;
  readonly ports: ProcessPorts;
  readonly reports: ProcessReports;
}

export class EngineProcess {
  readonly generation: Generation;
  readonly client: InstanceClient;
  readonly #options: EngineProcessOptions;
  /** Fires when the process is told to end or has ended: looking at it is over. */
  readonly #over = new AbortController();
  /** Fires when nobody waits for its end any more. */
  readonly #abandoned = new AbortController();
  #tree: ProcessTree | undefined;

  constructor(options: EngineProcessOptions) {
    this.#options = options;
    this.generation = options.generation;
    this.client = options.ports.connect(options.socket, options.settings.name);
  }

  get pid(): number | null {
    return this.#tree?.pid ?? null;
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
    this.#tree?.signal(osSignal);
  }

  /** Gives up waiting for a process that can't be killed. */
  abandon(): void {
    this.#over.abort();
    this.#abandoned.abort();
    this.#tree?.release();
    this.client.close();
  }

  async #live(): Promise<void> {
    const { reports, ports, settings, socket } = this.#options;
    try {
      await freeSocketPath(socket, ports);
      if (this.#over.signal.aborted) return reports.onGone();
      this.#tree = ports.processes.spawn(this.#spawnSpec());
    } catch (error) {
      if (this.#over.signal.aborted) return reports.onGone();
      return reports.onSpawnFailed(toAiEngineError(error));
    }
    reports.onSpawned();
    ports.output.begin(settings.name);
    const tree = this.#tree;
    const sink = () => ports.output.sink(settings.name);
    const output = Promise.all([
      this.#drain(tree.stdout, sink()),
      this.#drain(tree.stderr, sink()),
    ]);
    const watching = this.#watch(tree);
    const exit = await tree.exited;
    this.#over.abort();
    this.client.close();
    reports.onExited(exit);
    await watching;
    await this.#finish(tree, output);
    reports.onGone();
  }

  #spawnSpec() {
    const { settings, socket, runId } = this.#options;
    const [program, ...args] = settings.command.map((part) => part.replaceAll("${SOCKET}", socket));
    return {
      argv: [program ?? "", ...args] as const,
      env: { ...settings.environment, AI_ENGINE_SOCKET: socket },
      runId,
    };
  }

  /** From the spawn to the end: first until it is ready, then once a second. */
  async #watch(tree: ProcessTree): Promise<void> {
    const { ports, reports, settings, socket } = this.#options;
    const { clock } = ports;
    const signal = this.#over.signal;
    const outcome = await waitUntilReady({
      client: this.client,
      clock,
      healthPath: settings.healthPath,
      signal,
      onNotYet: reports.onNotYet,
    });
    if (outcome === "given_up") return;
    reports.onReady();
    await guardSocket(socket, ports).catch((error) => {
      reports.onNotice("Socket mode not set", `${socket}: ${String(error)}`);
    });
    await watchStatus({
      client: this.client,
      clock,
      signal,
      rssBytes: () => tree.rssBytes(),
      onStatus: reports.onStatus,
      onBeat: reports.onBeat,
      onNotice: reports.onNotice,
    });
  }

  async #postStop(): Promise<void> {
    const { reports, settings } = this.#options;
    const { signal } = this.#abandoned;
    const { status } = await this.client.request({ method: "POST", target: "/stop" }, {
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
    const { clock } = this.#options.ports;
    const signal = this.#abandoned.signal;
    for (let pauseMs = 1; !signal.aborted && await tree.hasGroup();) {
      await sleep(clock, pauseMs, signal);
      pauseMs = Math.min(pauseMs * 1.5, REST_PAUSE_MS);
    }
    while (!signal.aborted && await tree.killStrays() > 0) {
      await sleep(clock, 1, signal);
    }
    tree.release();
    await removeSocket(this.#options.socket, this.#options.ports);
    const limit = new AbortController();
    await Promise.race([output, sleep(clock, OUTPUT_ENDS_MS, limit.signal)]);
    limit.abort();
    // A process that shed group and run id may still hold the pipes; it delays nobody.
    this.#abandoned.abort();
  }

  /** Reads a stream to its end, always: an engine must never wait for us to read. */
  async #drain(stream: ReadableStream<Uint8Array>, sink: OutputSink): Promise<void> {
    const reader = stream.getReader();
    const stop = () => {
      reader.cancel().catch(() => {});
    };
    this.#abandoned.signal.addEventListener("abort", stop, { once: true });
    try {
      for (;;) {
        const { done, value } = await reader.read();
        if (done) break;
        sink.write(value);
      }
    } catch {
      // The pipe broke: there is nothing more to read.
    } finally {
      sink.end();
    }
  }
}
