import { type ChoiceMoment, choose } from "../balance/mod.ts";
import type { EngineSettings } from "../config/mod.ts";
import type { Member } from "./member.ts";

export interface CrewOptions {
  /** Where it listens goes by its place: that of a set socket is the same for the next one. */
  readonly make: (settings: EngineSettings, at: { id: number; place: number }) => Member;
  readonly moment: () => ChoiceMoment;
  /** What no instance may be called now. */
  readonly takenIds: () => readonly number[];
}

/** There is no process, and none will come by itself. */
const AT_REST: ReadonlySet<string> = new Set(["stopped", "failed"]);
export const LEAVING: ReadonlySet<string> = new Set(["draining", "stopping"]);

/** From the one that serves, or will soonest, to the one that won't. */
const SOONEST = ["ready", "starting", "stopped", "draining", "stopping", "backoff", "failed"];

/**
 * The instances of an engine: those that serve, those that were started to take their place, and those
 * whose place was taken and that still have something to end.
 */
export class Crew {
  readonly #options: CrewOptions;
  #settings: EngineSettings;
  #serving: readonly Member[] = [];
  #incoming: readonly Member[] = [];
  #incomingSettings: EngineSettings;
  /** And what each of them goes by. */
  readonly #retiring = new Map<Member, EngineSettings>();

  constructor(settings: EngineSettings, options: CrewOptions) {
    this.#options = options;
    this.#settings = this.#incomingSettings = settings;
    this.#serving = this.#make(settings, countOf(settings));
  }

  /** Of those that serve. */
  get settings(): EngineSettings {
    return this.#settings;
  }

  get serving(): readonly Member[] {
    return this.#serving;
  }

