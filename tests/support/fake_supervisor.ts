/**
 * A supervisor without processes: engines change state at once, answer like ours do, and tell the
 * bus. What a test wants otherwise it puts into {@linkcode FakeSupervisor.script}.
 *
 * @module
 */
import {
  AdmissionError,
  type ChangeReason,
  type Clock,
  type EngineState,
  type EngineView,
  RequestError,
} from "../../src/core/mod.ts";
import type { EventBus } from "../../src/events/mod.ts";
import type {
  Call,
  CallOptions,
  CallPayload,
  EngineLease,
  FleetMetrics,
  InputAnswer,
  InputOptions,
  ProfileOptions,
  StopOptions,
  SupervisorApi,
} from "../../src/supervisor/mod.ts";

/** Replaces what an engine does; a rejection is what the caller gets. */
export interface Script {
  start?: (engine: string) => Promise<void>;
  stop?: (engine: string, options: StopOptions) => Promise<void>;
  call?: (engine: string, call: Call, options: CallOptions) => Promise<CallPayload>;
  metrics?: () => Promise<FleetMetrics>;
  input?: (engine: string, text: string, options: InputOptions) => Promise<InputAnswer>;
}

export interface FakeSupervisorOptions {
  readonly clock: Clock;
  readonly events: EventBus;
  /** @default ["echo"] */
  readonly engines?: readonly string[];
}

export class FakeSupervisor implements SupervisorApi {
  /** What was asked for, e.g. `stop echo force`. */
  readonly calls: string[] = [];
  readonly script: Script = {};
  readonly #clock: Clock;
  readonly #events: EventBus;
  readonly #views = new Map<string, EngineView>();
  #count = 0;

  constructor({ clock, events, engines = ["echo"] }: FakeSupervisorOptions) {
    this.#clock = clock;
    this.#events = events;
    for (const name of engines) this.#views.set(name, stoppedView(name, this.#now()));
  }

  views(): readonly EngineView[] {
    return [...this.#views.values()];
  }

  view(engine: string): EngineView {
    const view = this.#views.get(engine);
    if (view !== undefined) return view;
    throw new RequestError("unknown_engine", {
      detail: `There is no engine ${engine}.`,
      remedy: `Use one of: ${[...this.#views.keys()].join(", ")}.`,
      engine,
    });
  }

  /** Changes what is seen of an engine, without a change of state; told as a snapshot. */
  set(engine: string, change: Partial<EngineView>): void {
    const view = { ...this.view(engine), ...change };
    this.#views.set(engine, view);
    this.#events.publish({ type: "snapshot", engines: [view] });
  }

  /** Goes to another state and tells it. */
  move(engine: string, to: EngineState, change: Partial<EngineView> = {}): void {
    const { state: from } = this.view(engine);
    const view: EngineView = { ...this.view(engine), ...change, state: to, since: this.#now() };
    this.#views.set(engine, view);
    const reason: ChangeReason = view.reason ?? "requested";
    this.#events.publish({ type: "state", engine, from, to, reason, view });
  }

  async start(engine: string): Promise<EngineView> {
    this.calls.push(`start ${engine}`);
    await this.#up(engine, "requested");
    return this.view(engine);
  }

  async stop(engine: string, options: StopOptions = {}): Promise<EngineView> {
    const words = [options.force && "force", options.hold && "hold"].filter(Boolean);
    this.calls.push(["stop", engine, ...words].join(" "));
    this.view(engine);
    if (this.script.stop !== undefined) await this.script.stop(engine, options);
    else this.down(engine, "requested");
    return this.view(engine);
  }

  async restart(engine: string): Promise<EngineView> {
    this.calls.push(`restart ${engine}`);
    this.down(engine, "requested");
    await this.#up(engine, "requested");
    return this.view(engine);
  }

  async input(engine: string, text: string, options: InputOptions = {}): Promise<InputAnswer> {
    this.calls.push(`input ${engine}`);
    if (this.script.input !== undefined) return await this.script.input(engine, text, options);
    if (this.view(engine).state !== "ready") options.onPhase?.("starting");
    await this.#up(engine, "input");
    options.onPhase?.("answering");
    const message = `You said: ${text}`;
    const at = this.#now();
    const count = ++this.#count;
    const tookMs = 1.5;
    this.#events.publish({
      type: "python_input",
      ...{ engine, input: text, message, cut: [], count, at, tookMs },
    });
    return toAnswer({ json: { input: text, message, count, timestamp: Date.parse(at) / 1000 } });
  }

