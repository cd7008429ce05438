/**
 * One process of one engine, from its spawn to the moment when nothing of it is left. It decides
 * nothing: it carries out what the machine asks and reports what happens.
 *
 * Its life: the place where it is to listen is made free · spawn · health is asked until it is 200 ·
 * ready · status once a second · asked to stop, signalled, or exits by itself: from here on nobody looks at it any more
 * (`#over`) · exited · its group is waited for, strays are killed, the place is cleared · gone.
 *
 * @module
 */
import { type EngineSettings, mentions } from "../config/mod.ts";
import {
  type EngineAddress,
  type EngineKind,
  type ExitStatus,
  formatAddress,
  type OutputStream,
  type OverMemory,
  type ProcessTree,
  sleep,
  toAiEngineError,
} from "../core/mod.ts";
import type { Generation } from "../lifecycle/mod.ts";
import { type InstancePool, PLAIN, type Traffic } from "../pool/mod.ts";
import { type Endpoint, newAddress, openEndpoint } from "./endpoint.ts";
import { CallPlace } from "./call_place.ts";
import { drainOutput } from "./drain_output.ts";
import { isMissingFeature } from "./engine_answers.ts";
import type { ProcessFacts } from "./engine_report.ts";
import type { LineWatch } from "./line_watch.ts";
import { Liveness } from "./liveness.ts";
import { prepareSettings } from "./prepare_settings.ts";
import type { ProcessPorts, ProcessReports } from "./process_ports.ts";
import { waitUntilReady } from "./readiness.ts";
import { type Seat, toCommandSpec, toSpawnError, toSpawnSpec } from "./spawn_spec.ts";
import { watchStatus } from "./status_watch.ts";
import type { InputAnswer } from "./supervisor_types.ts";

export type { ProcessPorts } from "./process_ports.ts";

/** Memory is looked at this often: for a program at rest it is a good part of what a beat costs. */
const BEATS_PER_RSS = 5;

/** How long output may take to end after the last process that held it. */
const OUTPUT_ENDS_MS = 200;

/** How long the end of a process may take to be known once its connections have ended. */
const EXIT_KNOWN_MS = 20;

/** Of the secret that an engine gets where it asks for one. */
const TOKEN_BYTES = 32;

/** Nobody reads it; else an abort makes a `DOMException`, with a stack. */
const OVER = "the process is over";

/** Longest pause between two looks whether something of it is left. */
const REST_PAUSE_MS = 25;

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
  readonly measuresMemory: () => boolean;
}

export class EngineProcess {
  readonly generation: Generation;
  readonly serial: number;
  readonly #options: EngineProcessOptions;
  /** Fires when the process is told to end or has ended: looking at it is over. */
  readonly #over = new AbortController();
  /** Fires when it is gone, or when nobody waits for that any more: all that is pending is let go. */
  readonly #closed = new AbortController();
  /** Fires when the leader is reaped. */
  readonly #exited = new AbortController();
  readonly #traffic: Traffic = { moves: 0 };
  /** Its stop command, which is over before it is gone. */
  #stopCommand: Promise<void> = Promise.resolve();
  #pool: InstancePool | undefined;
  /** Where it takes direct calls. */
  readonly calls: CallPlace;
  #exit: ExitStatus | null = null;
  #tree: ProcessTree | undefined;
  #seat: Required<Seat> | undefined;
  #startedAt: number | null = null;
  #readyAt: number | null = null;
  #rssBytes: number | null = null;
  #kind: EngineKind | null = null;
  #overMemory: OverMemory | undefined;
  #beats = 0;
  /** Whether its group was found empty: the number is free, and may be another's by now. */
  #isGroupGone = false;
  #noInput: InputAnswer | undefined;

  constructor(options: EngineProcessOptions) {
    this.#options = options;
    this.generation = options.generation;
    this.serial = options.serial;
    this.calls = new CallPlace({
      engine: options.settings.name,
      socket: options.socket,
      ports: options.ports,
      traffic: this.#traffic,
      onNotice: options.reports.onNotice,
    });
  }

