/** Routes by path and method; a path without the method asked for is 405, not 404. */
import type { Context, Hono } from "hono";
import { isEngineName, RequestError } from "../core/mod.ts";
import type { WebEnv } from "./deps.ts";

export type WebApp = Hono<WebEnv>;
export type RequestContext = Context<WebEnv>;
export type Handler = (c: RequestContext) => Response | Promise<Response>;

/** A known path with a method that it does not have. */
export class MethodError extends RequestError {
  constructor(method: string, readonly allow: string) {
    super("method_not_allowed", {
      detail: `${method} is not a method of this path.`,
      remedy: `Use ${allow.replaceAll(", ", " or ")}.`,
    });
  }
}

/** Serves `path` with `handlers`; GET answers HEAD as well. */
export function addRoute(
  app: WebApp,
  path: string,
  handlers: { readonly GET?: Handler; readonly POST?: Handler; readonly DELETE?: Handler },
): void {
  const allow: string[] = [];
  if (handlers.GET !== undefined) {
    app.get(path, withLength(handlers.GET));
    allow.push("GET", "HEAD");
  }
  if (handlers.POST !== undefined) {
    app.post(path, handlers.POST);
    allow.push("POST");
  }
  if (handlers.DELETE !== undefined) {
    app.delete(path, handlers.DELETE);
    allow.push("DELETE");
  }
  app.all(path, (c) => {
    throw new MethodError(c.req.method, allow.join(", "));
  });
}

/** What is whole before it is sent; plain text may have no end. */
const MEASURED =
  /^(application\/(json|openmetrics-text)|text\/(html|css|javascript|plain; version)|image\/)/;

/** HEAD is told how long the answer to GET would be; the body is dropped later. */
function withLength(get: Handler): Handler {
  return async (c) => {
    const response = await get(c);
    const isMeasured = MEASURED.test(response.headers.get("content-type") ?? "");
    if (c.req.method !== "HEAD" || !isMeasured) return response;
    const bytes = await response.arrayBuffer();
    const headers = new Headers(response.headers);
    headers.set("content-length", String(bytes.byteLength));
    return new Response(bytes, { status: response.status, headers });
  };
}

/**
 * The engine's name out of the path. Whether such an engine exists is the supervisor's to say.
 *
 * @throws {RequestError} `unknown_engine` for what can be no engine's name.
 */
export function engineName(c: RequestContext): string {
  const name = c.req.param("name") ?? "";
  if (isEngineName(name)) return name;
  throw new RequestError("unknown_engine", {
    detail: "The path holds something that can't be an engine's name.",
    remedy: "Ask GET /api/engines for the names.",
  });
}

/**
 * A query parameter that is `true` or `false`.
 *
 * @throws {RequestError} `bad_request` for any other value.
 */
export function queryFlag(c: RequestContext, name: string, absent: boolean): boolean {
  const value = c.req.query(name);
  if (value === undefined) return absent;
  if (value === "true") return true;
  if (value === "false") return false;
  throw new RequestError("bad_request", {
    detail: `The query parameter ${name} is neither true nor false.`,
    remedy: `Use ${name}=true or ${name}=false, or leave it out.`,
  });
}