  /** Gives the argument back. */
  async call(engine: string, call: Call, options: CallOptions = {}): Promise<CallPayload> {
    this.calls.push(`call ${engine} ${call.name}`);
    if (this.script.call !== undefined) return await this.script.call(engine, call, options);
    await this.#up(engine, "input");
    return call.argument;
  }

  /** Refused: a fake engine speaks no HTTP. */
  lease(engine: string): EngineLease {
    const { name } = this.view(engine);
    const details = { detail: `${name} is a fake.`, remedy: "Ask a real one.", engine };
    throw new AdmissionError("shutting_down", details);
  }

  /** None has any of its own. */
  metrics(): Promise<FleetMetrics> {
    return this.script.metrics?.() ?? Promise.resolve({ ejections: [], engines: [] });
  }

  profile(engine: string, { seconds }: ProfileOptions): Promise<Uint8Array<ArrayBuffer>> {
    this.calls.push(`profile ${engine} ${seconds}`);
    return Promise.resolve(new Uint8Array([1, 2, 3]));
  }

  touch(engine: string): void {
    this.view(engine);
    this.calls.push(`touch ${engine}`);
  }

  shutdown(): Promise<{ clean: true; engines: [] }> {
    return Promise.resolve({ clean: true, engines: [] });
  }

  /** Stopped by way of `stopping`. */
  down(engine: string, reason: ChangeReason): void {
    if (this.view(engine).state === "stopped") return;
    this.move(engine, "stopping", { reason, stopsAt: null });
    const gone = { pid: null, startedAt: null, readyAt: null, rssBytes: null, inflight: 0 };
    this.move(engine, "stopped", { ...gone, how: "graceful" });
  }

  async #up(engine: string, reason: ChangeReason): Promise<void> {
    if (this.view(engine).state === "ready") return;
    this.move(engine, "starting", { reason, startedAt: this.#now(), pid: 4711, lastError: null });
    await this.script.start?.(engine);
    this.ready(engine);
  }

  ready(engine: string): void {
    const stopsAt = new Date(this.#clock.wall() + this.view(engine).idleTimeoutMs).toISOString();
    this.move(engine, "ready", { readyAt: this.#now(), stopsAt, rssBytes: 41_900_000 });
  }

  #now(): string {
    return new Date(this.#clock.wall()).toISOString();
  }
}

/** An engine that nobody has started yet. */
export function stoppedView(name: string, since: string): EngineView {
  return {
    name,
    kind: "builtin",
    state: "stopped",
    reason: null,
    how: null,
    since,
    pid: null,
    startedAt: null,
    readyAt: null,
    stopsAt: null,
    lastActivityAt: null,
    idleTimeoutMs: 300_000,
    inflight: 0,
    queued: 0,
    queuedSince: null,
    slots: null,
    usualStartMs: null,
    rssBytes: null,
    restarts: 0,
    lastError: null,
    socket: `/run/ai-engine/engine-${name}.sock`,
  };
}

/** An engine's answer; status 200 and JSON unless said otherwise. */
export function toAnswer(answer: Partial<InputAnswer>): InputAnswer {
  const json = answer.json ?? {};
  return {
    status: 200,
    contentType: "application/json",
    body: new TextEncoder().encode(JSON.stringify(json)),
    json,
    tookMs: 1.5,
    ...answer,
  };
}
