/**
 * `POST /api/profile`: what this program, or a Python engine of ours, spends its time on. Loaded when somebody
 * wants to know.
 *
 * @module
 */
import { AdmissionError, RequestError } from "../../core/mod.ts";
import type { WebDeps } from "../deps.ts";
import type { RequestContext } from "../routes.ts";
import type { WebBounds } from "../web_bounds.ts";

const USUAL_SECONDS = 5;
const MOST_SECONDS = 60;

/** A `.cpuprofile` file; of an engine a `.prof` file. */
export async function answerProfile(
  c: RequestContext,
  deps: WebDeps,
  bounds: WebBounds,
): Promise<Response> {
  const { clock, supervisor, profile } = deps;
  const seconds = readSeconds(c);
  const engine = c.req.query("engine");
  if (engine !== undefined) supervisor.view(engine); // throws for an unknown engine
  const now = clock.now();
  if (!bounds.takeProfile(now + seconds * 1_000)) {
    throw beingTaken((bounds.profileUntil ?? now) - now);
  }
  try {
    const { signal } = c.env;
    if (engine === undefined) {
      const text = await profile(seconds * 1_000, signal);
      return toFile(text, { name: "ai-engine.cpuprofile", type: "application/json" });
    }
    const bytes = await supervisor.profile(engine, { seconds, signal });
    return toFile(bytes, { name: `${engine}.prof`, type: "application/octet-stream" });
  } finally {
    bounds.giveProfile();
  }
}

function toFile(
  content: string | Uint8Array<ArrayBuffer>,
  { name, type }: { readonly name: string; readonly type: string },
): Response {
  return new Response(content, {
    headers: {
      "content-type": type,
      "content-disposition": `attachment; filename="${name}"`,
      "cache-control": "no-store",
    },
  });
}

function readSeconds(c: RequestContext): number {
  const text = c.req.query("seconds");
  const seconds = text === undefined ? USUAL_SECONDS : /^\d{1,2}$/.test(text) ? Number(text) : 0;
  if (seconds >= 1 && seconds <= MOST_SECONDS) return seconds;
  throw new RequestError("bad_request", {
    detail: `The query parameter seconds is no whole number from 1 to ${MOST_SECONDS}.`,
    remedy: "Use seconds=5, or leave it out.",
  });
}

function beingTaken(leftMs: number): AdmissionError {
  return new AdmissionError("queue_full", {
    detail: "A profile is being taken already, and there is one at a time.",
    remedy: "Try again when that one is done.",
    retryAfterS: Math.max(1, Math.ceil(leftMs / 1_000)),
  });
}
