/**
 * `logs -f`: the last lines, then each line as it comes, without a hole and without one twice.
 *
 * @module
 */
import type { ClientContext } from "./client_context.ts";
import { endOf, type Feed, openFeed } from "./event_feed.ts";
import type { SourceEvent } from "./event_source.ts";
import { type LogLine, type LogPrinter, toLogLine } from "./log_line.ts";
import { isRecord } from "./problem.ts";
import { type LogQuery, readLines } from "./read_log_lines.ts";

export interface FollowOptions {
  readonly query: LogQuery;
  /** Of the engines that are meant; none = all. */
  readonly names: readonly string[];
  /** Lines to begin with. */
  readonly limit: number;
  readonly printer: LogPrinter;
}

/** What a filter lets through can't be told from here, so the supervisor is asked for those lines. */
const FILTERS = ["stream", "level", "grep", "request"];

/** Most lines of one answer. */
const BATCH = 1_000;

/** Until nobody reads any more, or the supervisor closes. */
export async function followLogs(context: ClientContext, options: FollowOptions): Promise<void> {
  await new Follower(context, options).run();
}

class Follower {
  readonly #context: ClientContext;
  readonly #options: FollowOptions;
  readonly #isFiltered: boolean;
  /** The number of the newest line that was seen of each log. */
  readonly #seen = new Map<string | null, number>();

  constructor(context: ClientContext, options: FollowOptions) {
    this.#context = context;
    this.#options = options;
    this.#isFiltered = FILTERS.some((filter) => options.query[filter] !== undefined);
  }

  async run(): Promise<void> {
    const { screen } = this.#context;
    // Opened before the past is read: nothing falls between the two.
    let feed = await this.#open();
    try {
      await this.#show(await readLines(this.#context, this.#pastQuery()));
      while (screen.isOpen) {
        const { value } = await feed.events.next();
        const end = value === undefined ? "shutdown" : endOf(value);
        if (value === undefined || end === "shutdown") {
          return await screen.tell("the supervisor has closed");
        }
        if (end === "slow") {
          await feed.events.return();
          feed = await this.#open();
          await this.#catchUp();
        } else if (value.type === "gap") await this.#catchUp();
        else if (value.type === "log") await this.#take(value);
      }
    } finally {
      await feed.events.return();
    }
  }

  #open(): Promise<Feed> {
    const { names } = this.#options;
    const engine = names.length === 0 ? {} : { engine: names.join(",") };
    return openFeed(this.#context, { topics: "log", ...engine });
  }

  #pastQuery(): LogQuery {
    const { query, limit } = this.#options;
    return { ...query, limit };
  }

  async #take({ data }: SourceEvent): Promise<void> {
    const { engine, lines } = isRecord(data) ? data : {};
    const name = typeof engine === "string" ? engine : null;
    const all = (Array.isArray(lines) ? lines : []).map((line) => toLogLine(line, name))
      .filter((line) => line !== undefined);
    const seen = this.#seen.get(name);
    const fresh = all.filter(({ n }) => seen === undefined || n > seen);
    const [first] = fresh;
    if (first === undefined) return;
    const hasHole = seen !== undefined && first.n > seen + 1;
    if (this.#isFiltered || hasHole) await this.#fetch(name, fresh);
    else await this.#show(fresh);
  }

  /** All that came since the newest that was seen, of every log. */
  async #catchUp(): Promise<void> {
    for (const name of [...this.#seen.keys()]) await this.#fetch(name, []);
  }

  /** Asks for what came of one log since; `told` are lines that are known to be there. */
  async #fetch(name: string | null, told: readonly LogLine[]): Promise<void> {
    const { query } = this.#options;
    const newest = told.at(-1)?.n ?? 0;
    const seen = this.#seen.get(name) ?? (told[0]?.n ?? 1) - 1;
    // The supervisor's own log has no name to ask for it, and few lines.
    const which = name === null ? { engine: undefined } : { engine: name, after: seen };
    const lines = await readLines(this.#context, {
      ...query,
      since: undefined,
      ...which,
      limit: BATCH,
    });
    await this.#show(lines.filter(({ engine, n }) => engine === name && n > seen));
    // Lines that no filter lets through were seen as well.
    this.#seen.set(name, Math.max(this.#seen.get(name) ?? 0, newest));
  }

  async #show(lines: readonly LogLine[]): Promise<void> {
    await this.#options.printer.print(lines);
    for (const { engine, n } of lines) {
      this.#seen.set(engine, Math.max(this.#seen.get(engine) ?? 0, n));
    }
  }
}
