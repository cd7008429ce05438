/**
 * `requests`: what is in flight and what was.
 *
 * @module
 */
import { formatDuration, type RequestView, UsageError } from "../core/mod.ts";
import type { ClientContext } from "./client_context.ts";
import { notOurs } from "./control_client.ts";
import { document } from "./document.ts";
import { flagCount, flagValue, withQuery } from "./flag_values.ts";
import { isRecord, ProblemError, problemOfAnswer } from "./problem.ts";
import type { Style } from "./screen.ts";
import { type Column, renderTable } from "./table.ts";
import { formatTime, oneLine } from "./text.ts";

/** As many as the supervisor keeps. */
const MOST = 500;

export async function requests(context: ClientContext): Promise<number> {
  const { args: [action, id, ...more] } = context.invocation;
  if (action === undefined) return await list(context);
  if (action === "cancel" && id !== undefined && more.length === 0) {
    return await cancel(context, id);
  }
  throw new UsageError({
    detail: "`requests` takes nothing, or `cancel` and the ID of a request.",
    remedy: "ai-engine requests cancel ID",
  });
}

async function list({ client, screen, signal, invocation }: ClientContext): Promise<number> {
  const target = withQuery("/api/requests", {
    engine: flagValue(invocation, "engine"),
    failed: invocation.flags.has("failed") ? "true" : undefined,
    limit: flagCount(invocation, "lines", { fallback: 20, most: MOST }),
  });
  const answer = await client.request({ method: "GET", target }, { signal });
  if (answer.status >= 400) throw new ProblemError(problemOfAnswer(answer));
  const views = isRecord(answer.json) ? answer.json["requests"] : undefined;
  if (!Array.isArray(views) || !views.every(isRequestView)) throw notOurs("the control socket");
  if (screen.json) await screen.printJson(document({ requests: views }));
  else if (views.length > 0) await screen.print(...renderTable(COLUMNS, views, screen));
  else if (screen.isTerminal) await screen.tell('no requests; try: ai-engine send "hello"');
  return 0;
}

async function cancel({ client, screen, signal }: ClientContext, id: string): Promise<number> {
  const target = `/api/requests/${encodeURIComponent(id)}`;
  const answer = await client.request({ method: "DELETE", target }, { signal });
  if (answer.status >= 400) throw new ProblemError(problemOfAnswer(answer));
  if (screen.json) await screen.printJson(document({ cancelled: id }));
  else await screen.print(`cancelled ${oneLine(id)}`);
  return 0;
}

const COLUMNS: readonly Column<RequestView>[] = [
  { title: "ID", from: "narrow", cell: ({ id }) => oneLine(id) },
  { title: "ENGINE", from: "narrow", cell: ({ engine }) => oneLine(engine ?? "-") },
  { title: "STATUS", from: "narrow", cell: statusOf, style: styleOf },
  { title: "STARTED", from: "medium", cell: ({ startedAt }) => formatTime(startedAt) },
  {
    title: "REQUEST",
    from: "medium",
    cell: ({ method, path }) => oneLine(`${method} ${path}`),
    least: 12,
  },
  { title: "HELD", from: "full", cell: ({ heldMs }) => time(heldMs) },
  { title: "FIRST-BYTE", from: "full", cell: ({ firstByteMs }) => time(firstByteMs) },
  { title: "TOTAL", from: "medium", cell: ({ totalMs }) => time(totalMs) },
  { title: "TOKENS", from: "full", cell: ({ tokensOut }) => String(tokensOut ?? "-") },
];

/** Where it is; of one that has ended, its status, and how it ended where that was not by an answer. */
function statusOf({ progress, place, status, errorCode }: RequestView): string {
  if (typeof place === "number") return `${progress.phase}, place ${place}`;
  if (progress.phase !== "ended") return progress.phase;
  if (progress.outcome === "answered") return String(status ?? "-");
  return errorCode === null ? progress.outcome : `${progress.outcome} ${oneLine(errorCode)}`;
}

function styleOf({ progress, status }: RequestView): Style | undefined {
  if (progress.phase !== "ended") return "yellow";
  return progress.outcome === "answered" && (status ?? 0) < 400 ? "green" : "red";
}

function time(ms: number | null): string {
  return ms === null ? "-" : formatDuration(ms);
}

/** Looks at what this program reads of a view. */
function isRequestView(value: unknown): value is RequestView {
  if (!isRecord(value)) return false;
  const texts = [value["id"], value["method"], value["path"], value["startedAt"]];
  const numbersOrNull = ["status", "heldMs", "firstByteMs", "totalMs", "tokensOut"]
    .map((field) => value[field]);
  const textsOrNull = [value["engine"], value["errorCode"]];
  const progress = value["progress"];
  return texts.every((text) => typeof text === "string") &&
    numbersOrNull.every((number) => number === null || typeof number === "number") &&
    textsOrNull.every((text) => text === null || typeof text === "string") &&
    isRecord(progress) && typeof progress["phase"] === "string";
}
