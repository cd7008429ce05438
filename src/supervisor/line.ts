import type { EngineSettings } from "../config/mod.ts";
import type { AiEngineError, BoundView, Clock } from "../core/mod.ts";
import { DeadlineTimer } from "./deadline_timer.ts";
import { Pace } from "./pace.ts";
import { queueFull, queueTimeout } from "./queue_errors.ts";
import { type Ask, WaitingRoom } from "./waiting_room.ts";

export interface LineOptions {
  readonly clock: Clock;
  /** As they are now. */
  readonly settings: () => EngineSettings;
  /** How many requests can be worked on at once now. */
  readonly readySlots: () => number;
  /** When the time-out of a wait begins for those who wait already; a start has a limit of its own. */
  readonly slotsSince: () => number;
  /** When more is to be done for the one who waits longest; `Infinity` = nothing can be. */
  readonly helpAt: (oldest: Ask) => number;
  /** The time for that has come. */
  readonly help: () => void;
  /** Those who wait were told their places: others may want to see the line, too. */
  readonly onPlacesTold: () => void;
}

/** Between two times that those who wait are told their places. */
const TELL_MS = 1_000;

/** The line of those who wait for an engine: how long it may be, and how long anybody stands in it. */
export class Line {
  readonly #pace = new Pace();
  readonly #options: LineOptions;
  readonly #waiting = new WaitingRoom();
  readonly #timer: DeadlineTimer;
  /** Who found no place, or waited too long. */
  #refused = 0;
  #toldAt = -Infinity;
  /** Since when somebody has wanted a slot, and none has become free; `null` = one has, or nobody does. */
  #stuckSince: number | null = null;

  constructor(options: LineOptions) {
    this.#options = options;
    this.#timer = new DeadlineTimer(options.clock, () => this.#onDue());
  }

  get size(): number {
    return this.#waiting.size;
  }

  /** Who is next. */
  get first(): Ask | undefined {
    return this.#waiting.first;
  }

  /** When the one began to wait who has waited longest. */
  get since(): number | null {
    return this.#waiting.oldest?.heldAt ?? null;
  }

  /** How long a start usually takes; `null` before the first. */
  get usualStartMs(): number | null {
    return this.#pace.startMs;
  }

  get bound(): BoundView {
    const { name: engine } = this.#options.settings();
    const refused = this.#refused;
    return { name: "waiting_requests", engine, limit: this.#limit, used: this.size, refused };
  }

  /** Whether somebody waits who goes before one of `priority` who comes now. */
  hasBefore(priority: number): boolean {
    return this.#waiting.hasBefore(priority);
  }

  /** A start took so long. */
  started(tookMs: number): void {
    this.#pace.started(tookMs);
  }

  /** A request is done with its slot, which it had for so long. */
  ended(tookMs: number): void {
    this.#pace.ended(tookMs);
    this.#stuckSince = this.size === 0 ? null : this.#options.clock.now();
  }

  /** Takes `ask` in, or refuses it when the line is full. */
  hold(ask: Ask): void {
    const now = this.#options.clock.now();
    this.#stuckSince ??= now;
    const limit = this.#limit;
    if (this.size >= limit) {
      this.#refused++;
      return ask.refuse(queueFull(limit, this.#errorContext));
    }
    this.#waiting.add(ask, now);
    this.look();
  }

  /** One leaves, or is served; one that is not in the line is fine. */
  remove(ask: Ask): void {
    this.#waiting.remove(ask);
    this.look();
  }

  /** All, in their order; the line is empty afterwards. */
  takeAll(): readonly Ask[] {
    const all = this.#waiting.takeAll();
    this.look();
    return all;
  }

  refuseAll(error: AiEngineError): void {
    for (const ask of this.takeAll()) ask.refuse(error);
  }

  refuseIf(matches: (ask: Ask) => boolean, error: AiEngineError): void {
    for (const ask of this.#waiting.takeIf(matches)) ask.refuse(error);
    this.look();
  }

  /** Something has changed on which it depends when somebody has waited long enough. */
  look(): void {
    const { oldest } = this.#waiting;
    if (oldest === undefined) return this.#timer.stop();
    const { helpAt } = this.#options;
    this.#timer.set(Math.min(this.#tooLateAt(oldest), helpAt(oldest), this.#tellAt(oldest)));
  }

  #tooLateAt({ heldAt }: Ask): number {
    const { slotsSince, settings } = this.#options;
    return Math.max(heldAt, slotsSince()) + settings().queue.timeoutMs;
  }

  #tellAt({ heldAt }: Ask): number {
    return Math.max(heldAt, this.#toldAt) + TELL_MS;
  }

  #onDue(): void {
    const { clock, help, helpAt, onPlacesTold, settings } = this.#options;
    const now = clock.now();
    const { queue: { timeoutMs } } = settings();
    for (const ask of this.#waiting.takeIf((ask) => this.#tooLateAt(ask) <= now)) {
      this.#refused++;
      ask.refuse(queueTimeout(timeoutMs, this.#errorContext));
    }
    const { oldest } = this.#waiting;
    if (oldest !== undefined && helpAt(oldest) <= now) help();
    if (oldest !== undefined && this.#tellAt(oldest) <= now) {
      this.#toldAt = now;
      this.#waiting.tellPlaces();
      onPlacesTold();
    }
    this.look();
  }

  /** How many may wait. One always may for a start: an engine with no line could not be started otherwise. */
  get #limit(): number {
    const { readySlots, settings } = this.#options;
    const { queue: { max } } = settings();
    return readySlots() === 0 ? Math.max(max, 1) : max;
  }

  get #errorContext() {
    const { clock, readySlots, settings, slotsSince } = this.#options;
    const now = clock.now();
    const stuckMs = now - Math.max(this.#stuckSince ?? now, slotsSince());
    const retryAfterS = this.#pace.retryAfterS(this.size, readySlots(), stuckMs);
    return { engine: settings().name, retryAfterS };
  }
}