  get all(): readonly Member[] {
    if (this.#incoming.length === 0 && this.#retiring.size === 0) return this.#serving;
    return [...this.#serving, ...this.#incoming, ...this.#retiring.keys()];
  }

  /** Those besides the ones that serve, with what each of them goes by. */
  get beside(): readonly (readonly [Member, EngineSettings])[] {
    if (this.#incoming.length === 0 && this.#retiring.size === 0) return [];
    const incoming = this.#incoming.map((one) => [one, this.#incomingSettings] as const);
    return [...incoming, ...this.#retiring];
  }

  get isAtRest(): boolean {
    return this.#serving.every(({ state }) => AT_REST.has(state.name));
  }

  /** Whether all that runs is on its way out. */
  get isLeaving(): boolean {
    return this.#serving.every(({ state: { name } }) => AT_REST.has(name) || LEAVING.has(name));
  }

  /** Whether all that runs is on its way to rest, because somebody has stopped it or nobody uses it. */
  get isGoingToRest(): boolean {
    return this.#serving.every(({ state }) =>
      AT_REST.has(state.name) || state.name === "draining" ||
      (state.name === "stopping" && state.then.to === "stopped")
    );
  }

  get ready(): Member | undefined {
    return this.#serving.find(isReady);
  }

  /** How many requests can be worked on at once now. */
  get readySlots(): number {
    const ready = this.#serving.filter(isReady).length;
    return ready === 0 ? 0 : ready * (this.#settings.slots ?? Infinity);
  }

  /**
   * From when on somebody can be said to wait for a slot: since one of them is ready, never while the
   * first one starts, always while nothing comes.
   */
  get slotsSince(): number {
    const ready = this.#serving.filter(isReady);
    if (ready.length > 0) return Math.min(...ready.map(({ state: { since } }) => since));
    return this.#serving.some(({ state: { name } }) => name === "starting") ? Infinity : -Infinity;
  }

  /** Whether it serves, or is to. */
  has(instance: Member): boolean {
    return this.#serving.includes(instance) || this.#incoming.includes(instance);
  }

  /** Whether any of them was asked for a process and has not heard it yet. */
  get isWanted(): boolean {
    return this.#serving.some(({ isWanted }) => isWanted);
  }

  /** Whether none of them can serve, nor will soon. */
  get isFailing(): boolean {
    return this.#serving.every(({ state: { name } }) => name === "failed" || name === "backoff");
  }

  /** Who gets the next request; nobody when all slots are taken. */
  free(): Member | undefined {
    const [only, ...others] = this.#serving;
    if (others.length === 0) return only?.hasFreeSlot ? only : undefined;
    const ready = this.#serving.filter(isReady);
    const candidates = ready.map(({ candidate }) => candidate);
    const chosen = ready[choose(candidates, this.#options.moment()) ?? -1];
    chosen?.onChosen();
    return chosen;
  }

  /** Those that are to run as soon as anybody wants the engine, the soonest first. */
  get wanted(): readonly Member[] {
    const soonest = this.#serving.toSorted((a, b) => soonness(a) - soonness(b));
    return soonest.slice(0, this.#settings.replicas.min);
  }

  /** Those of the least number that do not run, while others do. */
  get missing(): readonly Member[] {
    const up = this.#serving.filter(({ state: { name } }) =>
      name === "ready" || name === "starting"
    );
    const lack = up.length === 0 ? 0 : this.#settings.replicas.min - up.length;
    return this.#serving.filter((instance) => !up.includes(instance)).slice(0, Math.max(lack, 0));
  }

  /** One that may be added to those that serve. */
  get spare(): Member | undefined {
    const isStarting = this.#serving.some(({ state }) => state.name === "starting");
    if (isStarting || this.ready === undefined) return undefined;
    return this.#serving.find(({ state }) => state.name === "stopped");
  }

  /** Other rules for the same processes, perhaps for more or fewer of them. */
  adjust(settings: EngineSettings): void {
    const before = this.#settings;
    this.#settings = settings;
    const count = countOf(settings);
    const kept = this.#serving.slice(0, count);
    const surplus = this.#serving.slice(count);
    for (const instance of kept) instance.configure(settings);
    this.#serving = [...kept, ...this.#make(settings, count - kept.length, kept.length)];
    this.#retire(surplus, before);
  }

  /** Nothing runs: from now on it is this. */
  install(settings: EngineSettings): void {
    const isHeld = this.#serving.some(({ state }) =>
      state.name === "stopped" && state.wakes !== "on_demand"
    );
    this.#settings = settings;
    for (const instance of this.#serving) instance.close();
    this.#serving = [];
    this.#serving = this.#make(settings, countOf(settings));
    if (!isHeld) return;
    // Not a stop anew: who has asked since by hand is still to have it.
    for (const instance of this.#serving) {
      instance.post({ type: "stop", cause: "reload", urgency: "drain", wakes: "by_hand" });
    }
  }

  /** Instances that are to take the place of those that serve. */
  bring(settings: EngineSettings): readonly Member[] {
    this.#incomingSettings = settings;
    return this.#incoming = this.#make(settings, countOf(settings));
  }

  /** The incoming ones serve, the others end what they have under way. */
  takeOver(settings: EngineSettings): void {
    const [before, beforeSettings] = [this.#serving, this.#settings];
    this.#settings = settings;
    this.#serving = this.#incoming;
    this.#incoming = [];
    this.#retire(before, beforeSettings);
  }

  /** The incoming ones are not wanted any more. */
  dismiss(): void {
    const unwanted = this.#incoming;
    this.#incoming = [];
    this.#retire(unwanted, this.#incomingSettings);
  }

  onChange(instance: Member): void {
    if (AT_REST.has(instance.state.name)) this.#retiring.delete(instance);
  }

  #retire(instances: readonly Member[], settings: EngineSettings): void {
    const running = instances.filter(({ state }) => !AT_REST.has(state.name));
    for (const instance of instances) {
      if (running.includes(instance)) this.#retiring.set(instance, settings);
      else instance.close();
    }
    // All of them are known by then: who is told of a change may act at once.
    for (const instance of running) {
      instance.post({ type: "stop", cause: "reload", urgency: "drain", wakes: "on_demand" });
    }
  }

  #make(settings: EngineSettings, count: number, from = 0): readonly Member[] {
    const taken = new Set([...this.all.map(({ id }) => id), ...this.#options.takenIds()]);
    const free = Array.from({ length: taken.size + Math.max(count, 0) }, (_, id) => id)
      .filter((id) => !taken.has(id));
    return free.slice(0, Math.max(count, 0)).map((id, i) =>
      this.#options.make(settings, { id, place: settings.socket === null ? id : from + i })
    );
  }
}

function isReady({ state }: Member): boolean {
  return state.name === "ready";
}

function soonness({ state }: Member): number {
  return SOONEST.indexOf(state.name);
}

/** How many instances there are at most. */
export function countOf({ replicas: { min, max } }: EngineSettings): number {
  return max ?? min;
}