  /** Connections to it; not before it is started. */
  get pool(): InstancePool {
    if (this.#pool === undefined) throw new TypeError("A process that is not there was asked");
    return this.#pool;
  }

  get facts(): ProcessFacts {
    return {
      pid: this.#tree?.pid ?? null,
      startedAt: this.#startedAt,
      readyAt: this.#readyAt,
      rssBytes: this.#rssBytes,
      kind: this.#kind,
      pool: this.#pool ?? null,
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

  /** Asks by its stop command, else by `POST /stop`; SIGTERM is up to the caller. */
  askStop(): void {
    this.#over.abort(OVER);
    const { stopCommand } = this.#options.settings;
    if (stopCommand !== null) {
      this.#stopCommand = this.#runStopCommand(stopCommand);
      return;
    }
    this.#postStop().catch(() => {
      // No answer: the grace period decides.
    });
  }

  /** To the whole group. Before the spawn it calls the spawn off. */
  signal(osSignal: "SIGTERM" | "SIGKILL"): void {
    this.#over.abort(OVER);
    if (!this.#isGroupGone) this.#tree?.signal(osSignal);
  }

  /** Gives up waiting for a process that can't be killed. */
  abandon(): void {
    this.#over.abort(OVER);
    this.#closed.abort(OVER);
    this.#tree?.killStrays().catch(() => {
      // They can't be ended either, or not be looked for; at its end they are looked for again.
    });
    this.#tree?.release();
    this.#pool?.close();
    this.calls.close();
  }

  /** Whether it has ended by a signal or with another code than 0; waits a moment to know. */
  async hasCrashed(): Promise<boolean> {
    const { signal } = this.#exited;
    if (this.#exit === null) await sleep(this.#options.ports.clock, EXIT_KNOWN_MS, signal);
    return this.#exit !== null && (this.#exit.osSignal !== null || this.#exit.code !== 0);
  }

  async #live(): Promise<void> {
    const { reports, ports, settings, socket } = this.#options;
    let endpoint: Endpoint;
    let lines: LineWatch | undefined;
    try {
      const address = newAddress(settings, { socket, transports: ports.transports });
      this.#seat = this.#newSeat(address);
      this.#pool = this.#connect(address, this.#seat.token);
      if (settings.ready.line !== null) lines = await newLineWatch(settings.ready.line);
      const { signal } = this.#over;
      const prepared = await prepareSettings(settings, { prepare: ports.prepare, signal });
      if (prepared === null) return reports.onGone();
      if (prepared.kind !== settings.kind) this.#kind = prepared.kind;
      const freeing = this.calls.prepare();
      endpoint = await openEndpoint(address, { settings, ports, onNotice: reports.onNotice });
      const frames = await freeing;
      if (signal.aborted) return reports.onGone();
      this.#tree = ports.processes.spawn(toSpawnSpec(prepared, { ...this.#seat, frames }));
    } catch (error) {
      if (this.#over.signal.aborted) return reports.onGone();
      return reports.onSpawnFailed(toSpawnError(error));
    }
    reports.onPlaced(formatAddress(endpoint.address));
    const tree = this.#tree;
    this.#startedAt = ports.clock.now();
    ports.output.begin(settings.name);
    const output = this.#drain(tree, lines);
    if (tree.memoryHold !== undefined) reports.onMemoryHold(tree.memoryHold);
    const watching = Promise.all([
      this.#watch(tree, { endpoint, lines }),
      this.#watchMemory(tree),
    ]);
    const exit = this.#exit = this.#explainExit(await tree.exited, tree);
    this.#exited.abort(OVER);
    this.#over.abort(OVER);
    this.pool.close();
    this.calls.close();
    reports.onExited(exit);
    await watching;
    await this.#finish(tree, { endpoint, output });
    reports.onGone();
  }

  /** What it finds in command and environment. */
  #newSeat(address: EngineAddress): Required<Seat> {
    const { settings, socket, runId, ports: { random, transports } } = this.#options;
    // One that listens elsewhere may ask for some other port.
    const other = () => mentions(settings, "PORT") ? transports.freePort() : null;
    const port = address.kind === "tcp" ? address.port : other();
    const token = mentions(settings, "TOKEN") ? random.hex(TOKEN_BYTES) : null;
    return { socket, port, token, runId };
  }

