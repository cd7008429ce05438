/** One engine in the room that all engines share: what it claims, how it is used, and when it goes. */
import type { EngineSettings } from "../config/mod.ts";
import type { AiEngineError, Clock } from "../core/mod.ts";
import { countOf, type Crew, LEAVING } from "./crew.ts";
import type { Lodger, Room } from "./room.ts";
import type { Claim, Tenant, Use } from "./room_plan.ts";
import { claimOf, useOf, useOfLeaving } from "./room_use.ts";
import type { Succession } from "./succession.ts";

export interface TenancyOptions {
  readonly name: string;
  readonly room: Room;
  readonly clock: Clock;
  readonly crew: Crew;
  readonly succession: Succession;
  /** Whether somebody waits for the engine. */
  readonly isWaitedFor: () => boolean;
  /** Gives what is free to those who wait. */
  readonly serveWaiting: () => void;
  /** Has all who wait ask anew. */
  readonly askHeldAgain: () => void;
}

export class Tenancy implements Lodger {
  readonly name: string;
  readonly #options: TenancyOptions;
  /** What the room has decided: `held_back` = it is to come to rest, `evicted` = it is on its way out. */
  #turn: "free" | "held_back" | "evicted" = "free";
  /** The most that one instance was seen to have. */
  #peakBytes = 0;

  constructor(options: TenancyOptions) {
    this.name = options.name;
    this.#options = options;
  }

  get isHeldBack(): boolean {
    return this.#turn === "held_back";
  }

  get isEvicted(): boolean {
    return this.#turn === "evicted";
  }

  get claim(): Claim {
    const { crew } = this.#options;
    return this.#claimOf(crew.settings, crew.serving.length);
  }

  get use(): Use | null {
    const { clock, crew, room } = this.#options;
    // Who is about to be heard by one of them has its room.
    if (crew.isAtRest) return crew.isWanted ? { kind: "used" } : null;
    const states = crew.serving.map(({ state }) => state);
    if (crew.isLeaving) return useOfLeaving(states);
    if (crew.settings.pin) return { kind: "pinned" };
    return useOf(states, { now: clock.now(), minStayMs: room.minStayMs });
  }

  /** What it has besides, while one takes the place of another. */
  get beside(): readonly Tenant[] {
    return this.#options.crew.beside.map(([{ state }, settings]) => {
      const use = LEAVING.has(state.name) ? useOfLeaving([state]) : { kind: "pinned" } as const;
      return { ...this.#claimOf(settings, 1), name: this.name, use };
    });
  }

  /** Whether somebody wants to know what it has in memory. */
  get measuresMemory(): boolean {
    const { crew, room } = this.#options;
    return room.measuresMemory && crew.settings.size.memoryBytes === null;
  }

  /** One instance was seen to have so much. */
  onMeasured(bytes: number): void {
    this.#peakBytes = Math.max(this.#peakBytes, bytes);
  }

  /** Whether it has its room, or would get it with nobody making place. */
  mayEnter(): boolean {
    return this.use !== null || this.#options.room.fits(this.claim);
  }

  /** Whether there is room for another by these settings, beside those that serve. */
  mayRunBeside(settings: EngineSettings): boolean {
    return this.#options.room.fits(this.#claimOf(settings));
  }

  /** Why there never is room for it by these settings; `null` = there may be. */
  refusalOf(settings: EngineSettings): AiEngineError | null {
    return this.#options.room.refusalOf({ name: this.name, claim: this.#claimOf(settings) });
  }

  /** Whether it may start; else the room tells by {@linkcode enter}. Throws when it never may. */
  ask(): boolean {
    return this.#options.room.claim(this);
  }

  /** Gives up what it has, and asks for what it is to have now. */
  askAnew(): boolean {
    this.#options.room.leave(this);
    return this.ask();
  }

  evict(): void {
    const { crew, succession } = this.#options;
    this.#turn = "evicted";
    succession.beforeStop("evicted");
    // What ends its work beside them has its time for that.
    for (const instance of crew.serving) {
      instance.post({ type: "stop", cause: "evicted", urgency: "drain", wakes: "on_demand" });
    }
  }

  holdBack(isHeldBack: boolean): void {
    if (this.#turn !== "evicted") this.#turn = isHeldBack ? "held_back" : "free";
    if (!isHeldBack) this.#options.serveWaiting();
  }

  enter(): void {
    this.#options.succession.onEntered();
    this.#options.askHeldAgain();
    this.leaveUnwanted();
  }

  /** Those that were started beside serve now: what it has is counted anew. */
  settle(): void {
    this.#options.room.settle(this);
  }

  /** Something of it has changed: others may have their turn. */
  look(): void {
    this.#options.room.look();
  }

  /** Once it has nothing and comes to nothing others may have its room; who waits claims it anew. */
  leaveAtRest(): void {
    const { room, succession } = this.#options;
    if (this.use !== null) return room.look();
    this.#turn = "free";
    if (succession.isEntering) return room.look();
    room.leave(this);
    this.#options.askHeldAgain();
    room.look();
  }

  /** Gives up a claim that nobody waits for any more. */
  leaveUnwanted(): void {
    const { isWaitedFor, room, succession } = this.#options;
    const isWanted = isWaitedFor() || succession.isEntering;
    if (!isWanted && this.use === null) room.leave(this);
  }

  #claimOf(settings: EngineSettings, count = countOf(settings)): Claim {
    return claimOf(settings, { count, peakBytes: this.#peakBytes });
  }
}
