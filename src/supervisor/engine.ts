/**
 * One engine: those who wait for it, and its instances, of which there is one unless it has replicas.
 * Who asks gets a free slot of the instance that has least to do; when there is none, or none is ready,
 * it waits in one line for all of them.
 *
 * @module
 */
import type { EngineSettings } from "../config/mod.ts";
import {
  type AiEngineError,
  type BoundView,
  type EngineView,
  type ErrorView,
  RequestError,
  toAiEngineError,
} from "../core/mod.ts";
import type { LifecycleEvent, Refusal, WantedBy } from "../lifecycle/mod.ts";
import { countOf, Crew, LEAVING } from "./crew.ts";
import type { AskOptions, EngineOptions } from "./engine_options.ts";
import { type EngineReport, toEngineView, toStateEvent, toViewMark } from "./engine_report.ts";
import { Instance } from "./instance.ts";
import type { IdleVerdict, InstanceHost, StateChange } from "./instance_types.ts";
import type { InstanceLease } from "./instance_lease.ts";
import { Line } from "./line.ts";
import type { Member } from "./member.ts";
import { RemoteInstance } from "./remote_instance.ts";
import type { Lodger } from "./room.ts";
import type { Claim, Tenant, Use } from "./room_plan.ts";
import { Succession } from "./succession.ts";
import { claimOf, useOf, useOfLeaving } from "./room_use.ts";
import { type Ask, NewAsk } from "./waiting_room.ts";
import { WallTime } from "./wall_time.ts";

/** So much longer than a start may take its caller waits for another one: time for all dead starts. */
const START_PATIENCE_MS = 20_000;

/** When somebody has waited so long for a slot, another instance is started. */
const SCALE_UP_MS = 1_000;

/** Between two looks whether an idle instance may stop while another one is used. */
const IDLE_LOOK_MS = 60_000;

export class Engine implements InstanceHost, Lodger {
  readonly name: string;
  readonly #options: EngineOptions;
  readonly #wallTime: WallTime;
  readonly #crew: Crew;
  readonly #succession: Succession;
  readonly #line: Line;
  /** When an instance was last added. */
  #scaledAt = -Infinity;
  /** What the room has decided: `held_back` = it is to come to rest, `evicted` = it is on its way out. */
  #turn: "free" | "held_back" | "evicted" = "free";
  /** The most that one instance was seen to have. */
  #peakBytes = 0;
  #shown = "";

