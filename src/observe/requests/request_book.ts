import type {
  Clock,
  EndedRequest,
  RequestDesk,
  RequestRecord,
  RequestView,
  Timer,
} from "../../core/mod.ts";
import { toRequestView } from "./to_request_view.ts";

/** Requests that have ended and are still told of. */
export const KEPT = 500;

/** Changes are gathered for so long before they are told, and no more of them are told at once. */
const GATHER_MS = 100;
const TOLD_AT_ONCE = 64;

/** How often wall and clock are compared. */
const WALL_MS = 1_000;

export interface RequestBookOptions {
  readonly clock: Clock;
  /** Whether somebody wants to be told of each change. @default nobody does */
  readonly isWatched?: () => boolean;
  /** Tells how a request stands now; must not wait. */
  readonly tell?: (view: RequestView) => void;
}

/**
 * All requests to engines: those that are running, as many as the program lets in, and the last 500 that
 * have ended. To keep it costs a request a few numbers; whoever looks pays for the text.
 */
export class RequestBook implements RequestDesk {
  readonly #clock: Clock;
  readonly #isWatched: () => boolean;
  readonly #tell: (view: RequestView) => void;
  /** In no order. */
  readonly #running: RequestRecord[] = [];
  /** A ring. */
  readonly #ended: RequestRecord[] = [];
  #endedCount = 0;
  #listeners: readonly ((ended: EndedRequest) => void)[] = [];
  #changed = new Set<RequestRecord>();
  #telling: Timer | undefined;
  #wallLessClockMs = 0;
  #comparedAt = -Infinity;

  constructor({ clock, isWatched = () => false, tell = () => {} }: RequestBookOptions) {
    this.#clock = clock;
    this.#isWatched = isWatched;
    this.#tell = tell;
  }

  /** Those that have not ended, the newest first. */
  running(): readonly RequestView[] {
    return this.#running.toSorted((a, b) => b.beganAt - a.beganAt).map(toRequestView);
  }

  /** The last that have ended, the newest first. */
  recent(): readonly RequestView[] {
    return this.#recent().map(toRequestView);
  }

  /** The newest of this id, one that is running first. */
  find(id: string): RequestView | undefined {
    const found = this.#runningOf(id)[0] ?? this.#recent().find((record) => record.id === id);
    return found && toRequestView(found);
  }

  /** Ends those of this id that are running, for client and engine; `false` = there is none. */
  cancel(id: string): boolean {
    return this.#runningOf(id).filter((record) => record.cancel()).length > 0;
  }

  /** Tells `listener` of each request that ends, at once: it must neither wait nor throw. Gives what ends that. */
  onEnded(listener: (ended: EndedRequest) => void): () => void {
    this.#listeners = [...this.#listeners, listener];
    return () => this.#listeners = this.#listeners.filter((one) => one !== listener);
  }

  now(): number {
    return this.#clock.now();
  }

  began(record: RequestRecord): void {
    record.keptAt = this.#running.length;
    this.#running.push(record);
    if (record.beganAt - this.#comparedAt > WALL_MS) this.#compareClocks();
    record.wallLessClockMs = this.#wallLessClockMs;
  }

  moved(record: RequestRecord): void {
    if (this.#isWatched()) this.#tellSoon(record);
  }

  ended(record: RequestRecord): void {
    const last = this.#running.pop();
    if (last !== undefined && last !== record) {
      this.#running[record.keptAt] = last;
      last.keptAt = record.keptAt;
    }
    this.#ended[this.#endedCount++ % KEPT] = record;
    for (const listener of this.#listeners) listener(record);
    if (this.#isWatched()) this.#tellSoon(record);
  }

  #compareClocks(): void {
    this.#comparedAt = this.#clock.now();
    this.#wallLessClockMs = this.#clock.wall() - this.#comparedAt;
  }

  #runningOf(id: string): readonly RequestRecord[] {
    return this.#running.filter((record) => record.id === id).sort((a, b) => b.beganAt - a.beganAt);
  }

  #recent(): RequestRecord[] {
    const recent: RequestRecord[] = [];
    const count = Math.min(this.#endedCount, KEPT);
    for (let back = 1; back <= count; back++) {
      const record = this.#ended[(this.#endedCount - back) % KEPT];
      if (record !== undefined) recent.push(record);
    }
    return recent;
  }

  #tellSoon(record: RequestRecord): void {
    this.#changed.add(record);
    this.#telling ??= this.#clock.at(this.#clock.now() + GATHER_MS, () => this.#tellChanges());
  }

  /** Of more than can be told, those of which somebody has heard that they run, then the newest. */
  #tellChanges(): void {
    this.#telling = undefined;
    const changed = [...this.#changed];
    this.#changed = new Set();
    const unheard = changed.filter(({ wasTold }) => !wasTold);
    const left = new Set(unheard.slice(0, Math.max(0, unheard.length - TOLD_AT_ONCE)));
    for (const record of changed) {
      if (left.has(record)) continue;
      record.wasTold = true;
      this.#tell(toRequestView(record));
    }
  }
}
