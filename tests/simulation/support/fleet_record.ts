/**
 * What was seen of one engine that may have several processes and whose settings change: by the places
 * where its instances listen, each of which one process at a time has.
 *
 * @module
 */
import type { EngineSettings } from "../../../src/config/mod.ts";
import type { ChangeReason, EngineState } from "../../../src/core/mod.ts";
import type { StateEvent } from "../../../src/events/mod.ts";
import type { SimProcess } from "./sim_process.ts";

/** Failures in a row after which a process gets nothing, and for how long at least (src/balance). */
const LOCAL_FAILURES = 3;
const LEAST_EJECTION_MS = 500;

/** One place, and the instance that has it now. */
export class Seat {
  readonly path: string;
  state: EngineState = "stopped";
  reason: ChangeReason | null = null;
  since = 0;
  /** How late timers were in all when the state began. */
  lateAtSince = 0;
  /** The newest that was spawned here. */
  process: SimProcess | undefined;
  /** Leases of it that are held. */
  inflight = 0;
  /** When that last changed. */
  movedAt = -Infinity;
  /** Failures in a row, and whether there was any; until when it surely gets nothing. */
  #failures = 0;
  isSpotless = true;
  ejectedAt = Infinity;

  constructor(path: string) {
    this.path = path;
  }

  get isUp(): boolean {
    return this.state === "starting" || this.state === "ready";
  }

  get isLeaving(): boolean {
    return this.state === "draining" || this.state === "stopping";
  }

  get isAtRest(): boolean {
    return this.state === "stopped" || this.state === "failed";
  }

  /** What its process runs; `undefined` while there is none. */
  get version(): string | undefined {
    return this.isUp && this.process?.isReleased === false
      ? versionOf(this.process.argv)
      : undefined;
  }

  becameReady(): void {
    this.#failures = 0;
    this.isSpotless = true;
    this.ejectedAt = Infinity;
    this.inflight = 0;
  }

  /** A request of its process has ended; `failed` = it could not be reached. */
  ended(failed: boolean, now: number): void {
    this.isSpotless &&= !failed;
    this.#failures = failed ? this.#failures + 1 : 0;
    // What comes after the first time depends on what nobody can see.
    if (this.#failures === LOCAL_FAILURES && this.ejectedAt === Infinity) this.ejectedAt = now;
  }

  /** Something ended of which it is not known who did it. */
  maybeEnded(failed: boolean): void {
    this.#failures = 0;
    this.isSpotless &&= !failed;
  }

  isEjected(now: number): boolean {
    return this.ejectedAt < now && now < this.ejectedAt + LEAST_EJECTION_MS;
  }
}

/** What the settings of a version say of how many there are and what they may do. */
export interface Bounds {
  readonly min: number;
  readonly max: number;
  readonly slots: number;
  /** When that was said. */
  readonly at: number;
}

export class FleetRecord {
  readonly name: string;
  /** Whether nothing goes wrong but what is set. */
  readonly isCalm: boolean;
  readonly seats = new Map<string, Seat>();
  /** Where instances listen, by their ids. */
  readonly #paths = new Map<number, string>();
  /** By their count. */
  readonly processes = new Map<number, SimProcess>();
  /** By version, as they were set last. */
  readonly bounds = new Map<string, Bounds>();
  settings: EngineSettings;
  isThere = true;
  removedAt = -Infinity;
  /** When it was last put in again. */
  absentUntil = -Infinity;
  /** When callers last stopped it. */
  stoppedByCallAt = -Infinity;
  held: "no" | "maybe" | "yes" = "no";
  heldSince = 0;
  /** Inputs that are worked on, nobody knows by whom. */
  inputs = 0;
  /** The last moment in which one was ready. */
  readyUntil = -Infinity;
  /** When a drain was last cut by its limit. */
  cutAt = -Infinity;
  /** Whether what can't start may be all there is; when that last was so. */
  isBroken = false;
  brokenUntil = -Infinity;
  /** The smallest line that was ever set. */
  leastQueue = { max: Infinity, timeoutMs: Infinity };

  constructor(settings: EngineSettings, isCalm: boolean) {
    this.isCalm = isCalm;
    this.name = settings.name;
    this.settings = settings;
    this.set(settings, 0);
  }

  get all(): readonly Seat[] {
    return [...this.seats.values()];
  }

  get ready(): readonly Seat[] {
    return this.all.filter(({ state }) => state === "ready");
  }

  get isAtRest(): boolean {
    return this.all.every(({ isAtRest }) => isAtRest);
  }

  seat(path: string): Seat {
    let seat = this.seats.get(path);
    if (seat === undefined) this.seats.set(path, seat = new Seat(path));
    return seat;
  }

  /** Where the instance listens that `event` is about. */
  pathOf({ instance, view }: StateEvent): string {
    for (const { id, socket } of view.instances ?? []) this.#paths.set(id, socket);
    return instance === undefined ? view.socket : this.#paths.get(instance) ?? "";
  }

  /** It is set anew. */
  set(settings: EngineSettings, now: number): void {
    this.settings = settings;
    const { replicas: { min, max }, slots, queue } = settings;
    const bounds = { min, max: max ?? min, slots: slots ?? Infinity, at: now };
    this.bounds.set(versionOf(settings.command ?? []), bounds);
    this.leastQueue = {
      max: Math.min(queue.max, this.leastQueue.max),
      timeoutMs: Math.min(queue.timeoutMs, this.leastQueue.timeoutMs),
    };
    const isBad = isBadVersion(settings);
    const isServed = this.ready.some(({ version }) => version !== undefined && isGood(version));
    if (isBad && !isServed) this.isBroken = true;
  }

  /** Something that can't start may be started with nothing to go back to. */
  mayBreak(): void {
    if (isBadVersion(this.settings)) this.isBroken = true;
  }

  /** One has become ready at `now`. */
  works(seat: Seat, now: number): void {
    if (!this.isBroken || isBadVersion(this.settings)) return;
    if (seat.version !== undefined && isGood(seat.version)) {
      this.isBroken = false;
      this.brokenUntil = now;
    }
  }
}

export function versionOf(argv: readonly string[]): string {
  return argv.slice(1).join(" ");
}

/** Commands of more than a version are those that never come up. */
export function isBadVersion({ command }: EngineSettings): boolean {
  return (command?.length ?? 0) > 2;
}

function isGood(version: string): boolean {
  return !version.includes(" ");
}
