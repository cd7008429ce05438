/**
 * One engine: its state, the ones it holds, its process. The only place where the state changes is
 * `#handle`, called by the mailbox, one event at a time and without a pause in between.
 *
 * @module
 */
import type { EngineSettings } from "../config/mod.ts";
import {
  AdmissionError,
  type AiEngineError,
  type BoundView,
  type EngineView,
  type ErrorView,
  type MemoryHold,
  sleep,
  SteppedTime,
  toAiEngineError,
} from "../core/mod.ts";
import type { EventSink } from "../events/mod.ts";
import {
  createLifecycle,
  type Effect,
  type Generation,
  INITIAL_STATE,
  type Lifecycle,
  type LifecycleEvent,
  type LifecycleState,
  type Step,
  type WantedBy,
} from "../lifecycle/mod.ts";
import { DeadlineTimer } from "./deadline_timer.ts";
import { EngineProcess, type ProcessPorts, type ProcessReports } from "./engine_process.ts";
import {
  type EngineFacts,
  type ReportContext,
  toEngineView,
  toErrorView,
  toStateEvent,
  toViewMark,
} from "./engine_report.ts";
import { type FailureContext, toEndError, toError, toRefusalError } from "./failure_text.ts";
import { toHoldText } from "./memory_text.ts";
import { Mailbox } from "./mailbox.ts";
import { type Lessor, ProcessLease } from "./process_lease.ts";
import type { EngineLease, InputAnswer } from "./supervisor_types.ts";
import { type Ask, NewAsk, WaitingRoom } from "./waiting_room.ts";
import { WallTime } from "./wall_time.ts";

/** How many of an engine's last output lines an error carries. */
const LAST_LINES = 20;

/** So much longer than a start may take its caller waits for another one: time for all dead starts. */
const START_PATIENCE_MS = 20_000;

/** How long a broken request waits to learn whether the process has ended. */
const END_KNOWN_MS = 500;

export interface EngineOptions {
  readonly settings: EngineSettings;
  readonly socket: string;
  /** For requests in flight when the program closes. */
  readonly closeDrainMs: number;
  /** New with each start of the program; first part of every run id. */
  readonly boot: string;
  readonly ports: ProcessPorts;
  readonly events: EventSink;
}

interface AskOptions {
  /** Fires when the one who asks leaves. */
  readonly signal: AbortSignal | undefined;
  /** How long it waits for another process after a failure. */
  readonly patienceMs: number;
}

interface Letter {
  readonly event: LifecycleEvent;
  /** Whose `want` it is. */
  readonly ask?: Ask;
}

export class Engine implements Lessor {
  readonly name: string;
  readonly #options: EngineOptions;
  readonly #lifecycle: Lifecycle;
  readonly #timer: DeadlineTimer;
  readonly #wallTime: WallTime;
  readonly #time: SteppedTime;
  readonly #mailbox = new Mailbox<Letter>((letter) => this.#handle(letter));
  readonly #waiting = new WaitingRoom();
  readonly #onRest = new Set<() => void>();
  #state: LifecycleState;
  #process: EngineProcess | undefined;
  #lastError: ErrorView | null = null;
  /** Asks that found no place to wait. */
  #refused = 0;
  /** Why requests to the last process that ended could not be finished. */
  #end: { readonly generation: Generation; readonly error: AiEngineError } | undefined;
  #shown = "";
  #isHoldTold = false;
  /** How the newest process that has no `POST /input` said so. */
  #noInput: { readonly generation: Generation; readonly answer: InputAnswer } | undefined;

  constructor(options: EngineOptions) {
    const { settings, ports, closeDrainMs } = options;
    this.name = settings.name;
    this.#options = options;
    this.#lifecycle = createLifecycle({ ...settings, closeDrainMs });
    this.#wallTime = new WallTime(ports.clock);
    this.#time = new SteppedTime(ports.clock);
    this.#timer = new DeadlineTimer(ports.clock, () => {
      this.post({ type: "deadline", waiting: this.#waiting.first });
    });
    this.#state = { ...INITIAL_STATE, since: ports.clock.now() };
  }

  get settings(): EngineSettings {
    return this.#options.settings;
  }

