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
  toAiEngineError,
} from "../core/mod.ts";
import type { LifecycleEvent, Refusal, WantedBy } from "../lifecycle/mod.ts";
import { Crew } from "./crew.ts";
import { takenOut } from "./failure_text.ts";
import { EngineNotices } from "./engine_notices.ts";
import type { AskOptions, EngineOptions } from "./engine_options.ts";
import { type EngineReport, toEngineView, toStateEvent, toViewMark } from "./engine_report.ts";
import { idleVerdict } from "./idle_verdict.ts";
import type { IdleVerdict, InstanceHost, StateChange } from "./instance_types.ts";
import type { InstanceLease } from "./instance_lease.ts";
import { Line } from "./line.ts";
import type { Member } from "./member.ts";
import { newMember } from "./new_member.ts";
import type { Tenant } from "./room_plan.ts";
import { Succession } from "./succession.ts";
import { Tenancy } from "./tenancy.ts";
import { type Ask, NewAsk, type NewAskOptions } from "./waiting_room.ts";
import { WallTime } from "./wall_time.ts";

/** So much longer than a start may take its caller waits for another one: time for all dead starts. */
const START_PATIENCE_MS = 20_000;

/** When somebody has waited so long for a slot, another instance is started. */
const SCALE_UP_MS = 1_000;

export class Engine implements InstanceHost {
  readonly name: string;
  readonly #options: EngineOptions;
  readonly #wallTime: WallTime;
  readonly #notices: EngineNotices;
  readonly #crew: Crew;
  readonly #succession: Succession;
  readonly #line: Line;
  readonly #tenancy: Tenancy;
  /** When an instance was last added. */
  #scaledAt = -Infinity;
  #shown = "";
  ejections = 0;

