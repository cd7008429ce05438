/**
 * What was seen of one engine, from outside: told changes, processes, leases. From it follows what may
 * come next, reckoned anew and without a line of the code that is tested.
 *
 * @module
 */
import type { EngineSettings } from "../../../src/config/mod.ts";
import type { ChangeReason, EngineState } from "../../../src/core/mod.ts";
import type { SimProcess } from "./sim_process.ts";

/** Contract section 3, issue 6 item 4, and docs/reliability.md. */
const HALF_LIFE_MS = 120_000;
const GOOD_RUN_MS = 60_000;
const LEAST_BACKOFF_MS = 500;
const LONGEST_BACKOFF_MS = 30_000;
const BUSY_HOLDS_MS = 3_000;
export const DEAD_STARTS = 3;
export const KILL_LIMIT_MS = 2_000;
export const CLOSE_DRAIN_MS = 3_500;
export const CLOSE_LIMIT_MS = 4_000;

/** Why processes were replaced, and when the next may come. */
export interface Failures {
  score: number;
  at: number;
  deadStarts: number;
  /** Bounds of the time at which another process may begin. */
  earliest: number;
  latest: number;
}

/** A stop on its way: how it began. */
export interface StopBegun {
  readonly at: number;
  readonly from: EngineState;
  readonly reason: ChangeReason;
}

export class EngineRecord {
  readonly settings: EngineSettings;
  state: EngineState = "stopped";
  reason: ChangeReason | null = null;
  since = 0;
  /** When the last start ended, however; its own limit is not that of the line. */
  startEndedAt = -Infinity;
  /** How late timers were in all when the state began: see `Referee.lateMs`. */
  lateAtSince = 0;
  generation = 0;
  /** When the newest generation began. */
  startedAt = 0;
  /** The newest that was spawned. */
  process: SimProcess | undefined;
  stop: StopBegun | undefined;
  failures: Failures = noFailures();
  /** Until when anybody may have been told to wait. */
  backoffUntil = -Infinity;
  /** Whether a request has to wait for `failures.earliest`. */
  isBlocked = false;
  /** Stopped until a start by hand; `maybe` = it is not known what came first. */
  held: "no" | "maybe" | "yes" = "no";
  heldSince = 0;
  /** When callers last stopped it (a restart is a stop, too). */
  stoppedByCallAt = -Infinity;
  /** When a stop last sent away those who waited. */
  refusedHeldAt = -Infinity;
  /** The last moment in which it was ready, and in which it had no process. */
  readyUntil = -Infinity;
  restedUntil = 0;
  /** When each kind of failure was last met, by its code. */
  readonly failedAt = new Map<string, number>();
  /** Restarts whose callers left: their start keeps its place. */
  keptPlaces = 0;
  /** The same, where it is not known whether it still waits. */
  mayKeep = 0;
  readonly #inflight = new Map<number, number>();
  #activeAt = 0;
  #busyUntil = 0;

  constructor(settings: EngineSettings) {
    this.settings = settings;
  }

  get name(): string {
    return this.settings.name;
  }

  /** The process of the newest generation, once it is spawned. */
  get current(): SimProcess | undefined {
    return this.process?.generation === this.generation ? this.process : undefined;
  }

  get hasProcess(): boolean {
    return this.state !== "stopped" && this.state !== "backoff" && this.state !== "failed";
  }

  /** Requests that process `generation` works on. */
  inflight(generation = this.generation): number {
    return this.#inflight.get(generation) ?? 0;
  }

  /** Whether the newest process could work on one request more. */
  get hasFreeSlot(): boolean {
    return this.inflight() < (this.settings.slots ?? Infinity);
  }

  begin(generation: number): void {
    this.#inflight.set(generation, this.inflight(generation) + 1);
  }

  end(generation: number, now: number): void {
    this.#inflight.set(generation, this.inflight(generation) - 1);
    if (generation === this.generation) this.active(now);
  }

  /** Somebody uses it. */
  active(now: number): void {
    if (this.state === "ready") this.#activeAt = now;
  }

  /** It said whether it is busy. */
  polled(isBusy: boolean, now: number): void {
    this.#busyUntil = isBusy ? now + BUSY_HOLDS_MS : Math.min(this.#busyUntil, now);
  }

  becameReady(now: number): void {
    this.#activeAt = this.#busyUntil = now;
    this.failures.deadStarts = 0;
  }

  /** When the idle stop is due; `null` = not as things are. */
  get idleStopAt(): number | null {
    const { idleTimeoutMs, keep } = this.settings;
    if (idleTimeoutMs < 0 || keep === "always") return null;
    if (this.state !== "ready" || this.inflight() > 0) return null;
    return Math.max(this.#activeAt, this.#busyUntil) + idleTimeoutMs;
  }

  get busyUntil(): number {
    return this.#busyUntil;
  }

  /** One more failure. */
  failed(now: number, { readyMs, isDeadStart }: {
    /** How long the process was ready; `null` = never. */
    readonly readyMs: number | null;
    readonly isDeadStart: boolean;
  }): void {
    const { score, at, deadStarts } = this.failures;
    const isFresh = readyMs !== null && readyMs >= GOOD_RUN_MS;
    const left = isFresh ? 0 : score * 2 ** (-(now - at) / HALF_LIFE_MS);
    const longest = Math.min(2 * LEAST_BACKOFF_MS * 2 ** left, LONGEST_BACKOFF_MS);
    this.isBlocked = true;
    this.backoffUntil = now + longest;
    this.failures = {
      score: left + 1,
      at: now,
      deadStarts: isDeadStart ? deadStarts + 1 : readyMs === null ? deadStarts : 0,
      earliest: now + longest / 2,
      latest: now + longest,
    };
  }

  forgive(): void {
    this.failures = noFailures();
    this.isBlocked = false;
  }

  /** How long the state it is in may last; `closingAt` = when the close of all began. */
  limitMs(closingAt: number): number {
    const { startTimeoutMs, graceMs, drainMs } = this.settings;
    switch (this.state) {
      case "starting":
        return startTimeoutMs;
      case "draining":
        // Begun by a stop or, where that is earlier, by the close.
        if (this.since >= closingAt) return CLOSE_DRAIN_MS;
        return Math.min(drainMs, closingAt + CLOSE_DRAIN_MS - this.since);
      case "stopping":
        return 2 * graceMs + KILL_LIMIT_MS;
      case "backoff":
        return this.failures.latest - this.since;
      default:
        return Infinity;
    }
  }
}

function noFailures(): Failures {
  return { score: 0, at: 0, deadStarts: 0, earliest: 0, latest: 0 };
}
