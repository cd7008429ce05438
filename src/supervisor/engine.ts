/**
 * One engine: those who wait for it, and its instances, of which there is one unless it has replicas.
 * Who asks gets a free slot of the instance that has least to do; when there is none, or none is ready,
 * it waits in one line for all of them.
 *
 * @module
 */
import { choose } from "../balance/mod.ts";
import type { EngineSettings } from "../config/mod.ts";
import {
  type AiEngineError,
  type BoundView,
  type EngineView,
  toAiEngineError,
} from "../core/mod.ts";
import type { EventSink } from "../events/mod.ts";
import type { LifecycleEvent, LifecycleState, Refusal, WantedBy } from "../lifecycle/mod.ts";
import { DeadlineTimer } from "./deadline_timer.ts";
import type { ProcessPorts } from "./engine_process.ts";
import { type EngineReport, toEngineView, toStateEvent, toViewMark } from "./engine_report.ts";
import { type IdleVerdict, Instance, type InstanceHost, type StateChange } from "./instance.ts";
import type { InstanceLease } from "./instance_lease.ts";
import { Pace } from "./pace.ts";
import { queueFull, queueTimeout } from "./queue_errors.ts";
import type { Lodger, Room } from "./room.ts";
import type { Claim, Use } from "./room_plan.ts";
import { type Ask, NewAsk, WaitingRoom } from "./waiting_room.ts";
import { WallTime } from "./wall_time.ts";

/** So much longer than a start may take its caller waits for another one: time for all dead starts. */
const START_PATIENCE_MS = 20_000;

/** When somebody has waited so long for a slot, another instance is started. */
const SCALE_UP_MS = 1_000;

/** Between two looks of those who wait at their places, and of others at the line. */
const QUEUE_LOOK_MS = 1_000;

/** Between two looks whether an idle instance may stop while another one is used. */
const IDLE_LOOK_MS = 60_000;

export interface EngineOptions {
  readonly settings: EngineSettings;
  /** Of the instance `id`; 0 is the first. */
  readonly socketOf: (id: number) => string;
  /** For requests in flight when the program closes. */
  readonly closeDrainMs: number;
  /** New with each start of the program; first part of every run id. */
  readonly boot: string;
  readonly ports: ProcessPorts;
  readonly events: EventSink;
  /** Where there is not room for all engines at once. @default there is */
  readonly room?: Room | undefined;
  /** How long it stays once it is ready, whoever needs its room. */
  readonly minStayMs: number;
}

interface AskOptions {
  /** Fires when the one who asks leaves. */
  readonly signal: AbortSignal | undefined;
  /** How long it waits for another process after a failure. */
  readonly patienceMs: number;
  /** @default the engine's */
  readonly priority?: number | undefined;
  /** Told which place in the line it has, from 1 on, while it has one. */
  readonly onPlace?: ((place: number) => void) | undefined;
}

/** There is no process, and none will come by itself. */
const AT_REST: ReadonlySet<string> = new Set(["stopped", "failed"]);
const LEAVING: ReadonlySet<string> = new Set(["draining", "stopping"]);

/** From the one that serves, or will soonest, to the one that won't. */
const SOONEST = ["ready", "starting", "stopped", "draining", "stopping", "backoff", "failed"];

export class Engine implements InstanceHost, Lodger {
  readonly name: string;
  readonly #options: EngineOptions;
  readonly #instances: readonly Instance[];
  readonly #wallTime: WallTime;
  readonly #waiting = new WaitingRoom();
  readonly #waitTimer: DeadlineTimer;
  #serial = 0;
  /** When an instance was last added. */
  #scaledAt = -Infinity;
  /** When those who wait were last told their places. */
  #placesToldAt = -Infinity;
  /** Asks that found no place to wait, or waited too long. */
  #refused = 0;
  readonly #pace = new Pace();
  /** What the room has decided: `held_back` = it is to come to rest, `evicted` = it is on its way out. */
  #turn: "free" | "held_back" | "evicted" = "free";
  /** The most that one instance was seen to have. */
  #peakBytes = 0;
  #shown = "";

  constructor(options: EngineOptions) {
    const { settings, socketOf, ports } = options;
    this.name = settings.name;
    this.#options = options;
    this.#wallTime = new WallTime(ports.clock);
    this.#waitTimer = new DeadlineTimer(ports.clock, () => this.#onWaited());
    const measuresMemory = options.room !== undefined && settings.size.memoryBytes === null;
    const shared = { ...options, wallTime: this.#wallTime, host: this, measuresMemory };
    this.#instances = Array.from(
      { length: settings.replicas.max ?? settings.replicas.min },
      (_, id) => new Instance({ ...shared, id, socket: socketOf(id) }),
    );
  }

