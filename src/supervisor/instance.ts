/**
 * One instance of an engine: its state and its process. The only place where the state changes is
 * `#handle`, called by the mailbox, one event at a time and without a pause in between. Who waits is
 * the engine's, which all its instances share: what the machine says of them is handed to the host.
 *
 * @module
 */
import type { Candidate } from "../balance/mod.ts";
import type { EngineSettings } from "../config/mod.ts";
import {
  type AiEngineError,
  type ErrorView,
  sleep,
  SteppedTime,
  toAiEngineError,
} from "../core/mod.ts";
import {
  createLifecycle,
  type Effect,
  type Generation,
  INITIAL_STATE,
  type Lifecycle,
  type LifecycleEvent,
  type LifecycleState,
  type Refusal,
  type Step,
} from "../lifecycle/mod.ts";
import { DeadlineTimer } from "./deadline_timer.ts";
import { placeOf } from "./endpoint.ts";
import { EngineProcess } from "./engine_process.ts";
import { type InstanceReport, toErrorView } from "./engine_report.ts";
import { type FailureContext, toEndError, toError, toRefusalError } from "./failure_text.ts";
import { InstanceLease } from "./instance_lease.ts";
import type { EndOfRequest, InstanceOptions } from "./instance_types.ts";
import { Mailbox } from "./mailbox.ts";
import type { Member } from "./member.ts";
import type { ProcessReports } from "./process_ports.ts";
import { Reputation } from "./reputation.ts";
import type { Ask } from "./waiting_room.ts";

/** How many of an engine's last output lines an error carries. */
const LAST_LINES = 20;

/** How long a broken request waits to learn whether the process has ended. */
const END_KNOWN_MS = 500;

interface Letter {
  readonly event: LifecycleEvent;
  /** Whose `want` it is. */
  readonly ask?: Ask;
  /** It holds a place among the promised until it is handled. */
  readonly isPromised?: boolean;
  /** It never lay in the mailbox. */
  readonly isDirect?: boolean;
}

export class Instance implements Member {
  readonly id: number;
  readonly #options: InstanceOptions;
  #settings: EngineSettings;
  #lifecycle: Lifecycle;
  readonly #timer: DeadlineTimer;
  readonly #mailbox = new Mailbox<Letter>((letter) => this.#handle(letter));
  readonly #time: SteppedTime;
  readonly #reputation: Reputation;
  readonly #onRest = new Set<() => void>();
  #state: LifecycleState;
  #process: EngineProcess | undefined;
  #lastError: ErrorView | null = null;
  /** Why requests to the last process that ended could not be finished. */
  #end: { readonly generation: Generation; readonly error: AiEngineError } | undefined;
  /** Wants that wait in the mailbox: each may take a slot. */
  #promised = 0;
  /** Whether the host acts at this moment, at a point of an event where the state is whole. */
  #isHostsTurn = false;
  #isClosed = false;
  /** Wants that wait in the mailbox, whoever's. */
  #wants = 0;
  /** Where its newest process listens, or is to. */
  #address: string;

  constructor(options: InstanceOptions) {
    const { settings, ports, closeDrainMs } = options;
    this.id = options.id;
    this.#address = placeOf(settings, options.socket);
    this.#options = options;
    this.#settings = settings;
    this.#lifecycle = createLifecycle({ ...settings, closeDrainMs });
    this.#time = new SteppedTime(ports.clock);
    this.#reputation = new Reputation(ports, options.host);
    this.#timer = new DeadlineTimer(ports.clock, () => this.#onDeadline());
    this.#state = { ...INITIAL_STATE, since: ports.clock.now() };
  }

