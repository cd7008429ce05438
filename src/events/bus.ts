/**
 * The bus: one ring for replay, one bounded mailbox per subscriber. Publishing never waits; a
 * subscriber that is too slow loses its oldest events and finds a gap marker in their place.
 *
 * @module
 */
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

/** A mailbox. Exactly one reader. */
export class Subscription {
  readonly #size: number;
  readonly #close: () => void;
  #queue: Delivery[] = [];
  #missed = 0;
  #wake: (() => void) | undefined;
  #closed = false;

  constructor(size: number, close: () => void) {
    this.#size = size;
    this.#close = close;
  }

  /** What has arrived since the last call, oldest first; a {@linkcode Gap} stands for what was lost. */
  take(): Delivery[] {
    const queue = this.#queue;
    this.#queue = [];
    if (this.#missed > 0) {
      queue.unshift({ type: "gap", missed: this.#missed });
      this.#missed = 0;
    }
    return queue;
  }

  /** Calls `wake` once, as soon as something is there or the subscription is closed. */
  onNext(wake: () => void): void {
    if (this.#closed || this.#queue.length > 0) wake();
    else this.#wake = wake;
  }

  get isClosed(): boolean {
    return this.#closed;
  }

  /** For the bus: puts `delivery` into the mailbox, the oldest gives way. */
  push(delivery: Delivery): void {
    if (this.#closed) return;
    if (this.#queue.length >= this.#size) {
      this.#queue.shift();
      this.#missed++;
    }
    this.#queue.push(delivery);
    this.#notify();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#close();
    this.#notify();
  }

  #notify(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
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
    for (const subscription of this.#subscriptions) subscription.push(published);
  }

  /** Id of the newest replayable event. */
  get lastId(): string {
    return `${this.boot}.${this.#seq}`;
  }

  get subscribers(): number {
    return this.#subscriptions.size;
  }

  /** The newest event of `type` about `engine` that is still in the ring. */
  latest<T extends EngineEvent["type"]>(
    type: T,
    engine: string,
  ): Extract<EngineEvent, { type: T }> | undefined {
    for (let i = this.#ring.length - 1; i >= 0; i--) {
      const event = this.#ring[i]?.event;
      if (event === undefined || event.type !== type) continue;
      const match = event as Extract<EngineEvent, { type: T }>;
      if ("engine" in match && match.engine === engine) return match;
    }
    return undefined;
  }

  /**
   * Opens a mailbox. With `after` it begins with what was published since; when that can't be told
   * whole (another boot, too long ago) it begins with a {@linkcode Gap}.
   */
  subscribe(options: SubscribeOptions = {}): Subscription {
    const missed = options.after === undefined ? [] : this.#since(options.after);
    const size = Math.max(this.#mailboxSize, missed.length);
    const subscription = new Subscription(size, () => {
      this.#subscriptions.delete(subscription);
    });
    for (const delivery of missed) subscription.push(delivery);
    this.#subscriptions.add(subscription);
    return subscription;
  }

  /** Closes every mailbox; their readers are woken. */
  close(): void {
    for (const subscription of [...this.#subscriptions]) subscription.close();
  }

  #since(after: string): Delivery[] {
    const match = /^([0-9a-f]+)\.(\d{1,15})$/.exec(after);
    const seq = Number(match?.[2]);
    if (match?.[1] !== this.boot || seq > this.#seq) return [{ type: "gap", missed: null }];
    const wanted = this.#seq - seq;
    if (wanted <= this.#ring.length) return this.#ring.slice(this.#ring.length - wanted);
    return [{ type: "gap", missed: wanted - this.#ring.length }, ...this.#ring];
  }
}