  #connect(address: EngineAddress, token: string | null): InstancePool {
    const { ports, settings } = this.#options;
    const fields = [["Authorization", `Bearer ${token}`]] as const;
    return ports.connect(address, {
      engine: settings,
      traffic: this.#traffic,
      envelope: token === null ? undefined : { ...PLAIN, fields },
    });
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
  async #watch(
    tree: ProcessTree,
    { endpoint, lines }: { readonly endpoint: Endpoint; readonly lines: LineWatch | undefined },
  ): Promise<void> {
    const { measuresMemory, ports, reports, settings } = this.#options;
    const { clock } = ports;
    const signal = this.#over.signal;
    const isByHealth = settings.ready.by === "health" && lines === undefined;
    const start = await waitUntilReady({
      client: this.pool,
      clock,
      healthPath: settings.healthPath,
      isThere: () => endpoint.isThere(tree),
      onChange: (listener) => endpoint.onChange?.(listener) ?? null,
      said: lines?.seen,
      accepts: isByHealth ? undefined : () => endpoint.accepts(),
      signal,
      onNotYet: reports.onNotYet,
      onLack: ({ message, remedy }) => reports.onNotice("Health not asked", `${message} ${remedy}`),
    });
    if (start === "given_up") return;
    this.#readyAt = clock.now();
    reports.onReady();
    await endpoint.guard();
    if (settings.user === null) await this.calls.guard();
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
          if (measuresMemory()) tree.heldBytes().then(reports.onMeasured, ignore);
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

  /** Never rejects. */
  async #runStopCommand(command: readonly [string, ...string[]]): Promise<void> {
    const { ports, reports, settings, runId } = this.#options;
    const seat = this.#seat;
    if (seat === undefined) return;
    const { runStopCommand } = await import("./stop_command.ts");
    await runStopCommand({
      engine: settings.name,
      spec: toCommandSpec(settings, { ...seat, runId: `${runId}-stop`, command }),
      graceMs: settings.graceMs,
      ports,
      signal: this.#closed.signal,
      onNotice: reports.onNotice,
    });
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

  /** The leader is reaped: waits until its group is gone, ends strays, clears its place. */
  async #finish(
    tree: ProcessTree,
    { endpoint, output }: { readonly endpoint: Endpoint; readonly output: Promise<unknown> },
  ): Promise<void> {
    await this.#untilNone(() => tree.hasGroup());
    this.#isGroupGone = !this.#closed.signal.aborted;
    await this.#untilNone(async () => await tree.killStrays() > 0);
    tree.release();
    await this.#stopCommand;
    await endpoint.clear();
    await this.calls.remove();
    const limit = new AbortController();
    await Promise.race([output, sleep(this.#options.ports.clock, OUTPUT_ENDS_MS, limit.signal)]);
    limit.abort(OVER);
    // A process that shed group and run id may still hold the pipes; it delays nobody.
    this.#closed.abort(OVER);
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

  async #drain({ stdout, stderr }: ProcessTree, lines: LineWatch | undefined): Promise<void> {
    const { settings, ports } = this.#options;
    const signal = this.#closed.signal;
    const drain = (stream: ReadableStream<Uint8Array>, name: OutputStream) => {
      const sink = ports.output.sink(settings.name, name);
      return drainOutput(stream, { sink, signal, look: lines?.newStream() });
    };
    await Promise.all([drain(stdout, "stdout"), drain(stderr, "stderr")]);
  }
}

/** A look that fails, for want of descriptors or because it is gone, has seen nothing. */
function ignore(): void {}

/** Loaded where a line of output is waited for. */
async function newLineWatch(pattern: string): Promise<LineWatch> {
  return new (await import("./line_watch.ts")).LineWatch(pattern);
}
