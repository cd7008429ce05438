/** One mailbox: bounded, so that who never reads costs what it holds and nothing more. */
import { BY_NAME, type Delivery, type EngineEvent, type Published } from "./events.ts";

/** Text of lines that may wait in one mailbox, in UTF-16 units. */
export const LOG_CHARS = 256 * 1_024;

/** What a mailbox begins with: all that came since `after`, what is left of it, or nothing. */
export type Replay = "full" | "partial" | "none";

/** What came since an id: how many events are lost, `null` when that can't be told, and the rest. */
export interface Past {
  readonly missed: number | null;
  readonly events: readonly Posted[];
}

/** An event with what mailboxes go by. */
export interface Posted extends Published {
  /** Of two with the same key only the newer one counts. */
  readonly key: string | Posted;
  /** Length of the lines in it. */
  readonly chars: number;
}

interface SubscriptionOptions {
  readonly size: number;
  readonly topics: ReadonlySet<string> | null;
  readonly replay: Replay;
  readonly past: Past;
  readonly onClose: () => void;
  readonly onMissed: (what: "events" | "lines", count: number) => void;
}

/** A mailbox. Exactly one reader. */
export class Subscription {
  readonly replay: Replay;
  readonly #options: SubscriptionOptions;
  /** In the order they came. */
  readonly #queue = new Map<string | Posted, Posted>();
  /** Of all lines in the queue. */
  #chars = 0;
  /** Lost before the first one in the queue; `null` when it can't be known. */
  #missed: number | null;
  #missedLines = 0;
  #wake: (() => void) | undefined;
  #closed = false;

  constructor(options: SubscriptionOptions) {
    const { replay, past } = options;
    this.#options = options;
    this.replay = replay;
    for (const posted of past.events) this.#queue.set(posted.key, posted);
    this.#missed = past.missed;
  }

  /** What has arrived since the last call, oldest first; a `Gap` stands for what was lost. */
  take(): Delivery[] {
    const taken: Delivery[] = [];
    for (let one = this.takeOne(); one !== undefined; one = this.takeOne()) taken.push(one);
    return taken;
  }

  /** The oldest of it. Who is slow takes no more than goes out: what waits here is bounded. */
  takeOne(): Delivery | undefined {
    if (this.#hasGap) {
      const lines = this.#missedLines === 0 ? {} : { lines: this.#missedLines };
      const gap: Delivery = { type: "gap", missed: this.#missed, ...lines };
      this.#missed = 0;
      this.#missedLines = 0;
      return gap;
    }
    const [oldest] = this.#queue.values();
    if (oldest !== undefined) this.#remove(oldest);
    return oldest;
  }

  /** Calls `wake` once, as soon as something is there or the subscription is closed. */
  onNext(wake: () => void): void {
    if (this.#closed || this.#queue.size > 0 || this.#hasGap) wake();
    else this.#wake = wake;
  }

  get isClosed(): boolean {
    return this.#closed;
  }

  /** For the bus: puts `posted` into the mailbox; an older one of its key and the oldest give way. */
  push(posted: Posted): void {
    const { topics, size } = this.#options;
    const { type } = posted.event;
    const isWanted = topics === null ? !BY_NAME.has(type) : topics.has(type);
    if (this.#closed || !isWanted) return;
    this.#queue.delete(posted.key);
    this.#queue.set(posted.key, posted);
    this.#chars += posted.chars;
    if (this.#queue.size > size) this.#drop(() => true);
    while (this.#chars > LOG_CHARS) this.#drop(({ chars }) => chars > 0);
  }

  /** For the bus, of lines for their publisher: wakes the reader. What the reader throws is its own fault, told as uncaught. */
  notify(): void {
    if (this.#wake === undefined || (this.#queue.size === 0 && !this.#closed)) return;
    const wake = this.#wake;
    this.#wake = undefined;
    try {
      wake();
    } catch (error) {
      // The language has no other word for it; src/platform/host.ts says what becomes of it.
      // deno-lint-ignore ai-engine/platform-words
      reportError(error);
    }
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#options.onClose();
    this.notify();
  }

  get #hasGap(): boolean {
    return this.#missed !== 0 || this.#missedLines > 0;
  }

  #remove({ key, chars }: Posted): void {
    this.#queue.delete(key);
    this.#chars -= chars;
  }

  /** Lets the oldest go for which `may` says so. */
  #drop(may: (posted: Posted) => boolean): void {
    const oldest = this.#queue.values().find(may);
    if (oldest === undefined) return;
    this.#remove(oldest);
    const { event } = oldest;
    const lines = event.type === "log" ? event.lines.length : 0;
    if (lines > 0) this.#missedLines += lines;
    else if (this.#missed !== null) this.#missed++;
    this.#options.onMissed(lines > 0 ? "lines" : "events", lines > 0 ? lines : 1);
  }
}

export function replayOf({ missed }: Past): Replay {
  if (missed === null) return "none";
  return missed === 0 ? "full" : "partial";
}

/** Of what tells how something stands, the newest says all; everything else stands for itself. */
export function toPosted(id: string | null, event: EngineEvent): Posted {
  const key = keyOf(event);
  const chars = event.type === "log" ? charsOf(event.lines) : 0;
  const posted: { -readonly [K in keyof Posted]: Posted[K] } = { id, event, key: "", chars };
  posted.key = key ?? posted;
  return posted;
}

function keyOf(event: EngineEvent): string | null {
  switch (event.type) {
    case "request":
      return `request ${event.id}`;
    case "python_status":
      return `python_status ${event.engine}`;
    case "snapshot":
      return `snapshot ${event.engines.map(({ name }) => name).join(" ")}`;
    default:
      return null;
  }
}

function charsOf(lines: readonly { readonly text: string; readonly styled?: string }[]): number {
  return lines.reduce((sum, { text, styled = "" }) => sum + text.length + styled.length, 0);
}
