/**
 * The newest lines of everything: one log for each engine, with what it prints and what this program
 * says of it, and one for what is said about none. Who reads comes back for what is new; so a slow
 * reader holds nothing, and finds out by the numbers what it has missed.
 *
 * @module
 */
import type { EngineLogSettings } from "../../config/mod.ts";
import type { Clock } from "../../core/mod.ts";
import type { LogEntry, LogLine } from "./log_line.ts";
import { LogRing } from "./log_ring.ts";
import { LogSearches } from "./log_searches.ts";

/** Lines that are counted and not kept are asked for at most so often. */
const SETTLE_EVERY_MS = 1_000;

export interface LogBookOptions {
  readonly clock: Clock;
  /** Bounds of each log. */
  readonly settings: Pick<EngineLogSettings, "ringLines" | "ringChars">;
}

/** The reading side. */
export interface LogReader {
  /** Who looks for lines here takes turns. */
  readonly searches: LogSearches;
  /** Whose logs there are; `null` = the program's own. */
  names(): readonly (string | null)[];
  /** The lines of a log with a number above `n`, oldest first; at most `limit` of them. */
  after(name: string | null, n: number, limit?: number): readonly LogLine[];
  /** Number of the newest line of a log; 0 before the first. */
  lastN(name: string | null): number;
  /** Calls `wake` once, when the next line is kept or the book is closed; it must not wait. Gives what calls it off. */
  onNext(wake: () => void): () => void;
  /** Nothing more is going to come. */
  readonly isClosed: boolean;
  /** Has what was skipped up to now told in its place, if that was not done within a second. */
  settle(): void;
}

export class LogBook implements LogReader {
  readonly searches: LogSearches;
  readonly #options: LogBookOptions;
  readonly #rings = new Map<string | null, LogRing>();
  readonly #settlers: (() => void)[] = [];
  #waiting = new Set<() => void>();
  #seq = 0;
  #settledAt = -Infinity;
  #isClosed = false;

  constructor(options: LogBookOptions) {
    this.#options = options;
    this.searches = new LogSearches(options.clock);
  }

  /** Puts a line into the log `name`. Never waits. */
  push(name: string | null, entry: LogEntry): void {
    const ring = this.#ringOf(name);
    const at = this.#options.clock.wall();
    ring.push({ ...entry, engine: name, n: ring.lastN + 1, seq: ++this.#seq, at });
    if (this.#waiting.size > 0) this.#wake();
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Ends what follows it. Lines are kept nevertheless. */
  close(): void {
    this.#isClosed = true;
    this.#wake();
  }

  names(): readonly (string | null)[] {
    return [...this.#rings.keys()];
  }

  after(name: string | null, n: number, limit?: number): readonly LogLine[] {
    return this.#rings.get(name)?.after(n, limit) ?? [];
  }

  lastN(name: string | null): number {
    return this.#rings.get(name)?.lastN ?? 0;
  }

  onNext(wake: () => void): () => void {
    this.#waiting.add(wake);
    return () => this.#waiting.delete(wake);
  }

  settle(): void {
    const now = this.#options.clock.now();
    if (now - this.#settledAt < SETTLE_EVERY_MS) return;
    this.#settledAt = now;
    for (const settle of this.#settlers) settle();
  }

  /** `settler` tells what was skipped; called before somebody reads. */
  addSettler(settler: () => void): void {
    this.#settlers.push(settler);
  }

  #wake(): void {
    const woken = this.#waiting;
    this.#waiting = new Set();
    for (const wake of woken) wake();
  }

  #ringOf(name: string | null): LogRing {
    let ring = this.#rings.get(name);
    if (ring === undefined) {
      const { ringLines: maxLines, ringChars: maxChars } = this.#options.settings;
      ring = new LogRing({ maxLines, maxChars });
      this.#rings.set(name, ring);
    }
    return ring;
  }
}
