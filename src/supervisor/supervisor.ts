/** The supervisor: engines by name, and the close of them all. */
import { type BoundView, type Clock, type EngineView, RequestError, sleep } from "../core/mod.ts";
import {
  BUDGET_DEFAULTS,
  type BudgetSettings,
  type EngineSettings,
  SWAP_DEFAULTS,
  type SwapSettings,
} from "../config/mod.ts";
import type { EventSink } from "../events/mod.ts";
import { Cause } from "./cause.ts";
import { Engine } from "./engine.ts";
import type { EngineOptions } from "./engine_options.ts";
import { Room } from "./room.ts";
import { sendInput } from "./input.ts";
import type {
  Call,
  CallOptions,
  CallPayload,
  EngineLease,
  FleetMetrics,
  InputAnswer,
  InputOptions,
  LeaseOptions,
  ProfileOptions,
  ShutdownReport,
  StopOptions,
  SupervisorApi,
  WaitOptions,
} from "./supervisor_types.ts";

/** For requests in flight when the program closes. */
export const CLOSE_DRAIN_MS = 3_500;

/** The close of the program takes at most this and twice the longest grace; then SIGKILL. */
export const CLOSE_LIMIT_MS = 4_000;

/** What a configuration says of engines. */
export interface Fleet {
  /** In the order in which they are shown; no two of a name. */
  readonly engines: readonly EngineSettings[];
  /** @default no limit */
  readonly budget?: BudgetSettings;
  /** @default as {@linkcode SWAP_DEFAULTS} */
  readonly swap?: SwapSettings;
}

/** As many direct calls wait for one process (src/frames, which is loaded with the first call). */
const MAX_WAITING_CALLS = 1024;

export interface SupervisorOptions extends Fleet {
  readonly socketOf: EngineOptions["socketOf"];
  readonly boot: string;
  readonly ports: EngineOptions["ports"];
  readonly events: EventSink;
}

export class Supervisor implements SupervisorApi {
  readonly #options: SupervisorOptions;
  readonly #clock: Clock;
  readonly #events: Cause;
  readonly #room: Room;
  #engines: ReadonlyMap<string, Engine> = new Map();
  /** Taken out of the configuration, and not at rest yet. */
  readonly #leaving = new Set<Engine>();
  #isPreloaded = false;
  #closing: Promise<ShutdownReport> | undefined;
  /** By engine: direct calls for which there was no place to wait. */
  readonly #refusedCalls = new Map<string, number>();
  /** By engine: processes so far. Kept when one is taken out: its run ids are never given again. */
  readonly #serials = new Map<string, number>();

