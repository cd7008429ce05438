/** What somebody wants of the logs: the query of `/api/logs`, `/logs.txt` and of the page. */
import { LOG_LEVELS, type LogLevel } from "../../config/mod.ts";
import { isEngineName, parseDuration, RequestError } from "../../core/mod.ts";
import {
  type LineFilter,
  type LineMatch,
  type LineRange,
  loadLogs,
  type LogStream,
  type RequestStory,
} from "../../observe/mod.ts";
import type { WebDeps } from "../deps.ts";

/** Lines in one answer: as many as an engine's log has by default, of ten engines. */
const MAX_LINES = 10_000;

/** What a request's end brings about is said within this time. */
const WRITTEN_MS = 100;

const STREAMS: readonly LogStream[] = ["stdout", "stderr", "program"];

export interface LogQuery {
  readonly filter: LineFilter;
  readonly range: LineRange;
}

export interface LogQueryOptions {
  readonly deps: Pick<WebDeps, "clock" | "logs" | "requests" | "supervisor">;
  /** Lines, where the query does not say how many. */
  readonly limit: number;
}

/**
 * Reads a query; an empty parameter is as one that is not there, since forms send those.
 *
 * @throws {RequestError} `bad_request` for what can't be read, `unknown_engine`.
 */
export async function parseLogQuery(
  query: Readonly<Record<string, string>>,
  { deps, limit }: LogQueryOptions,
): Promise<LogQuery> {
  const now = deps.clock.wall();
  const read = <T>(name: string, parse: (text: string) => T): { [key: string]: T } => {
    const text = query[name] ?? "";
    return text === "" ? {} : { [name]: parse(text) };
  };
  const engines = enginesOf(query["engine"] ?? "", deps);
  const grep = query["grep"] ?? "";
  const story = storyOf(query, deps);
  const filter: LineFilter = {
    ...(engines === null ? {} : { engines }),
    ...read("since", (text) => timeOf(text, { name: "since", now })),
    ...read("until", (text) => timeOf(text, { name: "until", now })),
    ...read("stream", (text) => oneOf(text, "stream", STREAMS)),
    ...read("level", (text) => oneOf<LogLevel>(text, "level", LOG_LEVELS)),
    ...(grep === "" ? {} : { grep: await matchOf(grep) }),
    ...(story === null ? {} : { story }),
  };
  const range: LineRange = {
    limit,
    ...read("limit", (text) => Math.min(MAX_LINES, countOf(text, "limit"))),
    ...read("before", (text) => countOf(text, "before")),
    ...read("after", (text) => countOf(text, "after")),
  };
  if (range.after !== undefined && engines?.size !== 1) throw afterOfSeveral();
  return { filter, range };
}

function enginesOf(text: string, { logs, supervisor }: LogQueryOptions["deps"]) {
  if (text === "") return null;
  const names = new Set(text.split(",").filter((name) => name !== ""));
  for (const name of names) {
    if (logs.names().includes(name)) continue;
    if (!isEngineName(name)) throw noName();
    supervisor.view(name);
  }
  return names;
}

async function matchOf(text: string): Promise<LineMatch> {
  const { PatternError, toLineMatch } = await loadLogs();
  try {
    return toLineMatch(text);
  } catch (error) {
    if (error instanceof PatternError) throw badPattern(error.message);
    throw error;
  }
}

/** What a pattern is that can't be used, or is too much work. */
export function badPattern(why: string): RequestError {
  return new RequestError("bad_request", {
    detail: `The pattern ${why}.`,
    remedy: "Change it, or leave out the slashes to look for the text as it is.",
  });
}

/** Of a request that is not known any more, what says its id. */
function storyOf(
  { request = "", trace = "" }: Readonly<Record<string, string>>,
  { clock, requests }: LogQueryOptions["deps"],
): RequestStory | null {
  if (request === "") return trace === "" ? null : { ids: [trace] };
  const view = requests.find(request);
  if (view === undefined) return { ids: [request] };
  const { engine, startedAt, totalMs, traceId } = view;
  const ids = [request, traceId];
  if (engine === null) return { ids };
  const from = Date.parse(startedAt);
  const to = totalMs === null ? clock.wall() : from + totalMs + WRITTEN_MS;
  return { ids, during: { engine, from, to } };
}

/** A time, or how long ago it was. */
function timeOf(text: string, { name, now }: { readonly name: string; readonly now: number }) {
  const ago = parseDuration(text);
  if (ago !== undefined) return now - ago;
  const at = /^\d{4}-\d\d-\d\dT\d\d:\d\d/.test(text) ? Date.parse(text) : NaN;
  if (!Number.isNaN(at)) return at;
  throw new RequestError("bad_request", {
    detail: `The query parameter ${name} is no time and no duration.`,
    remedy: `Use ${name}=2026-01-31T12:00:00Z, or ${name}=5m for five minutes ago.`,
  });
}

function oneOf<T extends string>(text: string, name: string, values: readonly T[]): T {
  const value = values.find((one) => one === text);
  if (value !== undefined) return value;
  throw new RequestError("bad_request", {
    detail: `The query parameter ${name} is none of its values.`,
    remedy: `Use one of ${values.join(", ")}.`,
  });
}

function countOf(text: string, name: string): number {
  if (/^\d{1,15}$/.test(text) && (name !== "limit" || Number(text) > 0)) return Number(text);
  throw new RequestError("bad_request", {
    detail: `The query parameter ${name} is not a number of lines.`,
    remedy: `Use ${name}=100, or leave it out.`,
  });
}

function noName(): RequestError {
  return new RequestError("unknown_engine", {
    detail: "The query parameter engine holds something that can't be an engine's name.",
    remedy: "Ask GET /api/engines for the names.",
  });
}

function afterOfSeveral(): RequestError {
  return new RequestError("bad_request", {
    detail: "The query parameter after counts the lines of one engine.",
    remedy: "Name one engine with it: engine=NAME&after=N.",
  });
}
