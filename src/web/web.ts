/**
 * The program's own pages and API as one function from request to response.
 *
 * @module
 */
import { Hono } from "hono";
import { type AccessHead, decide } from "../access/mod.ts";
import { type AiEngineError, RequestError, toAiEngineError } from "../core/mod.ts";
import { prefers } from "./accept.ts";
import { addEngineRoutes } from "./api/engines.ts";
import { addInputRoute } from "./api/input.ts";
import { addProgramRoutes } from "./api/program.ts";
import type { WebContext, WebDeps, WebEnv } from "./deps.ts";
import { addPageRoutes } from "./page_routes.ts";
import { problemHeaders, toProblem } from "./problem.ts";
import { MethodError, type WebApp } from "./routes.ts";
import { pageHeaders, secure } from "./security_headers.ts";
import { addEventsRoute } from "./sse/events_route.ts";
import { renderErrorPage } from "./ui/error_page.tsx";

export interface Web {
  /** Answers every request, with a problem where there is one; never rejects. */
  handle(request: Request, context: WebContext): Promise<Response>;
}

export function createWeb(deps: WebDeps): Web {
  const app = createApp(deps);
  return {
    async handle(request, context) {
      let response: Response;
      try {
        const decision = decide(headOf(request), context.listener);
        if (decision.kind === "refused") throw decision.error;
        response = await app.fetch(request, context);
      } catch (error) {
        response = toErrorResponse(toAiEngineError(error), request, deps);
      }
      return secure(closeIfUnread(response, request));
    },
  };
}

/**
 * Says that the connection ends where the request's body was not read to its end: what is left of it
 * stands in the way of a next request (RFC 9112 section 9.3).
 */
function closeIfUnread(response: Response, request: Request): Response {
  const isUnread = request.body !== null && !request.bodyUsed;
  if (isUnread || response.status === 413) response.headers.set("connection", "close");
  return response;
}

function createApp(deps: WebDeps): WebApp {
  const app: WebApp = new Hono<WebEnv>();
  app.onError((error) => {
    throw error;
  });
  app.notFound(() => {
    throw new RequestError("not_found", {
      detail: "There is nothing at this path.",
      remedy: "The page is at /, the list of engines at /api/engines.",
    });
  });
  addProgramRoutes(app, deps);
  addEngineRoutes(app, deps);
  addInputRoute(app, deps);
  addEventsRoute(app, deps);
  addPageRoutes(app, deps);
  return app;
}

function headOf(request: Request): AccessHead {
  const { headers, method } = request;
  const host = headers.get("host");
  const { authority, path } = splitUrl(request.url);
  return {
    method,
    path,
    host,
    // Deno puts the Host, or its own address without one, into the URL of an origin-form target.
    authority: host === null || host === "" || authority === host ? null : authority,
    origin: headers.get("origin"),
    secFetchSite: headers.get("sec-fetch-site"),
    secFetchMode: headers.get("sec-fetch-mode"),
    secFetchDest: headers.get("sec-fetch-dest"),
  };
}

/** Cuts a URL without reading it as one: what stands there came over the wire. */
function splitUrl(url: string): { readonly authority: string; readonly path: string } {
  const match = /^[a-z+]+:\/\/([^/]*)([^?#]*)/i.exec(url);
  return { authority: match?.[1] ?? "", path: match?.[2] ?? "" };
}

/** A problem document, or for those who would rather read HTML, a page of the same content. */
function toErrorResponse(error: AiEngineError, request: Request, deps: WebDeps): Response {
  const problem = toProblem(error, deps.random.hex(8));
  const headers = problemHeaders(error);
  if (error instanceof MethodError) headers["allow"] = error.allow;
  const isPage = prefers(request.headers.get("accept"), "text/html");
  return isPage
    ? new Response(renderErrorPage(problem, deps.version), {
      status: problem.status,
      headers: { ...headers, ...pageHeaders() },
    })
    : new Response(JSON.stringify(problem), {
      status: problem.status,
      headers: { ...headers, "content-type": "application/problem+json" },
    });
}
