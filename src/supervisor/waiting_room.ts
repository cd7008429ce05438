/** Those who are held: the higher priority first, within one first come first served. */
import type { AiEngineError, RequestRecord } from "../core/mod.ts";
import type { WantedBy } from "../lifecycle/mod.ts";
import type { Member } from "./member.ts";

/** One who wants the engine. Unless it has left, one of `grant` and `refuse` is called, once. */
export interface Ask {
  readonly by: WantedBy;
  /** Higher goes first. */
  readonly priority: number;
  /** When it began to wait, in the clock's time; `Infinity` while it does not. */
  heldAt: number;
  /** How long it waits for another process after a failure, in the clock's time. */
  readonly until: number;
  /** Told which place in the line it has, from 1 on: when it gets one, and now and then. */
  readonly onPlace?: ((place: number) => void) | undefined;
  /** Tells of it; its place there is asked for by who looks. */
  readonly record?: RequestRecord | undefined;
  readonly hasLeft: () => boolean;
  readonly grant: (instance: Member) => void;
  readonly refuse: (error: AiEngineError) => void;
}

export interface NewAskOptions<T> {
  readonly by: WantedBy;
  readonly priority: number;
  readonly until: number;
  /** Fires when the one who asks leaves. */
  readonly signal: AbortSignal | undefined;
  /** What a grant gives. */
  readonly take: (instance: Member) => T;
  readonly onLeave: (ask: Ask) => void;
  readonly onPlace?: ((place: number) => void) | undefined;
  readonly record?: RequestRecord | undefined;
}

/** What became of an ask. */
type Outcome<T> =
  | { readonly kind: "open" }
  | { readonly kind: "granted"; readonly value: T }
  | { readonly kind: "refused"; readonly error: unknown };

/** An ask whose answer may be there at once: what is not held costs no promise. */
export class NewAsk<T> implements Ask {
  readonly by: WantedBy;
  readonly priority: number;
  readonly until: number;
  heldAt = Infinity;
  readonly onPlace: ((place: number) => void) | undefined;
  readonly record: RequestRecord | undefined;
  readonly #options: NewAskOptions<T>;
  #outcome: Outcome<T> = { kind: "open" };
  #settle: (() => void) | undefined;

  constructor(options: NewAskOptions<T>) {
    this.by = options.by;
    this.priority = options.priority;
    this.until = options.until;
    this.onPlace = options.onPlace;
    this.record = options.record;
    this.#options = options;
  }

  hasLeft(): boolean {
    return this.#options.signal?.aborted === true;
  }

  grant(instance: Member): void {
    this.#outcome = { kind: "granted", value: this.#options.take(instance) };
    this.#settle?.();
  }

  refuse(error: AiEngineError): void {
    this.#outcome = { kind: "refused", error };
    this.#settle?.();
  }

  /** Once it was posted: what was granted, or a promise of it. Throws or rejects what refused it. */
  answer(): T | Promise<T> {
    if (this.#outcome.kind === "granted") return this.#outcome.value;
    if (this.#outcome.kind === "refused") throw this.#outcome.error;
    return this.#answerLater();
  }

  #answerLater(): Promise<T> {
    const { signal, onLeave } = this.#options;
    return new Promise((resolve, reject) => {
      const leave = () => {
        onLeave(this);
        reject(signal?.reason);
      };
      if (this.hasLeft()) return leave();
      signal?.addEventListener("abort", leave, { once: true });
      this.#settle = () => {
        signal?.removeEventListener("abort", leave);
        if (this.#outcome.kind === "granted") resolve(this.#outcome.value);
        if (this.#outcome.kind === "refused") reject(this.#outcome.error);
      };
    });
  }
}

/** Those of one priority, in the order they came. */
interface Line {
  readonly priority: number;
  readonly asks: Set<Ask>;
}

/** So many of a line are told of anew when they move up: a longer one would drown who watches. */
const TOLD_OF = 100;

export class WaitingRoom {
  /** The highest priority first; none of them empty. */
  #lines: readonly Line[] = [];
  #size = 0;
  /** `null` = nobody has looked since somebody came or went. */
  #places: ReadonlyMap<RequestRecord, number> | null = null;

  get size(): number {
    return this.#size;
  }

  /** Who is next. */
  get first(): Ask | undefined {
    for (const ask of this.#lines[0]?.asks ?? []) return ask;
    return undefined;
  }

  /** Who has waited longest, of any priority. */
  get oldest(): Ask | undefined {
    let oldest: Ask | undefined;
    for (const { asks } of this.#lines) {
      for (const ask of asks) {
        if (oldest === undefined || ask.heldAt < oldest.heldAt) oldest = ask;
        break;
      }
    }
    return oldest;
  }

  /** Whether somebody waits who goes before one of `priority` who comes now. */
  hasBefore(priority: number): boolean {
    const [highest] = this.#lines;
    return highest !== undefined && highest.priority >= priority;
  }

  /** Takes a place behind all of its priority, from `now` on. */
  add(ask: Ask, now: number): void {
    ask.heldAt = Math.min(ask.heldAt, now);
    this.#size++;
    this.#places = null;
    const line = this.#lines.find(({ priority }) => priority === ask.priority);
    if (line !== undefined) line.asks.add(ask);
    else {
      const made = { priority: ask.priority, asks: new Set([ask]) };
      this.#lines = [...this.#lines, made].sort((a, b) => b.priority - a.priority);
    }
    const place = this.#sizeDownTo(ask.priority);
    ask.onPlace?.(place);
    if (ask.record === undefined) return;
    ask.record.line = this;
    ask.record.moves(place);
  }

  /** Tells all who want to know it which place they have. */
  tellPlaces(): void {
    for (const [ask, place] of this.#inOrder()) {
      ask.onPlace?.(place);
      if (place <= TOLD_OF) ask.record?.moves(place);
    }
  }

  /** The place of what `record` tells of, from 1 on; `null` = it has none. Who looks at all counts once. */
  placeOf(record: RequestRecord): number | null {
    this.#places ??= this.#countPlaces();
    return this.#places.get(record) ?? null;
  }

  #countPlaces(): ReadonlyMap<RequestRecord, number> {
    const places = new Map<RequestRecord, number>();
    for (const [{ record }, place] of this.#inOrder()) {
      if (record !== undefined) places.set(record, place);
    }
    return places;
  }

  *#inOrder(): Generator<[ask: Ask, place: number]> {
    let place = 0;
    for (const { asks } of this.#lines) for (const ask of asks) yield [ask, ++place];
  }

  #sizeDownTo(lowest: number): number {
    const before = this.#lines.filter(({ priority }) => priority >= lowest);
    return before.reduce((sum, { asks }) => sum + asks.size, 0);
  }

  /** Gives up a place; one that is not held is fine. */
  remove(ask: Ask): void {
    const line = this.#lines.find(({ priority }) => priority === ask.priority);
    if (line === undefined || !line.asks.delete(ask)) return;
    this.#size--;
    this.#places = null;
    if (line.asks.size === 0) this.#lines = this.#lines.filter((one) => one !== line);
  }

  /** Takes out those whom `matches` names, in their order; the others stay. */
  takeIf(matches: (ask: Ask) => boolean): Ask[] {
    const taken = this.#lines.flatMap(({ asks }) => [...asks].filter(matches));
    for (const ask of taken) this.remove(ask);
    return taken;
  }

  /** All who are held, in their order; the room is empty afterwards. */
  takeAll(): Ask[] {
    const all = this.#lines.flatMap(({ asks }) => [...asks]);
    this.#lines = [];
    this.#size = 0;
    this.#places = null;
    return all;
  }
}
