/** The supervisor: engines by name, and the close of them all. */
import { type BoundView, type Clock, type EngineView, RequestError, sleep } from "../core/mod.ts";
import {
  BUDGET_DEFAULTS,
  type BudgetSettings,
  SWAP_DEFAULTS,
  type SwapSettings,
} from "../config/mod.ts";
import type { EventSink } from "../events/mod.ts";
import { Engine, type EngineOptions } from "./engine.ts";
import { Room } from "./room.ts";
import { sendInput } from "./input.ts";
import type {
  EngineLease,
  InputAnswer,
  InputOptions,
  LeaseOptions,
  ShutdownReport,
  StopOptions,
  SupervisorApi,
  WaitOptions,
} from "./supervisor_types.ts";

/** For requests in flight when the program closes. */
export const CLOSE_DRAIN_MS = 3_500;

/** The close of the program takes at most this and twice the longest grace; then SIGKILL. */
export const CLOSE_LIMIT_MS = 4_000;

export interface SupervisorOptions {
  readonly engines: readonly Pick<EngineOptions, "settings" | "socketOf">[];
  readonly boot: string;
  readonly ports: EngineOptions["ports"];
  readonly events: EventSink;
  /** @default no limit */
  readonly budget?: BudgetSettings;
  /** @default as {@linkcode SWAP_DEFAULTS} */
  readonly swap?: SwapSettings;
}

export class Supervisor implements SupervisorApi {
  readonly #clock: Clock;
  readonly #events: EventSink;
  readonly #engines: ReadonlyMap<string, Engine>;
  #closing: Promise<ShutdownReport> | undefined;

  constructor(options: SupervisorOptions) {
    const { engines, boot, ports, events, swap = SWAP_DEFAULTS } = options;
    const room = newRoom(options);
    const shared = { boot, ports, events, room, minStayMs: swap.minStayMs };
    this.#clock = ports.clock;
    this.#events = events;
    this.#engines = new Map(engines.map(({ settings, socketOf }) => [
      settings.name,
      new Engine({ ...shared, settings, socketOf, closeDrainMs: CLOSE_DRAIN_MS }),
    ]));
  }

  views(): readonly EngineView[] {
    return [...this.#engines.values()].map((engine) => engine.view());
  }

  view(engine: string): EngineView {
    return this.#find(engine).view();
  }

  bounds(): readonly BoundView[] {
    return Array.from(this.#engines.values(), (engine) => engine.waitingBound());
  }

  async start(name: string, options: WaitOptions = {}): Promise<EngineView> {
    const engine = this.#find(name);
    await engine.ready("start", options.signal);
    return engine.view();
  }

  async stop(name: string, options: StopOptions = {}): Promise<EngineView> {
    const engine = this.#find(name);
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
    const engine = this.#find(name);
    options.signal?.throwIfAborted();
    engine.post({ type: "stop", cause: "restart", urgency: "drain", wakes: "on_demand" });
    // The start keeps its place when the caller leaves: half a restart is a stop nobody asked for.
    await untilLeft(engine.ready("start"), options.signal);
    return engine.view();
  }

  async input(name: string, text: string, options: InputOptions = {}): Promise<InputAnswer> {
    const ports = { clock: this.#clock, events: this.#events };
    return await sendInput(this.#find(name), text, { ...options, ...ports });
  }

  lease(name: string, options: LeaseOptions = {}): EngineLease | Promise<EngineLease> {
    const engine = this.#find(name);
    const { signal, patienceMs = engine.settings.startTimeoutMs, priority } = options;
    return engine.lease("request", { signal, patienceMs, priority });
  }

  /** Starts the engines that are to be there before anybody asks, the higher priority first. */
  preload(): void {
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

  async #close(): Promise<ShutdownReport> {
    const engines = [...this.#engines.values()];
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
    for (const engine of this.#engines.values()) {
      engine.post({ type: "stop", cause: "shutdown", urgency, wakes: "never" });
    }
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

/** Where there may not be room for all engines at once. */
function newRoom(
  { engines, budget = BUDGET_DEFAULTS, swap = SWAP_DEFAULTS, ports: { clock } }: SupervisorOptions,
): Room | undefined {
  const isBounded = budget.memoryBytes !== null || budget.vramBytes !== null;
  const isNeeded = isBounded || engines.some(({ settings }) => settings.exclusive !== null);
  return isNeeded ? new Room({ budget, swap, clock }) : undefined;
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
