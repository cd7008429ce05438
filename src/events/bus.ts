/**
 * The bus: one ring for replay, one bounded mailbox per subscriber. Publishing never waits; a
 * subscriber that is too slow loses its oldest events and finds a gap marker in their place.
 *
 * @module
 */
import type { BoundView } from "../core/mod.ts";
import {
  BY_NAME,
  type EngineEvent,
  type EventSink,
  type EventTopic,
  REPLAYABLE,
} from "./events.ts";
import {
  LOG_CHARS,
  type Past,
  type Posted,
  replayOf,
  Subscription,
  toPosted,
} from "./subscription.ts";

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
  /** @default all but those that are to be named */
  readonly topics?: ReadonlySet<string> | null;
}

export class EventBus implements EventSink {
  readonly boot: string;
  readonly #ringSize: number;
  readonly #mailboxSize: number;
  readonly #subscriptions = new Set<Subscription>();
  /** Replayable events, oldest first, sequence numbers without a hole; the last is `#seq`. */
  #ring: Posted[] = [];
  #seq = 0;
  readonly #missed = { events: 0, lines: 0 };
  /** How many subscribers have named a topic. */
  readonly #named = new Map<EventTopic, number>();
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
    const posted = toPosted(id, event);
    if (id !== null) {
      this.#ring.push(posted);
      if (this.#ring.length > this.#ringSize) this.#ring.shift();
    }
    this.#remember(event);
    // Into all mailboxes first: a reader that publishes when woken must not get ahead of the others.
    for (const subscription of this.#subscriptions) subscription.push(posted);
    // Who publishes lines wakes those who read them, in turns: it takes a while when there are many.
    if (event.type === "log") return;
    for (const subscription of this.#subscriptions) subscription.notify();
  }

  /** Id of the newest replayable event. */
  get lastId(): string {
    return `${this.boot}.${this.#seq}`;
  }

  bounds(): readonly BoundView[] {
    const { events, lines } = this.#missed;
    const own = { engine: null, used: null };
    return [
      { ...own, name: "event_mailbox", limit: this.#mailboxSize, refused: events },
      { ...own, name: "event_log_chars", limit: LOG_CHARS, refused: lines },
    ];
  }

  /** Whether anybody has named `topic`; who publishes it need not where nobody has. */
  wants(topic: EventTopic): boolean {
    return (this.#named.get(topic) ?? 0) > 0;
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
    const { topics = null } = options;
    const subscription = new Subscription({
      // What is replayed takes no place away from what comes.
      size: this.#mailboxSize + past.events.length,
      replay: options.after === undefined ? "none" : replayOf(past),
      topics,
      past,
      onClose: () => {
        this.#subscriptions.delete(subscription);
        this.#name(topics, -1);
      },
      onMissed: (what, count) => this.#missed[what] += count,
    });
    this.#subscriptions.add(subscription);
    this.#name(topics, 1);
    if (this.#isClosed) subscription.close();
    return subscription;
  }

  /** Closes every mailbox, those opened later too; their readers are woken. */
  close(): void {
    this.#isClosed = true;
    for (const subscription of [...this.#subscriptions]) subscription.close();
  }

  #name(topics: ReadonlySet<string> | null, by: 1 | -1): void {
    for (const topic of BY_NAME) {
      if (topics?.has(topic)) this.#named.set(topic, (this.#named.get(topic) ?? 0) + by);
    }
  }

  #remember(event: EngineEvent): void {
    if (BY_NAME.has(event.type)) return;
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

function latestKey(type: EventTopic, engine: string | null | undefined): string {
  return `${type} ${engine ?? ""}`;
}
