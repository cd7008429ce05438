/** Requests to engines: those that are running and the last that were, and an end to one of them by hand. */
import { RequestError } from "../../core/mod.ts";
import type { WebDeps } from "../deps.ts";
import { queryFlag, type RequestContext } from "../routes.ts";
import { hasFailed } from "../ui/words_lists.js";

const LARGEST_LIMIT = 100_000;

/** `GET /api/requests`: the running ones first, then the newest first. */
export function listRequests(c: RequestContext, { requests, supervisor }: WebDeps): Response {
  const engine = c.req.query("engine");
  if (engine !== undefined) supervisor.view(engine); // throws for an unknown engine
  const failedOnly = queryFlag(c, "failed", false);
  const limit = readLimit(c);
  const all = [...requests.running(), ...requests.recent()].filter((view) =>
    (engine === undefined || view.engine === engine) && (!failedOnly || hasFailed(view))
  );
  return c.json({ requests: all.slice(0, limit) }, 200, { "cache-control": "no-store" });
}

/** `DELETE /api/requests/ID` */
export function cancelRequest(c: RequestContext, { requests }: WebDeps): Response {
  const id = c.req.param("id") ?? "";
  if (requests.cancel(id)) return c.body(null, 204);
  const ended = requests.find(id)?.progress.phase === "ended";
  throw new RequestError("not_found", {
    detail: ended
      ? "This request has ended already."
      : "No request with this id is running, nor is it among the last that have ended.",
    remedy: "Ask GET /api/requests for those that are running.",
  });
}

function readLimit(c: RequestContext): number {
  const text = c.req.query("limit");
  if (text === undefined) return LARGEST_LIMIT;
  if (/^\d{1,5}$/.test(text)) return Number(text);
  throw new RequestError("bad_request", {
    detail: "The query parameter limit is no number.",
    remedy: "Use limit=50, or leave it out.",
  });
}