  view(): EngineView {
    return toEngineView(this.#state, this.#facts, this.#reportContext);
  }

  waitingBound(): BoundView {
    const { name, settings: { queue: { max: limit } } } = this;
    const used = this.#waiting.size;
    return { name: "waiting_requests", engine: name, limit, used, refused: this.#refused };
  }

  /** Resolves when the engine is ready, started if need be. */
  async ready(by: WantedBy, signal?: AbortSignal): Promise<void> {
    const patienceMs = this.settings.startTimeoutMs + START_PATIENCE_MS;
    await this.#ask({ by, signal, patienceMs, take: () => {} });
  }

  /** A lease: at once when the engine is ready, else when it is, started if need be. */
  lease(by: WantedBy, options: AskOptions): EngineLease | Promise<EngineLease> {
    return this.#ask({ ...options, by, take: this.#takeLease });
  }

  release(generation: Generation): void {
    this.post({ type: "release", generation });
  }

  /** Takes in an event; handled before this returns, unless another one is being handled. */
  post(event: LifecycleEvent): void {
    this.#mailbox.post({ event });
  }

  /** Resolves when there is no process, or when `signal` fires. */
  atRest(signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (this.#process === undefined || signal?.aborted) return resolve();
      const done = () => {
        this.#onRest.delete(done);
        signal?.removeEventListener("abort", done);
        resolve();
      };
      this.#onRest.add(done);
      signal?.addEventListener("abort", done, { once: true });
    });
  }

  /** The answer by which process `generation` said that it has no `POST /input`, if it did. */
  noInput(generation: Generation): InputAnswer | undefined {
    return this.#noInput?.generation === generation ? this.#noInput.answer : undefined;
  }

  /** Process `generation` has no `POST /input`, by its `answer`; it is asked no more. */
  turnInputOff(generation: Generation, answer: InputAnswer): void {
    if (this.noInput(generation) !== undefined) return;
    this.#noInput = { generation, answer };
    this.#notice("No input", `The engine has no POST /input (it answered ${answer.status}).`);
  }

  /**
   * Why a request to process `generation` broke off: its end, for which it waits a moment to hear the
   * process' last words, else (it lives on) `broke` itself.
   */
  async explainBreak(generation: Generation, broke: AiEngineError): Promise<AiEngineError> {
    // A lack of ours, of which the process knows nothing.
    if (broke.code === "too_many_connections") return broke;
    const over = new AbortController();
    if (this.#process?.generation === generation) {
      const limit = sleep(this.#options.ports.clock, END_KNOWN_MS, over.signal);
      await Promise.race([this.atRest(over.signal), limit]);
      over.abort();
    }
    if (this.#end?.generation === generation) return this.#end.error;
    const state = this.#state;
    if (state.name !== "stopping" || state.generation !== generation) return broke;
    return toEndError(state, this.#failureContext());
  }

  #ask<T>({ by, signal, patienceMs, take }: AskOptions & {
    readonly by: WantedBy;
    readonly take: () => T;
  }): T | Promise<T> {
    // Nobody asks for the time on the way to a ready engine, where there is nothing to wait for.
    const until = this.#state.name === "ready"
      ? Infinity
      : this.#options.ports.clock.now() + patienceMs;
    const ask = new NewAsk({ by, until, signal, take, onLeave: this.#onLeave });
    this.#mailbox.post({ event: { type: "want", by, until }, ask });
    return ask.answer();
  }

  readonly #onLeave = (ask: Ask): void => this.#waiting.remove(ask);

  readonly #takeLease = (): EngineLease => {
    if (this.#process === undefined) throw new TypeError("A lease was granted without a process");
    return new ProcessLease(this, this.#process);
  };

  #handle(letter: Letter): void {
    if (letter.ask?.hasLeft()) return;
    const from = this.#state;
    const now = this.#timeFor(letter.event);
    const step = this.#transition(letter, now);
    if (step === null) return;
    const to = this.#state = step.state;
    // Before the effects: should one of them throw, the state still ends in time.
    const deadline = this.#lifecycle.deadlineOf(to);
    if (deadline === null && to.name !== "ready") this.#timer.stop();
    else this.#timer.set(deadline);
    if (from.name !== to.name) this.#enter(from, to, now);
    for (const effect of step.effects) this.#carryOut(effect, letter.ask);
    // Last: who is told may act at once, and is to find everything done.
    if (from.name !== to.name) this.#tellChange(from, to, now);
  }

  /** Requests that come and go are too many to ask the clock for each; their limits are seconds. */
  #timeFor({ type }: LifecycleEvent): number {
    const isRequest = type === "want" || type === "release";
    return isRequest && this.#state.name === "ready"
      ? this.#time.now()
      : this.#options.ports.clock.now();
  }

  /** The next step; `null` for an event that the table does not know: told, and of no effect. */
  #transition({ event, ask }: Letter, now: number): Step | null {
    try {
      return this.#lifecycle.transition(this.#state, event, now);
    } catch (error) {
      const fault = toAiEngineError(error);
      this.#notice("Internal error", fault.message);
      ask?.refuse(fault);
      return null;
    }
  }

  #enter(from: LifecycleState, to: LifecycleState, now: number): void {
    if (to.name === "ready") this.#lastError = null;
    else this.#time.stop();
    if (from.name === "stopping") {
      if (to.how === "lost") this.#process?.abandon();
      this.#process = undefined;
      const error = toEndError(from, this.#failureContext());
      this.#end = { generation: from.generation, error };
    }
    // Told once, where the process ended; what comes after it knows no more.
    const isEnd = from.name === "stopping" || from.name === "starting";
    const failure = isEnd && "failure" in to ? to.failure : null;
    if (failure !== null) {
      const error = toError(failure, this.#failureContext());
      this.#lastError = toErrorView(error, this.#wallTime.show(now));
    }
    if (this.#process === undefined) { for (const done of [...this.#onRest]) done(); }
  }

  #tellChange(from: LifecycleState, to: LifecycleState, now: number): void {
    this.#options.events.publish(toStateEvent(from, to, { view: this.view(), now }));
  }

  #carryOut(effect: Effect, ask: Ask | undefined): void {
    switch (effect.type) {
      case "spawn":
        return this.#spawn(effect.generation);
      case "ask_stop":
        return this.#process?.askStop();
      case "signal":
        return this.#process?.signal(effect.osSignal);
      case "grant":
        return ask?.grant();
      case "hold":
        return ask && this.#hold(ask);
      case "refuse":
        return ask?.refuse(toRefusalError(effect.refusal, this.#failureContext()));
      case "ask_held_again":
        // Now and not by the mailbox: a stop that waits in it must find them served, not between.
        for (const held of this.#waiting.takeAll()) {
          const { by, until } = held;
          this.#handle({ event: { type: "want", by, until }, ask: held });
        }
        return;
      case "refuse_held": {
        const error = toRefusalError(effect.refusal, this.#failureContext());
        for (const held of this.#waiting.takeAll()) held.refuse(error);
        return;
      }
      case "refuse_impatient": {
        const error = toRefusalError(effect.refusal, this.#failureContext());
        for (const held of this.#waiting.takeImpatient(effect.at)) held.refuse(error);
      }
    }
  }

  #hold(ask: Ask): void {
    const { max } = this.settings.queue;
    if (this.#waiting.size < max) return this.#waiting.add(ask);
    this.#refused++;
    ask.refuse(
      new AdmissionError("queue_full", {
        detail: `${max} requests wait for the engine, which is the limit.`,
        remedy: "Send fewer at once, or raise queue.max.",
        engine: this.name,
        retryAfterS: 1,
      }),
    );
  }

  #spawn(generation: Generation): void {
    const { settings, socket, ports, boot } = this.#options;
    this.#process = new EngineProcess({
      settings,
      socket,
      generation,
      runId: `${boot}-${settings.name}-${generation}`,
      ports,
      reports: this.#reports(generation),
    });
    this.#process.start();
  }

  #reports(generation: Generation): ProcessReports {
    const { events, ports: { random } } = this.#options;
    const isCurrent = () => this.#process?.generation === generation;
    return {
      onSpawnFailed: (error) => {
        this.#process = undefined;
        const chance = random.fraction();
        this.post({
          type: "spawn_failed",
          generation,
          error,
          chance,
          waiting: this.#waiting.first,
        });
      },
      onNotYet: (status) => this.post({ type: "not_yet", generation, status }),
      onMemoryHold: (hold) => this.#tellMemoryHold(hold),
      onReady: () => this.post({ type: "ready", generation }),
      onStatus: (status) => {
        if (!isCurrent()) return;
        this.post({ type: "polled", generation, busy: status.busy === true });
        events.publish({ type: "python_status", engine: this.name, status });
      },
      onBeat: () => {
        if (isCurrent()) this.#showChanges();
      },
      onNotice: (title, detail) => this.#notice(title, detail),
      onUnhealthy: () => {
        this.post({ type: "unhealthy", generation, chance: random.fraction() });
      },
      onStopUnavailable: () => this.post({ type: "stop_unavailable", generation }),
      onExited: (exit) =>
        this.post({ type: "exited", generation, exit, chance: random.fraction() }),
      onGone: () => this.post({ type: "gone", generation, waiting: this.#waiting.first }),
    };
  }

  #notice(title: string, detail: string): void {
    const { events, ports } = this.#options;
    const at = this.#wallTime.show(ports.clock.now());
    events.publish({ type: "notice", level: "warn", engine: this.name, title, detail, at });
  }

  /** Once: it is the same for every process, unless the machine changes. */
  #tellMemoryHold(hold: MemoryHold): void {
    if (this.#isHoldTold) return;
    this.#isHoldTold = true;
    this.#notice("Memory limit", toHoldText(hold, this.settings));
  }

  /** Publishes the view when its numbers have changed since it was last shown. */
  #showChanges(): void {
    const mark = toViewMark(this.#state, this.#facts, this.#reportContext);
    if (mark === this.#shown) return;
    this.#shown = mark;
    this.#options.events.publish({ type: "snapshot", engines: [this.view()] });
  }

  get #facts(): EngineFacts {
    return {
      process: this.#process?.facts ?? null,
      queued: this.#waiting.size,
      lastError: this.#lastError,
    };
  }

  get #reportContext(): ReportContext {
    const { settings, socket, ports } = this.#options;
    return { now: ports.clock.now(), settings, socket, wallTime: this.#wallTime };
  }

  #failureContext(): FailureContext {
    const { settings, socket, ports } = this.#options;
    return { settings, socket, lastLines: ports.output.tail(this.name, LAST_LINES) };
  }
}
