/**
 * The bus: one ring for replay, one bounded mailbox per subscriber. Publishing never waits; a
 * subscriber that is too slow loses its oldest events and finds a gap marker in their place.
 *
 * @module
 */
import type { BoundView } from "../core/mod.ts";
import { type Delivery, type EngineEvent, type EventSink, REPLAYABLE } from "./events.ts";
import type { Published } from "./events.ts";

export interface EventBusOptions {
  /** First part of every id; new with each start of the program. */
  readonly boot: string;
  /** Replayable events kept. @default 1_000 */
  readonly ringSize?: number;
  /** Events that may wait in one mailbox. @default 256 */
  readonly mailboxSize?: number;
}

export interface SubscribeOptions {
  /** Id of the last event the subscriber has seen; what came since is replayed. */
  readonly after?: string;
}

/** What a mailbox begins with: all that came since `after`, what is left of it, or nothing. */
export type Replay = "full" | "partial" | "none";

/** What came since an id: how many events are lost, `null` when that can't be told, and the rest. */
interface Past {
  readonly missed: number | null;
  readonly events: readonly Published[];
}

interface MailboxOptions {
  readonly size: number;
  readonly replay: Replay;
  readonly past: Past;
  readonly onClose: () => void;
  readonly onMissed: () => void;
}

/** A mailbox. Exactly one reader. */
export class Subscription {
  readonly replay: Replay;
  readonly #size: number;
  readonly #onClose: () => void;
  readonly #onMissed: () => void;
  #queue: Published[];
  /** Lost before the first one in the queue; `null` when it can't be known. */
  #missed: number | null;
  #wake: (() => void) | undefined;
  #closed = false;

  constructor(options: MailboxOptions) {
    this.replay = options.replay;
    this.#size = options.size;
    this.#onClose = options.onClose;
    this.#onMissed = options.onMissed;
    this.#queue = [...options.past.events];
    this.#missed = options.past.missed;
  }

  /** What has arrived since the last call, oldest first; a {@linkcode Gap} stands for what was lost. */
  take(): Delivery[] {
    const taken: Delivery[] = this.#missed === 0 ? [] : [{ type: "gap", missed: this.#missed }];
    taken.push(...this.#queue);
    this.#queue = [];
    this.#missed = 0;
    return taken;
  }

  /** Calls `wake` once, as soon as something is there or the subscription is closed. */
  onNext(wake: () => void): void {
    if (this.#closed || this.#queue.length > 0 || this.#missed !== 0) wake();
    else this.#wake = wake;
  }

  get isClosed(): boolean {
    return this.#closed;
  }

  /** For the bus: puts `published` into the mailbox, the oldest gives way. */
  push(published: Published): void {
    if (this.#closed) return;
    if (this.#queue.length >= this.#size) {
      this.#queue.shift();
      if (this.#missed !== null) this.#missed++;
      this.#onMissed();
    }
    this.#queue.push(published);
  }

  /** For the bus: wakes the reader. What the reader throws is its own fault, told as uncaught. */
  notify(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    try {
      wake?.();
    } catch (error) {
      // The language has no other word for it; src/platform/host.ts says what becomes of it.
      // deno-lint-ignore ai-engine/platform-words
      reportError(error);
    }
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#onClose();
    this.notify();
  }
}

export class EventBus implements EventSink {
  readonly boot: string;
  readonly #ringSize: number;
  readonly #mailboxSize: number;
  readonly #subscriptions = new Set<Subscription>();
  /** Replayable events, oldest first, sequence numbers without a hole; the last is `#seq`. */
  #ring: Published[] = [];
  #seq = 0;
  #missed = 0;
  /** The newest event of each type about each engine. */
  readonly #latest = new Map<string, EngineEvent>();
  #isClosed = false;

  constructor(options: EventBusOptions) {
    this.boot = options.boot;
    this.#ringSize = options.ringSize ?? 1_000;
    this.#mailboxSize = options.mailboxSize ?? 256;
  }

  publish(event: EngineEvent): void {
    let id: string | null = null;
    if (REPLAYABLE.has(event.type)) id = `${this.boot}.${++this.#seq}`;
    const published: Published = { id, event };
    if (id !== null) {
      this.#ring.push(published);
      if (this.#ring.length > this.#ringSize) this.#ring.shift();
    }
    this.#remember(event);
    // Into all mailboxes first: a reader that publishes when woken must not get ahead of the others.
    for (const subscription of this.#subscriptions) subscription.push(published);
    for (const subscription of this.#subscriptions) subscription.notify();
  }

  /** Id of the newest replayable event. */
  get lastId(): string {
    return `${this.boot}.${this.#seq}`;
  }

  bounds(): readonly BoundView[] {
    const limit = this.#mailboxSize;
    return [{ name: "event_mailbox", engine: null, limit, used: null, refused: this.#missed }];
  }

  get subscribers(): number {
    return this.#subscriptions.size;
  }

  /**
   * The newest event of `type` about `engine`; without `engine`, of those about none. A
   * `python_status` speaks of one process: it is forgotten with the next change of state.
   */
  latest<T extends EngineEvent["type"]>(
    type: T,
    engine?: string,
  ): Extract<EngineEvent, { type: T }> | undefined {
    const event = this.#latest.get(latestKey(type, engine));
    return event as Extract<EngineEvent, { type: T }> | undefined;
  }

  /**
   * Opens a mailbox. With `after` it begins with what was published since; when that can't be told
   * whole (another boot, too long ago) it begins with a {@linkcode Gap}.
   */
  subscribe(options: SubscribeOptions = {}): Subscription {
    const past = options.after === undefined ? NO_PAST : this.#since(options.after);
    const subscription = new Subscription({
      // What is replayed takes no place away from what comes.
      size: this.#mailboxSize + past.events.length,
      replay: options.after === undefined ? "none" : replayOf(past),
      past,
      onClose: () => this.#subscriptions.delete(subscription),
      onMissed: () => this.#missed++,
    });
    this.#subscriptions.add(subscription);
    if (this.#isClosed) subscription.close();
    return subscription;
  }

  /** Closes every mailbox, those opened later too; their readers are woken. */
  close(): void {
    this.#isClosed = true;
    for (const subscription of [...this.#subscriptions]) subscription.close();
  }

  #remember(event: EngineEvent): void {
    const engine = "engine" in event ? event.engine : undefined;
    if (event.type === "state") this.#latest.delete(latestKey("python_status", engine));
    this.#latest.set(latestKey(event.type, engine), event);
  }

  #since(after: string): Past {
    const match = /^([0-9a-f]+)\.(\d{1,15})$/.exec(after);
    const seq = Number(match?.[2]);
    if (match?.[1] !== this.boot || seq > this.#seq) return { missed: null, events: [] };
    const wanted = this.#seq - seq;
    const kept = Math.min(wanted, this.#ring.length);
    return { missed: wanted - kept, events: this.#ring.slice(this.#ring.length - kept) };
  }
}

const NO_PAST: Past = { missed: 0, events: [] };

function replayOf({ missed }: Past): Replay {
  if (missed === null) return "none";
  return missed === 0 ? "full" : "partial";
}

function latestKey(type: EngineEvent["type"], engine: string | undefined): string {
  return `${type} ${engine ?? ""}`;
}