  constructor(options: EngineOptions) {
    const { settings, ports: { clock, random } } = options;
    this.name = settings.name;
    this.#options = options;
    this.#wallTime = new WallTime(clock);
    this.#crew = new Crew(settings, {
      make: (settings, at) => this.#newInstance(settings, at),
      moment: () => ({ now: clock.now(), chance: random.fraction() }),
      takenIds: options.takenIds,
    });
    this.#line = new Line({
      clock,
      settings: () => this.settings,
      readySlots: () => this.#crew.readySlots,
      slotsSince: () => this.#crew.slotsSince,
      helpAt: ({ heldAt }) =>
        this.#crew.spare === undefined ? Infinity : Math.max(heldAt, this.#scaledAt) + SCALE_UP_MS,
      help: () => this.#scaleUp(),
      onPlacesTold: () => this.#show(),
    });
    this.#succession = new Succession({
      crew: this.#crew,
      mayRunBeside: (settings) => options.room.fits(this.#claimOf(settings)),
      refusalOf: (settings) =>
        options.room.refusalOf({ name: this.name, claim: this.#claimOf(settings) }),
      enterAnew: () => {
        options.room.leave(this);
        return options.room.claim(this);
      },
      onTakenOver: () => {
        options.room.settle(this);
        for (const instance of this.#crew.serving) instance.lookWhetherIdle();
      },
      onChanged: () => this.askHeldAgain(),
      onKept: (why) => this.#tellKept(why),
    });
  }

  get settings(): EngineSettings {
    return this.#crew.settings;
  }

  /** Goes on by `settings`, with another process where that is needed ({@linkcode Succession}). */
  configure(settings: EngineSettings): void {
    this.#succession.to(settings);
  }

  /** It is in the configuration no more: nobody waits for it, what is under way may end. */
  remove(): void {
    this.#line.refuseAll(
      new RequestError("unknown_engine", {
        engine: this.name,
        detail: `${this.name} was taken out of the configuration.`,
        remedy: "Use another engine, or put it back.",
      }),
    );
    this.post({ type: "stop", cause: "reload", urgency: "drain", wakes: "never" });
  }

  view(): EngineView {
    return toEngineView(this.#report);
  }

  waitingBound(): BoundView {
    return this.#line.bound;
  }

  /** Resolves when the engine is ready, started if need be. */
  async ready(by: WantedBy, signal?: AbortSignal): Promise<void> {
    const patienceMs = this.settings.startTimeoutMs + START_PATIENCE_MS;
    await this.#ask({ by, signal, patienceMs, take: () => {} });
  }

  /** Starts it before anybody asks, where nobody has to make room for it; a failure is told. */
  preload(): void {
    const tell = (detail: string, remedy: string) => this.#notice("Not preloaded", detail, remedy);
    // It has its room, or asks for it.
    if (this.#succession.isEntering) return;
    if (this.use === null && !this.#options.room.fits(this.claim)) {
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
    if (event.type === "stop") this.#succession.beforeStop(event.cause);
    for (const instance of this.#crew.all) instance.post(event);
    if (event.type !== "stop") return;
    if (this.#succession.isAwaited) this.#endBackoffs();
    this.#leaveRoom();
  }

  /** What would be tried again is not to be run any more. */
  #endBackoffs(): void {
    for (const instance of this.#crew.serving) {
      if (instance.state.name !== "backoff") continue;
      instance.post({ type: "stop", cause: "reload", urgency: "drain", wakes: "on_demand" });
    }
  }

  /** Of its instances. */
  get ids(): readonly number[] {
    return this.#crew.all.map(({ id }) => id);
  }

  /** Resolves when there is no process, or when `signal` fires. */
  async atRest(signal?: AbortSignal): Promise<void> {
    await Promise.all(this.#crew.all.map((instance) => instance.atRest(signal)));
  }

  get claim(): Claim {
    return this.#claimOf(this.settings, this.#crew.serving.length);
  }

  /** What it has besides, while one takes the place of another. */
  get beside(): readonly Tenant[] {
    return this.#crew.beside.map(([{ state }, settings]) => {
      const use = LEAVING.has(state.name) ? useOfLeaving([state]) : { kind: "pinned" } as const;
      return { ...this.#claimOf(settings, 1), name: this.name, use };
    });
  }

  get use(): Use | null {
    // Who is about to be heard by one of them has its room.
    if (this.#crew.isAtRest) return this.#crew.isWanted ? { kind: "used" } : null;
    const states = this.#crew.serving.map(({ state }) => state);
    if (this.#crew.isLeaving) return useOfLeaving(states);
    if (this.settings.pin) return { kind: "pinned" };
    return useOf(states, { now: this.#now, minStayMs: this.#options.room.minStayMs });
  }

  evict(): void {
    this.#turn = "evicted";
    this.#succession.beforeStop("evicted");
    // What ends its work beside them has its time for that.
    for (const instance of this.#crew.serving) {
      instance.post({ type: "stop", cause: "evicted", urgency: "drain", wakes: "on_demand" });
    }
  }

  holdBack(isHeldBack: boolean): void {
    if (this.#turn !== "evicted") this.#turn = isHeldBack ? "held_back" : "free";
    if (!isHeldBack) this.#serveWaiting();
  }

  enter(): void {
    this.#succession.onEntered();
    this.askHeldAgain();
    this.#leaveRoom();
  }

  nextWaitingFor(instance: Member): WantedBy | null {
    // The room of one that is evicted is another's, the work of one that goes its successor's.
    const isGoing = this.#turn === "evicted" || this.#succession.isAwaited;
    if (isGoing || !this.#crew.serving.includes(instance)) return null;
    return this.#line.first?.by ?? null;
  }

  mayRun(instance: Member): boolean {
    return this.#crew.has(instance);
  }

  readmit(ask: Ask): void {
    this.#admit(ask);
  }

  nextSerial(): number {
    return this.#options.nextSerial();
  }

  hold(ask: Ask): void {
    this.#line.hold(ask);
  }

  askHeldAgain(): void {
    for (const ask of this.#line.takeAll()) this.#admit(ask);
  }

  refuseHeld(instance: Member, refusal: Refusal, error: AiEngineError): void {
    if (!this.#crew.serving.includes(instance)) return;
    if (refusal.kind === "failure" && this.#hasAnotherThan(instance)) return;
    this.#line.refuseAll(error);
    this.#leaveRoom();
  }

  refuseImpatient(instance: Member, at: number, error: AiEngineError): void {
    if (!this.#hasAnotherThan(instance)) this.#line.refuseIf(({ until }) => until < at, error);
  }

  /** The last ones stay while any of them is used; one more than is needed goes when it is idle. */
  onIdle(instance: Member): IdleVerdict {
    // One that is to take over is there for those who come then.
    if (!this.#crew.serving.includes(instance)) {
      return { kind: "later", at: this.#now + IDLE_LOOK_MS };
    }
    const others = this.#crew.serving.filter((one) =>
      one !== instance && one.state.name === "ready"
    );
    if (others.length >= this.settings.replicas.min) return { kind: "scale_down" };
    const now = this.#now;
    const at = Math.max(...others.map(({ idleAt }) => idleAt ?? Infinity));
    if (at <= now) return { kind: "stop" };
    // While another one is used nobody knows until when: its last request's end looks again.
    return { kind: "later", at: at === Infinity ? now + IDLE_LOOK_MS : at };
  }

  onChange(instance: Member, change: StateChange): void {
    const { from, to, now } = change;
    if (from.name === "starting" && to.name === "ready") this.#line.pace.started(now - from.since);
    // Also its end, of which the others know nothing.
    const id = this.#crew.all.length > 1 ? instance.id : undefined;
    this.#crew.onChange(instance);
    const view = this.view();
    this.#options.events.publish(toStateEvent(from, to, { view, now, instance: id }));
    instance.actNow(() => {
      this.#succession.onChange(instance, change);
      this.#makeRoom();
    });
    this.#line.look();
  }

  onBeat(): void {
    for (const instance of this.#crew.missing) prod(instance);
    this.#options.room.look();
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

  onFreed(instance: Member, tookMs: number | null): void {
    if (this.#crew.isAtRest) this.#leaveRoom();
    if (tookMs !== null) this.#line.pace.ended(tookMs);
    if (this.#line.size > 0) this.#serveWaiting();
    this.#options.room.look();
    const { serving } = this.#crew;
    if (serving.length === 1) return;
    for (const other of serving) if (other !== instance) other.lookWhetherIdle();
  }

  /** One instance was seen to have so much. */
  onMeasured(bytes: number): void {
    this.#peakBytes = Math.max(this.#peakBytes, bytes);
  }

  #ask<T>({ by, signal, patienceMs, priority, onPlace, take }: AskOptions & {
    readonly by: WantedBy;
    readonly take: (instance: Member) => T;
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
    // Another program is about to be run; who waits is asked again then.
    const isComing = this.#succession.isAwaited ||
      (this.#succession.hasFallback && this.#crew.isFailing);
    if (this.#crew.ready !== undefined || isComing) this.hold(ask);
    else this.#wake(ask);
  }

  /** Nobody is ready: as many as there are to be at least are told that they are wanted. */
  #wake(ask: Ask): void {
    try {
      // Room first; `enter` asks again.
      if (!this.#options.room.claim(this)) return this.hold(ask);
    } catch (error) {
      return ask.refuse(toAiEngineError(error));
    }
    const [first, ...others] = this.#crew.wanted;
    if (ask.by === "start") this.#unhold();
    for (const other of others) prod(other);
    first?.want(ask);
    this.#leaveRoom();
  }

  /**
   * One of several is started by hand: all may be woken by requests again. Also the one that is asked, as
   * another may be done with its stop earlier and start in its place.
   */
  #unhold(): void {
    const { serving } = this.#crew;
    if (serving.length === 1) return;
    for (const instance of serving) instance.post({ type: "unhold" });
  }

  /** Who serves one who comes now; nobody while others go before it. */
  #freeFor({ by, priority }: Pick<Ask, "by" | "priority">): Member | undefined {
    // Who only wants it ready.
    if (by === "start" || by === "preload") return this.#crew.ready;
    if (this.#isHeldBack || this.#line.hasBefore(priority)) return undefined;
    return this.#crew.free();
  }

  #serveWaiting(): void {
    if (this.#isHeldBack) return;
    for (let ask = this.#line.first; ask !== undefined; ask = this.#line.first) {
      const free = this.#crew.free();
      if (free === undefined) return;
      this.#line.remove(ask);
      free.want(ask);
    }
  }

  #scaleUp(): void {
    this.#scaledAt = this.#now;
    const { spare } = this.#crew;
    if (spare !== undefined) prod(spare);
  }

  /** Once it has nothing and comes to nothing others may have its room; who waits claims it anew. */
  #makeRoom(): void {
    const { room } = this.#options;
    if (this.use !== null) return room.look();
    this.#turn = "free";
    if (this.#succession.isEntering) return room.look();
    room.leave(this);
    this.askHeldAgain();
    room.look();
  }

  /** Gives up a claim that nobody waits for any more. */
  #leaveRoom(): void {
    const isWanted = this.#line.size > 0 || this.#succession.isEntering;
    if (!isWanted && this.use === null) this.#options.room.leave(this);
  }

  readonly #onLeave = (ask: Ask): void => {
    this.#line.remove(ask);
    this.#leaveRoom();
  };

  /** Whether those who wait may wait for another instance. */
  #hasAnotherThan(instance: Member): boolean {
    return this.#succession.hasFallback ||
      this.#crew.serving.some((one) =>
        one !== instance && (one.state.name === "ready" || one.state.name === "starting")
      );
  }

  #claimOf(settings: EngineSettings, count = countOf(settings)): Claim {
    return claimOf(settings, { count, peakBytes: this.#peakBytes });
  }

  #tellKept(why: Pick<ErrorView, "detail" | "remedy"> | null): void {
    const detail = `The new ${this.name} could not be started, the one before goes on` +
      (why === null ? "." : `: ${why.detail}`);
    const remedy = why?.remedy ?? "Read the engine's last output lines.";
    this.#notice("Reload without effect", detail, remedy);
  }

  #notice(title: string, detail: string, remedy: string): void {
    const at = this.#wallTime.show(this.#now);
    const notice = { title, detail, remedy, at, engine: this.name } as const;
    this.#options.events.publish({ type: "notice", level: "warn", ...notice });
  }

  #newInstance(
    settings: EngineSettings,
    { id, place }: { readonly id: number; readonly place: number },
  ): Member {
    const { boot, closeDrainMs, events, ports, room, socketOf } = this.#options;
    const options = {
      ...{ id, settings, boot, closeDrainMs, events, ports, host: this },
      socket: socketOf(settings, place),
      wallTime: this.#wallTime,
      measuresMemory: () => room.measuresMemory && this.settings.size.memoryBytes === null,
    };
    const servers = settings.remote?.servers ?? [];
    const server = servers[id % servers.length];
    return server === undefined ? new Instance(options) : new RemoteInstance(options, server);
  }

  get #isHeldBack(): boolean {
    return this.#turn === "held_back" || this.#succession.isAwaited;
  }

  get #now(): number {
    return this.#options.ports.clock.now();
  }

  get #report(): EngineReport {
    return {
      instances: this.#crew.all.map(({ report }) => report),
      queued: this.#line.size,
      queuedSince: this.#line.since,
      now: this.#now,
      settings: this.settings,
      wallTime: this.#wallTime,
    };
  }
}

function prod(instance: Member): void {
  instance.post({ type: "want", by: "scale", until: Infinity });
}

const takeLease = (instance: Member): InstanceLease => instance.newLease();
