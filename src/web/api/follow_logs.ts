/**
 * Lines as they come, as plain text. It is pulled, as an event stream is: a client that does not read
 * holds nothing but its place in the numbers, and after ten seconds loses that.
 *
 * @module
 */
import { type Clock, sleep, type Timer } from "../../core/mod.ts";
import { loadLogs, type LogLine, type LogReader } from "../../observe/mod.ts";
import type { WebDeps } from "../deps.ts";
import { STALL_MS } from "../web_bounds.ts";
import { findLines } from "./find_lines.ts";
import type { LogQuery } from "./log_query.ts";
import { toTextLine } from "./log_text.ts";

/** So long lines are gathered, so that a flood does not cost a write for each. */
const GATHER_MS = 50;
/** After so long a look is taken without being woken: lines may have been counted and not kept. */
const LOOK_MS = 1_000;
/** Lines in one piece. */
const BATCH = 512;

export interface FollowOptions {
  readonly deps: WebDeps;
  readonly query: LogQuery;
  /** Aborts when the client is gone. */
  readonly signal: AbortSignal;
  /** Whether the client may have what comes next; asked once a second at least. */
  readonly isWelcome: () => boolean;
  /** The client was let go for not reading. */
  readonly onSlow: () => void;
  /** Called once, however it ends. */
  readonly onEnd: () => void;
}

/** Begins with the newest lines. Throws as `findLines`. */
export async function followLogs(options: FollowOptions): Promise<ReadableStream<Uint8Array>> {
  const { deps, query } = options;
  const { LogCursor, sift } = await loadLogs();
  // First, so that what comes while the newest ones are looked for is not left out.
  const cursor = new LogCursor(deps.logs, query.filter.engines);
  const first = await findLines(deps, query);
  const newest = first.lines.at(-1)?.seq ?? 0;
  const next = async (): Promise<string> => {
    const { lines, missed } = cursor.take(BATCH);
    const note = missed === 0 ? "" : `… ${missed} lines were missed here: they came too fast\n`;
    const wanted = await sift(lines, { filter: query.filter, searches: deps.logs.searches });
    return note + textOf(wanted.filter(({ seq }) => seq > newest));
  };
  const source = new FollowSource({ ...options, head: textOf(first.lines), next });
  return new ReadableStream(source, { highWaterMark: 0 });
}

type Controller = ReadableStreamDefaultController<Uint8Array>;

interface SourceOptions extends FollowOptions {
  readonly head: string;
  /** What came since; empty when nothing did. */
  readonly next: () => Promise<string>;
}

class FollowSource implements UnderlyingDefaultSource<Uint8Array> {
  readonly #options: SourceOptions;
  readonly #clock: Clock;
  readonly #logs: LogReader;
  readonly #encoder = new TextEncoder();
  readonly #over = new AbortController();
  #head: string;
  #stall: Timer | undefined;

  constructor(options: SourceOptions) {
    this.#options = options;
    this.#clock = options.deps.clock;
    this.#logs = options.deps.logs;
    this.#head = options.head;
  }

  start(controller: Controller): void {
    const { signal } = this.#options;
    signal.addEventListener("abort", () => this.#end(controller), { signal: this.#over.signal });
    this.#watch(controller);
    if (signal.aborted) this.#end(controller);
  }

  async pull(controller: Controller): Promise<void> {
    this.#stall?.cancel();
    const text = await this.#next();
    if (this.#over.signal.aborted) return;
    if (text === "") return this.#end(controller);
    controller.enqueue(this.#encoder.encode(text));
    this.#watch(controller);
  }

  cancel(): void {
    this.#release();
  }

  /** The next piece; empty when there will be none. */
  async #next(): Promise<string> {
    const head = this.#head;
    this.#head = "";
    if (head !== "") return head;
    while (!this.#over.signal.aborted) {
      this.#logs.settle();
      const text = await this.#options.next();
      if (!this.#options.isWelcome()) break;
      if (text !== "") return text;
      if (this.#logs.isClosed) break;
      await this.#wait();
    }
    return "";
  }

  /** Until there are lines. */
  async #wait(): Promise<void> {
    const woken = new AbortController();
    const callOff = this.#logs.onNext(() => woken.abort());
    await sleep(this.#clock, LOOK_MS, AbortSignal.any([woken.signal, this.#over.signal]));
    callOff();
    if (woken.signal.aborted) await sleep(this.#clock, GATHER_MS, this.#over.signal);
  }

  /** Lets the client go when the piece handed out last has not gone out in time. */
  #watch(controller: Controller): void {
    this.#stall = this.#clock.at(this.#clock.now() + STALL_MS, () => {
      this.#options.onSlow();
      this.#end(controller);
    });
  }

  #end(controller: Controller): void {
    if (this.#over.signal.aborted) return;
    this.#release();
    controller.close();
  }

  #release(): void {
    if (this.#over.signal.aborted) return;
    this.#over.abort();
    this.#stall?.cancel();
    this.#options.onEnd();
  }
}

function textOf(lines: readonly LogLine[]): string {
  return lines.map(toTextLine).join("");
}
