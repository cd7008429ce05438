/** Finding lines among those that are kept. */
import type { LogLevel } from "../../config/mod.ts";
import type { LogReader } from "./log_book.ts";
import { levelOf } from "./log_level_of.ts";
import type { LogLine, LogStream } from "./log_line.ts";
import type { LogSearches } from "./log_searches.ts";
import { LinePattern } from "./line_pattern.ts";
import { PatternError } from "./pattern_syntax.ts";
import { RANKS } from "./program_log.ts";

/** Which lines; what is left out does not matter. */
export interface LineFilter {
  /** Names of engines; what is about none is out then. */
  readonly engines?: ReadonlySet<string>;
  /** Wall clock, milliseconds; both included. */
  readonly since?: number;
  readonly until?: number;
  readonly stream?: LogStream;
  /** The least. A line that says none is out. */
  readonly level?: LogLevel;
  readonly grep?: LineMatch;
  readonly story?: RequestStory;
}

/** What belongs to one request. */
export interface RequestStory {
  /** Its ids: whoever says one speaks of it. */
  readonly ids: readonly string[];
  /** What this program says of `engine` meanwhile is a part of it. */
  readonly during?: { readonly engine: string; readonly from: number; readonly to: number };
}

export interface LineRange {
  /** Numbers above it, the lowest first: only of a single log. */
  readonly after?: number;
  /** Places below it. */
  readonly before?: number;
  /** At most so many: the newest, with `after` the oldest. */
  readonly limit: number;
}

export interface FoundLines {
  /** Oldest first. */
  readonly lines: readonly LogLine[];
  /** There are more of them, older ones; with `after` newer ones. */
  readonly hasMore: boolean;
  /** Number of the newest line of each log, found or not, as they were then; `""` is the program's own. */
  readonly last: Readonly<Record<string, number>>;
}

/** Says of a line's text whether it is one that is looked for; pauses when others should get their turn. */
export interface LineMatch {
  search(text: string): Generator<void, boolean>;
}

/** Turns after which a search is given up, and lines that are looked at in one. */
const MAX_TURNS = 5_000;
const TURN_LINES = 2_000;

/**
 * `text` as it is, in whatever case; `/text/` as a regular expression, `/text/i` in whatever case.
 * Throws {@linkcode PatternError}.
 */
export function toLineMatch(text: string): LineMatch {
  const pattern = /^\/(.+)\/(i?)$/.exec(text);
  if (pattern !== null) {
    return new LinePattern(pattern[1] ?? "", { ignoresCase: pattern[2] === "i" });
  }
  return new PlainMatch(text);
}

class PlainMatch implements LineMatch {
  readonly #wanted: string;

  constructor(text: string) {
    this.#wanted = text.toLowerCase();
  }

  // deno-lint-ignore require-yield -- It is done at once.
  *search(line: string): Generator<void, boolean> {
    return line.toLowerCase().includes(this.#wanted);
  }
}

/** Whether `line` is one of those, whatever its text says. */
function isWanted(line: LogLine, filter: LineFilter): boolean {
  const { engines, since = -Infinity, until = Infinity, stream, level, story } = filter;
  if (engines !== undefined && (line.engine === null || !engines.has(line.engine))) return false;
  if (line.at < since || line.at > until) return false;
  if (stream !== undefined && line.stream !== stream) return false;
  if (level !== undefined && !isAtLeast(level, levelOf(line))) return false;
  return story === undefined || isOf(story, line);
}

/** Logs that a filter lets in. */
export function namesOf(reader: LogReader, { engines }: LineFilter): readonly (string | null)[] {
  return engines === undefined ? reader.names() : [...engines];
}

/** What {@linkcode readLines} goes by. */
export interface ReadOptions {
  readonly filter: LineFilter;
  readonly range: LineRange;
}

/** The lines that are kept and wanted. Throws as {@linkcode sift}, and `queue_full`. */
export function readLines(reader: LogReader, options: ReadOptions): Promise<FoundLines> {
  return reader.searches.run(() => readNow(reader, options));
}

async function readNow(reader: LogReader, { filter, range }: ReadOptions): Promise<FoundLines> {
  const { after, before = Infinity, limit } = range;
  reader.settle();
  const names = namesOf(reader, filter);
  const last = Object.fromEntries(names.map((name) => [name ?? "", reader.lastN(name)]));
  const logs = names.map((name) => reader.after(name, after ?? 0));
  const all = after === undefined ? newestFirst(logs, before) : logs.flat();
  const found = await sift(all, { filter, searches: reader.searches, limit: limit + 1 });
  const lines = found.slice(0, limit);
  const hasMore = found.length > limit;
  return { lines: after === undefined ? lines.reverse() : lines, hasMore, last };
}

/** The lines of all `logs` below the place `before`; who stops early pays for no more than was taken. */
function* newestFirst(logs: readonly (readonly LogLine[])[], before: number): Generator<LogLine> {
  const rests = logs.map((lines) => ({ lines, left: lines.length }));
  while (true) {
    let newest: LogLine | undefined;
    let place: { left: number } | undefined;
    for (const rest of rests) {
      const line = rest.lines[rest.left - 1];
      if (line === undefined || line.seq < (newest?.seq ?? 0)) continue;
      newest = line;
      place = rest;
    }
    if (newest === undefined || place === undefined) return;
    place.left--;
    if (newest.seq < before) yield newest;
  }
}

export interface SiftOptions {
  readonly filter: LineFilter;
  /** With whom it takes turns. */
  readonly searches: LogSearches;
  /** @default all */
  readonly limit?: number;
}

/**
 * Those of `lines` that are wanted, the first `limit` of them. Others get their turn meanwhile. Throws
 * {@linkcode PatternError} when the pattern is too much work.
 */
export async function sift(
  lines: Iterable<LogLine>,
  { filter, searches, limit = Infinity }: SiftOptions,
): Promise<LogLine[]> {
  const found: LogLine[] = [];
  let seen = 0;
  let turns = 0;
  const pause = async () => {
    if (++turns > MAX_TURNS) throw new PatternError("takes too long on these lines");
    await searches.turn();
  };
  for (const line of lines) {
    if (++seen % TURN_LINES === 0) await pause();
    if (!isWanted(line, filter)) continue;
    const search = filter.grep?.search(line.text);
    let step = search?.next();
    while (step?.done === false) {
      await pause();
      step = search?.next();
    }
    if (step?.value !== false && found.push(line) >= limit) break;
  }
  return found;
}

function isAtLeast(least: LogLevel, level: LogLevel | null): boolean {
  return level !== null && RANKS[level] >= RANKS[least];
}

function isOf({ ids, during }: RequestStory, line: LogLine): boolean {
  if (ids.some((id) => isNamed(line, id))) return true;
  // What is said of another request is not of this one's story.
  return during !== undefined && line.stream === "program" && line.requestId === undefined &&
    line.engine === during.engine && line.at >= during.from && line.at <= during.to;
}

function isNamed({ traceId, requestId, text }: LogLine, id: string): boolean {
  return traceId === id || requestId === id || text.includes(id);
}