  constructor(options: SupervisorOptions) {
    this.#options = options;
    this.#clock = options.ports.clock;
    this.#events = new Cause(options.events);
    this.#room = new Room({
      ...roomOf(options),
      clock: this.#clock,
      beside: () => this.#all.flatMap((engine) => engine.beside),
    });
    this.apply(options);
  }

  /**
   * Goes on by another configuration: new engines are there at once, changed ones change as
   * {@linkcode Engine.configure} says, those that are not in it any more end what they have under way.
   */
  apply(fleet: Fleet): void {
    if (this.#closing !== undefined) return;
    this.#room.configure(roomOf(fleet));
    const before = this.#engines;
    this.#engines = new Map(fleet.engines.map((settings) => [
      settings.name,
      before.get(settings.name) ?? this.#newEngine(settings),
    ]));
    for (const [name, engine] of before) if (!this.#engines.has(name)) this.#remove(engine);
    for (const settings of fleet.engines) this.#engines.get(settings.name)?.configure(settings);
    this.#room.look();
    if (this.#isPreloaded) this.preload();
    this.#events.publish({ type: "snapshot", engines: this.views() });
  }

  views(): readonly EngineView[] {
    return [...this.#engines.values()].map((engine) => engine.view());
  }

  view(engine: string): EngineView {
    return this.#find(engine).view();
  }

  bounds(): readonly BoundView[] {
    return [...this.#engines].flatMap(([name, engine]) => [
      engine.waitingBound(),
      {
        name: "waiting_calls",
        engine: name,
        limit: MAX_WAITING_CALLS,
        used: null,
        refused: this.#refusedOf(name),
      },
    ]);
  }

  async start(name: string, options: WaitOptions = {}): Promise<EngineView> {
    const engine = this.#findManaged(name);
    await engine.ready("start", options.signal);
    return engine.view();
  }

  async stop(name: string, options: StopOptions = {}): Promise<EngineView> {
    const engine = this.#findManaged(name);
    options.signal?.throwIfAborted();
    engine.post({
      type: "stop",
      cause: "user",
      urgency: options.force === true ? "force" : "drain",
      wakes: options.hold === true ? "by_hand" : "on_demand",
    });
    await engine.atRest(options.signal);
    options.signal?.throwIfAborted();
    return engine.view();
  }

  async restart(name: string, options: WaitOptions = {}): Promise<EngineView> {
    const engine = this.#findManaged(name);
    options.signal?.throwIfAborted();
    engine.post({ type: "stop", cause: "restart", urgency: "drain", wakes: "on_demand" });
    // The start keeps its place when the caller leaves: half a restart is a stop nobody asked for.
    await untilLeft(engine.ready("start"), options.signal);
    return engine.view();
  }

  async input(name: string, text: string, options: InputOptions = {}): Promise<InputAnswer> {
    const ports = { clock: this.#clock, events: this.#events };
    const engine = this.#find(name);
    return await this.#events.during(options.record, () => {
      return sendInput(engine, text, { ...options, ...ports });
    });
  }

  async call(name: string, call: Call, options: CallOptions = {}): Promise<CallPayload> {
    const engine = this.#find(name);
    const { sendCall } = await import("./call.ts");
    const onRefused = () => void this.#refusedCalls.set(name, this.#refusedOf(name) + 1);
    return await this.#events.during(options.record, () => {
      return sendCall(engine, call, { ...options, onRefused });
    });
  }

  lease(name: string, options: LeaseOptions = {}): EngineLease | Promise<EngineLease> {
    const engine = this.#find(name);
    const { signal, patienceMs = engine.settings.startTimeoutMs, priority, record } = options;
    if (record !== undefined) record.engine = name;
    return this.#events.during(record, () => {
      return engine.lease("request", { signal, patienceMs, priority, record });
    });
  }

  async metrics(options: WaitOptions = {}): Promise<FleetMetrics> {
    const { askMetrics } = await import("./ask_metrics.ts");
    return await askMetrics([...this.#engines.values()], options);
  }

  async profile(name: string, options: ProfileOptions): Promise<Uint8Array<ArrayBuffer>> {
    const engine = this.#find(name);
    const { askProfile } = await import("./ask_profile.ts");
    return await askProfile(engine, options);
  }

  /** Starts the engines that are to be there before anybody asks, the higher priority first. */
  preload(): void {
    this.#isPreloaded = true;
    const engines = [...this.#engines.values()].filter(({ settings }) =>
      settings.keep === "always"
    );
    engines.sort((a, b) => b.settings.priority - a.settings.priority);
    for (const engine of engines) engine.preload();
  }

  touch(name: string): void {
    this.#find(name).post({ type: "touch" });
  }

  shutdown({ force = false }: { readonly force?: boolean } = {}): Promise<ShutdownReport> {
    this.#stopAll(force ? "force" : "drain");
    this.#closing ??= this.#close();
    return this.#closing;
  }

  #newEngine(settings: EngineSettings): Engine {
    const { ports, boot, socketOf } = this.#options;
    const shared = { ports, events: this.#events, boot, socketOf, room: this.#room };
    const takenIds = () =>
      [...this.#leaving].flatMap(({ name, ids }) => name === settings.name ? ids : []);
    const nextSerial = () => this.#nextSerialOf(settings.name);
    return new Engine({ ...shared, settings, closeDrainMs: CLOSE_DRAIN_MS, takenIds, nextSerial });
  }

  #nextSerialOf(engine: string): number {
    const serial = (this.#serials.get(engine) ?? 0) + 1;
    this.#serials.set(engine, serial);
    return serial;
  }

  #remove(engine: Engine): void {
    this.#leaving.add(engine);
    engine.remove();
    engine.atRest().then(() => this.#leaving.delete(engine), () => {
      // It never rejects without a signal.
    });
  }

  async #close(): Promise<ShutdownReport> {
    const engines = this.#all;
    const longestGraceMs = Math.max(...engines.map(({ settings }) => settings.graceMs));
    const closed = new AbortController();
    const limit = sleep(this.#clock, CLOSE_LIMIT_MS + 2 * longestGraceMs, closed.signal)
      .then(() => "limit" as const);
    const allAtRest = Promise.all(engines.map((engine) => engine.atRest()));
    const inTime = await Promise.race([allAtRest.then(() => "closed" as const), limit]);
    closed.abort();
    if (inTime === "limit") {
      this.#stopAll("kill");
      await allAtRest;
    }
    const ended = this.views().map(({ name, how }) => ({ name, how }));
    return {
      clean: inTime === "closed" && ended.every(({ how }) => how !== "lost"),
      engines: ended,
    };
  }

  #stopAll(urgency: "drain" | "force" | "kill"): void {
    for (const engine of this.#all) {
      engine.post({ type: "stop", cause: "shutdown", urgency, wakes: "never" });
    }
  }

  /** Those that are on their way out of the configuration, too. */
  get #all(): readonly Engine[] {
    return [...this.#engines.values(), ...this.#leaving];
  }

  /** One that can be started and stopped. */
  #findManaged(name: string): Engine {
    const engine = this.#find(name);
    if (engine.settings.kind !== "remote") return engine;
    throw new RequestError("not_managed", {
      engine: name,
      detail: `${name} runs elsewhere; it is asked, not started and stopped from here.`,
      remedy: "Start and stop it where it runs. It is used as soon as it answers.",
    });
  }

  #refusedOf(name: string): number {
    return this.#refusedCalls.get(name) ?? 0;
  }

  #find(name: string): Engine {
    const engine = this.#engines.get(name);
    if (engine !== undefined) return engine;
    const names = [...this.#engines.keys()].join(", ");
    throw new RequestError("unknown_engine", {
      detail: `There is no engine with this name; there is: ${names}.`,
      remedy: "Use one of these names.",
    });
  }
}

function roomOf({ budget = BUDGET_DEFAULTS, swap = SWAP_DEFAULTS }: Fleet) {
  return { budget, swap };
}

/** Settles as `going` does, or rejects as soon as the caller leaves; `going` goes on. */
function untilLeft(going: Promise<void>, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const leave = () => reject(signal?.reason);
    const settled = () => signal?.removeEventListener("abort", leave);
    signal?.addEventListener("abort", leave, { once: true });
    going.then(resolve, reject).then(settled, settled);
  });
}
