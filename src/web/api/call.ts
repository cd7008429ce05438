/**
 * `POST /api/engines/NAME/call/FUNCTION`: one function of an engine, called directly. Loaded with the
 * first call, as most programs make none.
 *
 * @module
 */
import { RequestError } from "../../core/mod.ts";
import type { CallOptions, CallPayload } from "../../supervisor/mod.ts";
import { parseJson, readBody } from "../body.ts";
import type { WebDeps } from "../deps.ts";
import { engineName, type RequestContext } from "../routes.ts";
import { MAX_ARGUMENT_BYTES, type WebBounds } from "../web_bounds.ts";
import { readWishes } from "../wishes.ts";

const RAW = "application/octet-stream";

export async function answerCall(
  c: RequestContext,
  { clock, supervisor }: WebDeps,
  { onCallTooLarge: onTooLarge }: WebBounds,
): Promise<Response> {
  const engine = engineName(c);
  supervisor.view(engine); // an unknown engine is told before the body is read
  const options = {
    ...readWishes(c),
    ...readTimeout(c),
    signal: c.env.signal,
    record: c.env.record,
  };
  const isRaw = isRawBody(c);
  const body = await readBody(c.req.raw, { clock, onTooLarge, maxBytes: MAX_ARGUMENT_BYTES });
  const argument = toArgument(body, isRaw);
  const name = c.req.param("function") ?? "";
  return toResponse(await supervisor.call(engine, { name, argument }, options));
}

/** JSON is checked here, so that no engine is started for what is none; no body is an empty object. */
function toArgument(bytes: Uint8Array, isRaw: boolean): CallPayload {
  if (isRaw) return { format: "bytes", bytes };
  if (bytes.length === 0) return { format: "json", bytes: new TextEncoder().encode("{}") };
  parseJson(bytes, `Send JSON, or raw bytes as ${RAW}.`);
  return { format: "json", bytes };
}

/** What the type of the body says of it; without a type it is JSON. */
function isRawBody(c: RequestContext): boolean {
  const [type = ""] = (c.req.header("content-type") ?? "application/json").split(";");
  const named = type.trim().toLowerCase();
  if (named === RAW) return true;
  // What curl says of a body when it is told nothing, as for an input.
  if (named === "application/json" || named === "application/x-www-form-urlencoded") return false;
  throw new RequestError("bad_request", {
    detail: "The body has a type that no call has.",
    remedy: `Send application/json or ${RAW}.`,
  });
}

function readTimeout(c: RequestContext): Pick<CallOptions, "timeoutMs"> {
  const text = c.req.query("timeoutMs");
  if (text === undefined) return {};
  const timeoutMs = /^\d{1,9}$/.test(text) ? Number(text) : 0;
  if (timeoutMs > 0) return { timeoutMs };
  throw new RequestError("bad_request", {
    detail: "The query parameter timeoutMs is no number of milliseconds.",
    remedy: "Use timeoutMs=250, or leave it out.",
  });
}

function toResponse({ format, bytes }: CallPayload): Response {
  return new Response(new Uint8Array(bytes), {
    headers: {
      "content-type": format === "json" ? "application/json" : RAW,
      "cache-control": "no-store",
    },
  });
}