  get settings(): EngineSettings {
    return this.#options.settings;
  }

  get nextWaiting(): WantedBy | null {
    // The room of one that is evicted is another's.
    if (this.#turn === "evicted") return null;
    return this.#waiting.first?.by ?? null;
  }

  view(): EngineView {
    return toEngineView(this.#report);
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

  /** Starts it before anybody asks, where nobody has to make room for it; a failure is told. */
  preload(): void {
    const { events, ports: { clock }, room } = this.#options;
    const tell = (detail: string, remedy: string) => {
      const at = this.#wallTime.show(clock.now());
      const title = "Not preloaded";
      events.publish({
        type: "notice",
        level: "warn",
        engine: this.name,
        title,
        detail,
        remedy,
        at,
      });
    };
    if (room?.fits(this) === false) {
      return tell("There is no room for it beside the others.", "It starts when it is asked for.");
    }
    this.ready("preload").catch((error) => {
      const { code, title, message, remedy } = toAiEngineError(error);
      // Somebody has it so.
      if (code === "stopped_by_user" || code === "shutting_down") return;
      tell(`${title}: ${message}`, remedy);
    });
  }

  /** A lease: at once when there is a free slot, else when there is one, started if need be. */
  lease(by: WantedBy, options: AskOptions): InstanceLease | Promise<InstanceLease> {
    return this.#ask({ ...options, by, take: takeLease });
  }

  /** To all instances. */
  post(event: LifecycleEvent): void {
    for (const instance of this.#instances) instance.post(event);
  }

  /** Resolves when there is no process, or when `signal` fires. */
  async atRest(signal?: AbortSignal): Promise<void> {
    await Promise.all(this.#instances.map((instance) => instance.atRest(signal)));
  }

  get claim(): Claim {
    const { exclusive, size: { memoryBytes, vramBytes } } = this.settings;
    const count = this.#instances.length;
    const size = {
      memoryBytes: (memoryBytes ?? this.#peakBytes) * count,
      vramBytes: vramBytes * count,
    };
    return { size, exclusive };
  }

  get use(): Use | null {
    const states = this.#instances.map(({ state }) => state);
    if (states.every(({ name }) => AT_REST.has(name))) return null;
    if (states.every(({ name }) => AT_REST.has(name) || LEAVING.has(name))) {
      return { kind: "leaving" };
    }
    if (this.settings.pin) return { kind: "pinned" };
    return useOf(states, { now: this.#now, minStayMs: this.#options.minStayMs });
  }

  evict(): void {
    this.#turn = "evicted";
    this.post({ type: "stop", cause: "evicted", urgency: "drain", wakes: "on_demand" });
  }

  holdBack(isHeldBack: boolean): void {
    if (this.#turn !== "evicted") this.#turn = isHeldBack ? "held_back" : "free";
    if (!isHeldBack) this.#serveWaiting();
  }

  enter(): void {
    this.askHeldAgain();
    this.#leaveRoom();
  }

  /** One instance was seen to have so much. */
  onMeasured(bytes: number): void {
    this.#peakBytes = Math.max(this.#peakBytes, bytes);
  }

  nextSerial(): number {
    return ++this.#serial;
  }

  hold(ask: Ask): void {
    const { queue } = this.settings;
    if (this.#waiting.size >= queue.max) {
      this.#refused++;
      return ask.refuse(queueFull(queue.max, this.#queueError));
    }
    this.#waiting.add(ask, this.#now);
    this.#setWaitTimer();
  }

  askHeldAgain(): void {
    for (const ask of this.#waiting.takeAll()) this.#admit(ask);
    this.#setWaitTimer();
  }

  refuseHeld(instance: Instance, refusal: Refusal, error: AiEngineError): void {
    if (refusal.kind === "failure" && this.#hasAnotherThan(instance)) return;
    for (const ask of this.#waiting.takeAll()) ask.refuse(error);
    this.#setWaitTimer();
  }

  refuseImpatient(instance: Instance, at: number, error: AiEngineError): void {
    if (this.#hasAnotherThan(instance)) return;
    for (const ask of this.#waiting.takeIf(({ until }) => until < at)) ask.refuse(error);
    this.#setWaitTimer();
  }

  /** The last ones stay while any of them is used; one more than is needed goes when it is idle. */
  onIdle(instance: Instance): IdleVerdict {
    const others = this.#instances.filter((one) => one !== instance && one.state.name === "ready");
    if (others.length >= this.settings.replicas.min) return { kind: "scale_down" };
    const now = this.#now;
    const at = Math.max(...others.map(({ idleAt }) => idleAt ?? Infinity));
    if (at <= now) return { kind: "stop" };
    // While another one is used nobody knows until when: its last request's end looks again.
    return { kind: "later", at: at === Infinity ? now + IDLE_LOOK_MS : at };
  }

  onChange(instance: Instance, { from, to, now }: StateChange): void {
    if (from.name === "starting" && to.name === "ready") this.#pace.started(now - from.since);
    const view = this.view();
    const id = this.#instances.length > 1 ? instance.id : undefined;
    this.#options.events.publish(toStateEvent(from, to, { view, now, instance: id }));
    instance.actNow(() => this.#makeRoom());
    if (this.#waiting.size > 0) this.#setWaitTimer();
  }

  onBeat(): void {
    this.#keepUp();
    this.#options.room?.look();
    this.#show();
  }

  /** Publishes the view when its numbers have changed since it was last shown. */
  #show(): void {
    const report = this.#report;
    const mark = toViewMark(report);
    if (mark === this.#shown) return;
    this.#shown = mark;
    this.#options.events.publish({ type: "snapshot", engines: [toEngineView(report)] });
  }

  onFreed(instance: Instance, tookMs: number | null): void {
    if (tookMs !== null) this.#pace.ended(tookMs);
    if (this.#waiting.size > 0) {
      this.#serveWaiting();
      this.#setWaitTimer();
    }
    this.#options.room?.look();
    if (this.#instances.length === 1) return;
    for (const other of this.#instances) if (other !== instance) other.lookWhetherIdle();
  }

  #ask<T>({ by, signal, patienceMs, priority, onPlace, take }: AskOptions & {
    readonly by: WantedBy;
    readonly take: (instance: Instance) => T;
  }): T | Promise<T> {
    const place = { by, priority: priority ?? this.settings.priority };
    const free = this.#freeFor(place);
    // Nobody asks for the time on the way to a free slot, where there is nothing to wait for.
    const until = free === undefined ? this.#now + patienceMs : Infinity;
    const ask = new NewAsk({ ...place, until, signal, take, onPlace, onLeave: this.#onLeave });
    if (free === undefined) this.#holdOrWake(ask);
    else free.want(ask);
    return ask.answer();
  }

  /** Grants, holds or refuses. */
  #admit(ask: Ask): void {
    const free = this.#freeFor(ask);
    if (free === undefined) this.#holdOrWake(ask);
    else free.want(ask);
  }

  #holdOrWake(ask: Ask): void {
    if (this.#ready === undefined) this.#wake(ask);
    else this.hold(ask);
  }

  /** Nobody is ready: as many as there are to be at least are told that they are wanted. */
  #wake(ask: Ask): void {
    try {
      // Room first; `enter` asks again.
      if (this.#options.room?.claim(this) === false) return this.hold(ask);
    } catch (error) {
      return ask.refuse(toAiEngineError(error));
    }
    const [first, ...others] = this.#instances.toSorted((a, b) => soonness(a) - soonness(b));
    for (const other of others.slice(0, this.settings.replicas.min - 1)) this.#prod(other);
    first?.want(ask);
    this.#leaveRoom();
  }

  /** Once it has nothing and comes to nothing others may have its room; who waits claims it anew. */
  #makeRoom(): void {
    const { room } = this.#options;
    if (room === undefined) return;
    if (this.use !== null) return room.look();
    this.#turn = "free";
    room.leave(this);
    this.askHeldAgain();
  }

  /** Gives up a claim that nobody waits for any more. */
  #leaveRoom(): void {
    if (this.#waiting.size === 0 && this.use === null) this.#options.room?.leave(this);
  }

  #prod(instance: Instance): void {
    instance.post({ type: "want", by: "scale", until: Infinity });
  }

  /** Who serves one who comes now; nobody while others go before it. */
  #freeFor({ by, priority }: Pick<Ask, "by" | "priority">): Instance | undefined {
    // Who only wants it ready.
    if (by === "start" || by === "preload") return this.#ready;
    if (this.#turn === "held_back" || this.#waiting.hasBefore(priority)) return undefined;
    return this.#free();
  }

  get #ready(): Instance | undefined {
    return this.#instances.find(({ state }) => state.name === "ready");
  }

  #free(): Instance | undefined {
    const [only, ...others] = this.#instances;
    if (others.length === 0) return only?.hasFreeSlot ? only : undefined;
    const ready = this.#instances.filter(({ state }) => state.name === "ready");
    const candidates = ready.map(({ candidate }) => candidate);
    const chance = this.#options.ports.random.fraction();
    const chosen = ready[choose(candidates, { now: this.#now, chance }) ?? -1];
    chosen?.onChosen();
    return chosen;
  }

  #serveWaiting(): void {
    if (this.#turn === "held_back") return;
    for (let ask = this.#waiting.first; ask !== undefined; ask = this.#waiting.first) {
      const free = this.#free();
      if (free === undefined) return;
      this.#waiting.remove(ask);
      free.want(ask);
    }
  }

  /** Of several replicas those that are missing are started again while the engine is used. */
  #keepUp(): void {
    const { min } = this.settings.replicas;
    if (this.#instances.length === 1) return;
    const up = this.#instances.filter(({ state: { name } }) =>
      name === "ready" || name === "starting"
    );
    if (up.length === 0 || up.length >= min) return;
    const missing = this.#instances.filter((instance) => !up.includes(instance));
    for (const instance of missing.slice(0, min - up.length)) this.#prod(instance);
  }

  /** Somebody has waited: too long, or long enough for another instance. */
  #onWaited(): void {
    const now = this.#now;
    const { queue: { timeoutMs } } = this.settings;
    for (const ask of this.#waiting.takeIf(({ heldAt }) => heldAt + timeoutMs <= now)) {
      this.#refused++;
      ask.refuse(queueTimeout(timeoutMs, this.#queueError));
    }
    if (this.#scaleUpAt <= now) this.#scaleUp(now);
    if (this.#tellPlacesAt <= now) {
      this.#placesToldAt = now;
      this.#waiting.tellPlaces();
      this.#show();
    }
    this.#setWaitTimer();
  }

  #setWaitTimer(): void {
    const oldest = this.#waiting.oldest;
    if (oldest === undefined) return this.#waitTimer.stop();
    const tooLateAt = oldest.heldAt + this.settings.queue.timeoutMs;
    this.#waitTimer.set(Math.min(tooLateAt, this.#scaleUpAt, this.#tellPlacesAt));
  }

  /** When those who wait are told their places again; `Infinity` while nobody waits. */
  get #tellPlacesAt(): number {
    const since = this.#waiting.oldest?.heldAt ?? Infinity;
    return Math.max(since, this.#placesToldAt) + QUEUE_LOOK_MS;
  }

  /** When one more instance is to be started, by the clock; `Infinity` while none can be, or none need. */
  get #scaleUpAt(): number {
    const oldest = this.#waiting.oldest;
    const names = this.#instances.map(({ state }) => state.name);
    const may = names.includes("ready") && names.includes("stopped") && !names.includes("starting");
    if (oldest === undefined || !may) return Infinity;
    return Math.max(oldest.heldAt, this.#scaledAt) + SCALE_UP_MS;
  }

  #scaleUp(now: number): void {
    this.#scaledAt = now;
    const idle = this.#instances.find(({ state }) => state.name === "stopped");
    if (idle !== undefined) this.#prod(idle);
  }

  readonly #onLeave = (ask: Ask): void => {
    this.#waiting.remove(ask);
    this.#setWaitTimer();
    this.#leaveRoom();
  };

  /** Whether those who wait may wait for another instance. */
  #hasAnotherThan(instance: Instance): boolean {
    return this.#instances.some((one) =>
      one !== instance && (one.state.name === "ready" || one.state.name === "starting")
    );
  }

  get #queueError() {
    const ready = this.#instances.filter(({ state }) => state.name === "ready").length;
    const slots = ready * (this.settings.slots ?? Infinity);
    return { engine: this.name, retryAfterS: this.#pace.retryAfterS(this.#waiting.size, slots) };
  }

  get #now(): number {
    return this.#options.ports.clock.now();
  }

  get #report(): EngineReport {
    return {
      instances: this.#instances.map(({ report }) => report),
      queued: this.#waiting.size,
      queuedSince: this.#waiting.oldest?.heldAt ?? null,
      now: this.#now,
      settings: this.settings,
      wallTime: this.#wallTime,
    };
  }
}

/** Of instances of which at least one runs or is to run. */
function useOf(
  states: readonly LifecycleState[],
  { now, minStayMs }: { readonly now: number; readonly minStayMs: number },
): Use {
  let lastUsedAt = 0;
  let stoppableAt = now;
  for (const state of states) {
    if (state.name === "starting") return { kind: "used" };
    if (state.name !== "ready") continue;
    if (state.work.inflight > 0 || state.work.busyUntil > now) return { kind: "used" };
    lastUsedAt = Math.max(lastUsedAt, state.work.lastActivityAt);
    stoppableAt = Math.max(stoppableAt, state.since + minStayMs);
  }
  return { kind: "idle", lastUsedAt, stoppableAt };
}

const takeLease = (instance: Instance): InstanceLease => instance.newLease();

function soonness({ state }: Instance): number {
  return SOONEST.indexOf(state.name);
}