  constructor(options: EngineOptions) {
    const { settings, ports: { clock, random } } = options;
    this.name = settings.name;
    this.#options = options;
    this.#wallTime = new WallTime(clock);
    this.#notices = new EngineNotices({
      engine: this.name,
      clock,
      wallTime: this.#wallTime,
      events: options.events,
    });
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
      mayRunBeside: (settings) => this.#tenancy.mayRunBeside(settings),
      refusalOf: (settings) => this.#tenancy.refusalOf(settings),
      enterAnew: () => this.#tenancy.askAnew(),
      onTakenOver: () => {
        this.#tenancy.settle();
        for (const instance of this.#crew.serving) instance.lookWhetherIdle();
      },
      onChanged: () => this.askHeldAgain(),
      onKept: (why) => this.#notices.keptOld(why),
    });
    this.#tenancy = new Tenancy({
      name: this.name,
      room: options.room,
      clock,
      crew: this.#crew,
      succession: this.#succession,
      isWaitedFor: () => this.#line.size > 0,
      serveWaiting: () => this.#serveWaiting(),
      askHeldAgain: () => this.askHeldAgain(),
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
    this.#line.refuseAll(takenOut(this.name));
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
    // It has its room, or asks for it.
    if (this.#succession.isEntering) return;
    if (!this.#tenancy.mayEnter()) return this.#notices.noRoomToPreload();
    this.ready("preload").catch((error) => this.#notices.notPreloaded(error));
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
    this.#tenancy.leaveUnwanted();
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

  /** Its instances but those whose place is another's, or is to be. */
  get serving(): readonly Member[] {
    return this.#crew.serving;
  }

  /** What it has besides, while one takes the place of another. */
  get beside(): readonly Tenant[] {
    return this.#tenancy.beside;
  }

  nextWaitingFor(instance: Member): WantedBy | null {
    // The room of one that is evicted is another's, the work of one that goes its successor's.
    const isGoing = this.#tenancy.isEvicted || this.#succession.isAwaited;
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

  refuseHeld(instance: Member, refusal: Refusal, why: () => AiEngineError): void {
    if (!this.#crew.serving.includes(instance)) return;
    if (refusal.kind === "failure" && this.#hasAnotherThan(instance)) return;
    if (this.#line.size > 0) this.#line.refuseAll(why());
    this.#tenancy.leaveUnwanted();
  }

  refuseImpatient(instance: Member, at: number, why: () => AiEngineError): void {
    if (this.#line.size === 0 || this.#hasAnotherThan(instance)) return;
    this.#line.refuseIf(({ until }) => until < at, why());
  }

  onIdle(instance: Member): IdleVerdict {
    return idleVerdict(this.#crew, instance, this.#now);
  }

  onChange(instance: Member, change: StateChange): void {
    const { from, to, now } = change;
    if (from.name === "starting" && to.name === "ready") this.#line.started(now - from.since);
    // Also its end, of which the others know nothing.
    const id = this.#crew.all.length > 1 ? instance.id : undefined;
    this.#crew.onChange(instance);
    const view = this.view();
    this.#options.events.publish(toStateEvent(from, to, { view, now, instance: id }));
    instance.actNow(() => {
      this.#succession.onChange(instance, change);
      this.#tenancy.leaveAtRest();
    });
    this.#line.look();
  }

  onBeat(): void {
    for (const instance of this.#crew.missing) prod(instance);
    this.#tenancy.look();
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
    if (this.#crew.isAtRest) this.#tenancy.leaveUnwanted();
    if (tookMs !== null) this.#line.ended(tookMs);
    if (this.#line.size > 0) this.#serveWaiting();
    this.#tenancy.look();
    const { serving } = this.#crew;
    if (serving.length === 1) return;
    for (const other of serving) if (other !== instance) other.lookWhetherIdle();
  }

  /** One instance was seen to have so much. */
  onMeasured(bytes: number): void {
    this.#tenancy.onMeasured(bytes);
  }

  #ask<T>(options: AskOptions & Pick<NewAskOptions<T>, "by" | "take">): T | Promise<T> {
    const wish = { ...options, priority: options.priority ?? this.settings.priority };
    const free = this.#freeFor(wish);
    // Nobody asks for the time on the way to a free slot, where there is nothing to wait for.
    const until = free === undefined ? this.#now + options.patienceMs : Infinity;
    const ask = new NewAsk({ ...wish, until, onLeave: this.#onLeave });
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
      if (!this.#tenancy.ask()) return this.hold(ask);
    } catch (error) {
      return ask.refuse(toAiEngineError(error));
    }
    const [first, ...others] = this.#crew.wanted;
    if (ask.by === "start") this.#unhold();
    for (const other of others) prod(other);
    first?.want(ask);
    this.#tenancy.leaveUnwanted();
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

  readonly #onLeave = (ask: Ask): void => {
    this.#line.remove(ask);
    this.#tenancy.leaveUnwanted();
  };

  /** Whether those who wait may wait for another instance. */
  #hasAnotherThan(instance: Member): boolean {
    return this.#succession.hasFallback ||
      this.#crew.serving.some((one) =>
        one !== instance && (one.state.name === "ready" || one.state.name === "starting")
      );
  }

  #newInstance(
    settings: EngineSettings,
    { id, place }: { readonly id: number; readonly place: number },
  ): Member {
    const { boot, closeDrainMs, events, ports, socketOf } = this.#options;
    return newMember({
      ...{ id, settings, boot, closeDrainMs, events, ports, host: this },
      socket: socketOf(settings, place),
      wallTime: this.#wallTime,
      notices: this.#notices,
      measuresMemory: () => this.#tenancy.measuresMemory,
    });
  }

  get #isHeldBack(): boolean {
    return this.#tenancy.isHeldBack || this.#succession.isAwaited;
  }

  get #now(): number {
    return this.#options.ports.clock.now();
  }

  get #report(): EngineReport {
    return {
      instances: this.#crew.all.map(({ report }) => report),
      queued: this.#line.size,
      queuedSince: this.#line.since,
      usualStartMs: this.#line.usualStartMs,
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
