/**
 * `GET /api/logs` and `GET /logs.txt`: the newest lines of engines, and of what this program says of
 * them.
 *
 * @module
 */
import { AdmissionError } from "../../core/mod.ts";
import type { LogLine } from "../../observe/mod.ts";
import { isWelcome } from "../credentials.ts";
import type { WebDeps } from "../deps.ts";
import { MethodError, queryFlag, type RequestContext } from "../routes.ts";
import { MAX_STREAMS, type WebBounds } from "../web_bounds.ts";
import { findLines } from "./find_lines.ts";
import { followLogs } from "./follow_logs.ts";
import { parseLogQuery } from "./log_query.ts";
import { toTextLine } from "./log_text.ts";

/** Lines of an answer that is asked for no number of them. */
const USUAL_LINES = 500;
/** A file to keep has all that there is. */
const ALL_LINES = 10_000;

/** `{"lines":[…]}`, oldest first. */
export async function answerLogs(c: RequestContext, deps: WebDeps): Promise<Response> {
  const query = await parseLogQuery(c.req.query(), { deps, limit: USUAL_LINES });
  const { lines } = await findLines(deps, query);
  return c.json({ lines: lines.map(toWireLine) }, 200, { "cache-control": "no-store" });
}

/** The same as plain text; `follow=1` goes on until the client leaves. */
export async function answerLogText(
  c: RequestContext,
  deps: WebDeps,
  bounds: WebBounds,
): Promise<Response> {
  const follows = readFollow(c);
  const limit = follows && c.req.query("after") === undefined ? USUAL_LINES : ALL_LINES;
  const query = await parseLogQuery(c.req.query(), { deps, limit });
  const headers = {
    "content-type": "text/plain; charset=utf-8",
    "cache-control": "no-store",
    "x-accel-buffering": "no",
  };
  if (!follows) {
    const { lines } = await findLines(deps, query);
    return new Response(lines.map(toTextLine).join(""), { headers });
  }
  // Hono asks for the GET answer of a HEAD; a stream that nobody will read must not be opened.
  if (c.req.method === "HEAD") throw new MethodError("HEAD", "GET");
  if (!bounds.takeStream()) throw tooManyStreams();
  const { signal } = c.env;
  const onEnd = () => bounds.giveStream();
  const onSlow = () => bounds.countStall();
  const follow = { deps, query, signal, isWelcome: () => isWelcome(c, deps), onSlow, onEnd };
  try {
    return new Response(await followLogs(follow), { headers });
  } catch (error) {
    onEnd();
    throw error;
  }
}

/** A line as JSON has it: with its time in words, and nothing that it has not. */
export function toWireLine({ at, styled, ...line }: LogLine) {
  return { ...line, t: new Date(at).toISOString(), ...(styled === null ? {} : { styled }) };
}

function readFollow(c: RequestContext): boolean {
  const follow = c.req.query("follow") ?? "";
  if (["", "0", "1"].includes(follow)) return follow === "1";
  return queryFlag(c, "follow", false);
}

function tooManyStreams(): AdmissionError {
  return new AdmissionError("too_many_streams", {
    detail: `${MAX_STREAMS} event streams are open, which is the limit.`,
    remedy: "Close some tabs or clients that watch, then try again.",
    retryAfterS: 5,
  });
}