  /** Goes on by other rules; the process stays as it is. */
  configure(settings: EngineSettings): void {
    this.#settings = settings;
    const { closeDrainMs } = this.#options;
    this.#lifecycle = createLifecycle({ ...settings, closeDrainMs });
    if (this.#state.name === "ready") this.#timer.set(this.idleAt);
  }

  get state(): LifecycleState {
    return this.#state;
  }

  get report(): InstanceReport {
    return {
      id: this.id,
      state: this.#state,
      process: this.#process?.facts ?? null,
      lastError: this.#lastError,
      socket: this.#address,
    };
  }

  /** Requests it works on. */
  get inflight(): number {
    return this.#state.name === "ready" ? this.#state.work.inflight : 0;
  }

  get hasFreeSlot(): boolean {
    const { slots } = this.#settings;
    if (this.#state.name !== "ready") return false;
    return slots === null || this.#state.work.inflight + this.#promised < slots;
  }

  get isWanted(): boolean {
    return this.#wants > 0;
  }

  /** How it stands beside the others that are ready. */
  get candidate(): Candidate {
    const slots = this.#settings.slots ?? Infinity;
    const { standing } = this.#reputation;
    return { inflight: this.inflight + this.#promised, slots, weight: 1, standing };
  }

  /** When the idle stop of it alone would be; `null` while it is used, or never. */
  get idleAt(): number | null {
    return this.#state.name === "ready" ? this.#lifecycle.deadlineOf(this.#state) : null;
  }

  /** It has been chosen for a request. */
  onChosen(): void {
    this.#reputation.onChosen();
  }

  want(ask: Ask): void {
    const event = { type: "want", by: ask.by, until: ask.until } as const;
    // Not by the mailbox: a stop that waits in it must find them served, not between.
    if (this.#isHostsTurn) return this.#handle({ event, ask, isDirect: true });
    // Who only wants it ready takes none of its slots.
    const isPromised = ask.by !== "start" && ask.by !== "preload";
    if (isPromised) this.#promised++;
    this.#wants++;
    this.#mailbox.post({ event, ask, isPromised });
  }

  /** Takes in an event; handled before this returns, unless another one is being handled. */
  post(event: LifecycleEvent): void {
    if (event.type === "want") this.#wants++;
    this.#mailbox.post({ event });
  }

  release({ generation, failure, since, keepAliveMs }: EndOfRequest): void {
    const { host } = this.#options;
    this.#reputation.onEnded(failure);
    this.post({ type: "release", generation, keepAliveMs });
    host.onFreed(this, since === null ? null : this.#time.now() - since);
  }

  /** Looks whether its idle time is over; it may have been put off. */
  lookWhetherIdle(): void {
    if (this.#state.name === "ready") this.#timer.set(this.idleAt);
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

  close(): void {
    // At rest it has nothing; another may be where it was.
    this.#isClosed = true;
  }

  newLease(): InstanceLease {
    if (this.#process === undefined) throw new TypeError("A lease was granted without a process");
    // How long requests take tells who waits for a slot when to come again.
    const since = this.#settings.slots === null ? null : this.#time.now();
    return new InstanceLease({ source: this, process: this.#process, since });
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

  #onDeadline(): void {
    const verdict = this.#state.name === "ready" ? this.#options.host.onIdle(this) : null;
    if (verdict?.kind === "later") return this.#timer.set(verdict.at);
    if (verdict?.kind === "scale_down") {
      return this.post({ type: "stop", cause: "scale", urgency: "drain", wakes: "on_demand" });
    }
    this.post({ type: "deadline", waiting: this.#options.host.nextWaitingFor(this) });
  }

  #handle(letter: Letter): void {
    if (letter.isPromised) this.#promised--;
    if (letter.event.type === "want" && letter.isDirect !== true) this.#wants--;
    // The place that was kept for it is the next one's.
    if (letter.ask?.hasLeft()) return this.#options.host.onFreed(this, null);
    // Its place was taken while the letter lay here.
    const { host } = this.#options;
    if (this.#isClosed || letter.event.type === "want" && !host.mayRun(this)) {
      return letter.ask && host.readmit(letter.ask);
    }
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
    // It was wanted, and stays at rest: others may have its room.
    if (letter.event.type === "want" && this.#process === undefined) host.onFreed(this, null);
    // Last: who is told may act at once, and is to find everything done.
    if (from.name === to.name) return;
    this.#options.host.onChange(this, { from, to, now });
  }

  /** For the host, told of a change: what it wants in `act` is done now, and not behind what waits. */
  actNow(act: () => void): void {
    const before = this.#isHostsTurn;
    this.#isHostsTurn = true;
    try {
      act();
    } finally {
      this.#isHostsTurn = before;
    }
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
      this.#options.notices.tell("Internal error", { detail: fault.message });
      ask?.refuse(fault);
      return null;
    }
  }

  #enter(from: LifecycleState, to: LifecycleState, now: number): void {
    if (to.name === "ready") {
      this.#lastError = null;
      this.#reputation.renew();
    } else this.#time.stop();
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
      this.#lastError = toErrorView(error, this.#options.wallTime.show(now));
    }
    if (this.#process === undefined) { for (const done of [...this.#onRest]) done(); }
  }

  #carryOut(effect: Effect, ask: Ask | undefined): void {
    const { host } = this.#options;
    switch (effect.type) {
      case "spawn":
        return this.#spawn(effect.generation);
      case "ask_stop":
        return this.#process?.askStop();
      case "signal":
        return this.#process?.signal(effect.osSignal);
      case "grant":
        return ask?.grant(this);
      case "hold":
        return ask && host.hold(ask);
      case "refuse":
        return ask?.refuse(this.#toError(effect.refusal));
      case "ask_held_again":
        return this.actNow(() => host.askHeldAgain());
      case "refuse_held":
        return host.refuseHeld(this, effect.refusal, () => this.#toError(effect.refusal));
      case "refuse_impatient":
        return host.refuseImpatient(this, effect.at, () => this.#toError(effect.refusal));
    }
  }

  #spawn(generation: Generation): void {
    const { socket, ports, boot, host } = this.#options;
    const settings = this.#settings;
    const serial = host.nextSerial();
    this.#process = new EngineProcess({
      settings,
      socket,
      generation,
      serial,
      runId: `${boot}-${settings.name}-${serial}`,
      ports,
      reports: this.#reports(generation),
      measuresMemory: this.#options.measuresMemory,
    });
    this.#process.start();
  }

  #reports(generation: Generation): ProcessReports {
    const { events, host, notices, ports: { random }, settings } = this.#options;
    const isCurrent = () => this.#process?.generation === generation;
    return {
      onSpawnFailed: (error) => {
        this.#process = undefined;
        const chance = random.fraction();
        const waiting = host.nextWaitingFor(this);
        this.post({ type: "spawn_failed", generation, error, chance, waiting });
      },
      onNotYet: (status) => this.post({ type: "not_yet", generation, status }),
      onMemoryHold: (hold) => notices.memoryHold(hold, this.#settings),
      onPlaced: (address) => this.#address = address,
      onReady: () => this.post({ type: "ready", generation }),
      onStatus: (status) => {
        if (!isCurrent()) return;
        this.post({ type: "polled", generation, busy: status.busy === true });
        events.publish({ type: "python_status", engine: settings.name, status });
      },
      onBeat: () => {
        if (isCurrent()) host.onBeat();
      },
      onMeasured: (bytes) => host.onMeasured(bytes),
      onNotice: (title, detail) => notices.tell(title, { detail }),
      onUnhealthy: () => {
        this.post({ type: "unhealthy", generation, chance: random.fraction() });
      },
      onStopUnavailable: () => this.post({ type: "stop_unavailable", generation }),
      onExited: (exit) =>
        this.post({ type: "exited", generation, exit, chance: random.fraction() }),
      onGone: () => this.post({ type: "gone", generation, waiting: host.nextWaitingFor(this) }),
    };
  }

  #toError(refusal: Refusal): AiEngineError {
    return toRefusalError(refusal, this.#failureContext());
  }

  #failureContext(): FailureContext {
    const settings = this.#settings;
    const { ports } = this.#options;
    return {
      settings,
      address: this.#address,
      lastLines: ports.output.tail(settings.name, LAST_LINES),
    };
  }
}
