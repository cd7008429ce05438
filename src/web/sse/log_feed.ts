/**
 * Lines of logs as events, cut into batches once, whoever wants them. Nobody reads them here while nobody
 * has asked for the topic. Of each log a few batches are told in a while: more at once than anybody can
 * read waits in its ring, and what leaves that unread shows as a jump of the numbers.
 *
 * @module
 */
import type { Clock, Timer } from "../../core/mod.ts";
import type { EventBus, LogEvent, Subscription } from "../../events/mod.ts";
import type { LogLine, LogReader } from "../../observe/mod.ts";
import { toWireLine } from "../api/logs.ts";

/** Lines are gathered for so long; so often a batch is told. */
export const GATHER_MS = 100;
/** A batch has at most so many lines, and so many UTF-16 units of them. */
export const BATCH_LINES = 64;
export const BATCH_CHARS = 16_000;
/** Batches of a log that are told at once. */
export const BATCHES = 4;
/** So many clients are woken at once, and the next ones so much later: requests go in between. */
const TURN_CLIENTS = 4;
const TURN_MS = 5;
/** Lines that a client gets again at most when it connects again. */
export const PAST_LINES = 500;
/** After so long a look is taken without being woken: lines may have been counted and not kept. */
const LOOK_MS = 1_000;

export interface LogFeedOptions {
  readonly clock: Clock;
  readonly logs: LogReader;
  readonly events: EventBus;
}

/** Lines of the past, and how many were left out for being too many. */
export interface PastLines {
  readonly batches: readonly LogEvent[];
  readonly missed: number;
}

export class LogFeed {
  readonly #options: LogFeedOptions;
  readonly #followers = new Set<Subscription>();
  /** The last line of each log that was told. */
  #told = new Map<string | null, number>();
  #timer: Timer | undefined;
  #turn: Timer | undefined;
  /** Those whose turn is still to come. */
  #asleep: Subscription[] = [];
  #callOff = (): void => {};

  constructor(options: LogFeedOptions) {
    this.#options = options;
  }

  /** One more wants lines. */
  join(follower: Subscription): void {
    this.#followers.add(follower);
    if (this.#followers.size > 1) return;
    const { logs } = this.#options;
    this.#told = new Map(logs.names().map((name) => [name, logs.lastN(name)]));
    this.#wait();
  }

  leave(follower: Subscription): void {
    this.#followers.delete(follower);
    if (this.#followers.size > 0) return;
    this.#callOff();
    this.#timer?.cancel();
    this.#turn?.cancel();
    this.#asleep = [];
  }

  /** Number of the newest line of all logs. */
  get last(): number {
    const { logs } = this.#options;
    const newest = logs.names().flatMap((name) => logs.after(name, logs.lastN(name) - 1));
    return Math.max(0, ...newest.map(({ seq }) => seq));
  }

  /** The newest lines after the one of number `seq`. */
  past(seq: number, engines: ReadonlySet<string> | null): PastLines {
    const { logs } = this.#options;
    const lines = (engines === null ? logs.names() : [...engines])
      .flatMap((name) => logs.after(name, 0))
      .filter((line) => line.seq > seq)
      .sort((one, other) => one.seq - other.seq);
    const kept = lines.slice(-PAST_LINES);
    return { batches: toBatches(kept), missed: lines.length - kept.length };
  }

  /** Until a line is kept; in a while it is asked whether some were counted only. */
  #wait(): void {
    const { clock, logs } = this.#options;
    this.#timer = clock.at(clock.now() + LOOK_MS, () => {
      this.#callOff();
      logs.settle();
      this.#tell();
    });
    this.#callOff = logs.onNext(() => this.#tellSoon());
  }

  #tellSoon(): void {
    const { clock } = this.#options;
    this.#timer?.cancel();
    this.#timer = clock.at(clock.now() + GATHER_MS, () => this.#tell());
  }

  #tell(): void {
    const { events, logs } = this.#options;
    let isBehind = false;
    for (const name of logs.names()) {
      const lines = logs.after(name, this.#told.get(name) ?? 0, BATCHES * BATCH_LINES);
      for (const batch of toBatches(lines).slice(0, BATCHES)) {
        this.#told.set(name, batch.lines.at(-1)?.n ?? 0);
        events.publish(batch);
      }
      isBehind ||= (this.#told.get(name) ?? 0) < logs.lastN(name);
    }
    this.#wakeAll();
    if (isBehind) this.#tellSoon();
    else if (!logs.isClosed) this.#wait();
  }

  #wakeAll(): void {
    this.#turn?.cancel();
    for (const follower of this.#asleep) follower.notify();
    this.#asleep = [...this.#followers];
    this.#wakeNext();
  }

  #wakeNext(): void {
    const { clock } = this.#options;
    for (const follower of this.#asleep.splice(0, TURN_CLIENTS)) follower.notify();
    if (this.#asleep.length === 0) return;
    this.#turn = clock.at(clock.now() + TURN_MS, () => this.#wakeNext());
  }
}

/** Lines in the order they came, as events of one log each. */
export function toBatches(lines: readonly LogLine[]): readonly LogEvent[] {
  const batches: LogEvent[] = [];
  const open = new Map<string | null, { readonly lines: LogLine[]; chars: number }>();
  const end = (engine: string | null): void => {
    const batch = open.get(engine);
    open.delete(engine);
    if (batch !== undefined) {
      batches.push({ type: "log", engine, lines: batch.lines.map(toWireLine) });
    }
  };
  for (const line of lines) {
    const chars = line.text.length + (line.styled?.length ?? 0);
    const before = open.get(line.engine);
    if (before !== undefined && before.chars + chars > BATCH_CHARS) end(line.engine);
    const batch = open.get(line.engine) ?? { lines: [], chars: 0 };
    open.set(line.engine, batch);
    batch.chars += chars;
    if (batch.lines.push(line) === BATCH_LINES) end(line.engine);
  }
  for (const engine of [...open.keys()]) end(engine);
  return batches;
}
