/**
 * The program's own pages and API as one function from request to response. Whether a request may be
 * served here was decided before it comes here.
 *
 * @module
 */
import { Hono } from "hono";
import { type AiEngineError, RequestError, toAiEngineError } from "../core/mod.ts";
import { prefers } from "./accept.ts";
import { addEngineRoutes } from "./api/engines.ts";
import { addInputRoute } from "./api/input.ts";
import { addModelRoutes } from "./api/models.ts";
import { addProgramRoutes } from "./api/program.ts";
import type { WebContext, WebDeps, WebEnv } from "./deps.ts";
import { addLoginRoutes, loginPageFor } from "./login_routes.ts";
import { addPageRoutes } from "./page_routes.ts";
import { isOpenAiPath, toOpenAiError } from "./openai_error.ts";
import { problemHeaders, toProblem } from "./problem.ts";
import { addRoute, MethodError, type WebApp } from "./routes.ts";
import { pageHeaders, secure } from "./security_headers.ts";
import { addEventsRoute } from "./sse/events_route.ts";
import { renderErrorPage } from "./ui/error_page.tsx";
import { WebBounds } from "./web_bounds.ts";

export interface Web {
  /** Answers every request, with a problem where there is one; never rejects. */
  handle(request: Request, context: WebContext): Promise<Response>;
  /** How an error is told to a client with this `Accept`. */
  renderError(error: AiEngineError, ask: ErrorAsk): Response;
}

/** How a client wants to be told, and the status where it is more exact than the error's own. */
export interface ErrorAsk {
  readonly status?: number;
  readonly accept: string | null;
  /** What was asked for, without the query; `null` = that could not be read. @default null */
  readonly path?: string | null;
  /** What the request is called; `null` = it gets a name for this. @default null */
  readonly requestId?: string | null;
}

export function createWeb(deps: WebDeps): Web {
  const app = createApp(deps);
  const renderError = (error: AiEngineError, ask: ErrorAsk) =>
    secure(toErrorResponse(error, ask, deps));
  return {
    async handle(request, context) {
      try {
        return secure(await app.fetch(request, context));
      } catch (error) {
        const accept = request.headers.get("accept");
        const path = new URL(request.url).pathname;
        return renderError(toAiEngineError(error), { accept, path, requestId: context.record.id });
      }
    },
    renderError,
  };
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
  const bounds = new WebBounds();
  addProgramRoutes(app, deps, bounds);
  addEngineRoutes(app, deps);
  addInputRoute(app, deps, bounds);
  addRoute(app, "/api/engines/:name/call/:function", {
    POST: async (c) => (await import("./api/call.ts")).answerCall(c, deps, bounds),
  });
  addRoute(app, "/api/requests", {
    GET: async (c) => (await import("./api/requests.ts")).listRequests(c, deps),
  });
  addRoute(app, "/api/requests/:id", {
    DELETE: async (c) => (await import("./api/requests.ts")).cancelRequest(c, deps),
  });
  addRoute(app, "/metrics", {
    GET: async (c) => {
      const { answerMetrics } = await import("./api/metrics.ts");
      return answerMetrics(c, deps, [...deps.bounds(), ...bounds.views()]);
    },
  });
  addRoute(app, "/api/logs", {
    GET: async (c) => (await import("./api/logs.ts")).answerLogs(c, deps),
  });
  addRoute(app, "/logs.txt", {
    GET: async (c) => (await import("./api/logs.ts")).answerLogText(c, deps, bounds),
  });
  addModelRoutes(app, deps);
  addEventsRoute(app, deps, bounds);
  addPageRoutes(app, deps, bounds);
  const { clock, tokens, version } = deps;
  if (tokens !== null) {
    addLoginRoutes(app, { clock, onTooLarge: bounds.onTooLarge, tokens, version });
  }
  return app;
}

/**
 * A problem document, or for those who would rather read HTML, a page of the same content; OpenAI's
 * shape where its clients ask.
 */
function toErrorResponse(error: AiEngineError, ask: ErrorAsk, deps: WebDeps): Response {
  const problem = { ...toProblem(error, ask.requestId ?? deps.random.hex(8)), ...statusOf(ask) };
  const headers = problemHeaders(error);
  headers["x-request-id"] = problem.requestId;
  if (error instanceof MethodError) headers["allow"] = error.allow;
  if (isOpenAiPath(ask.path ?? "")) {
    const { status } = problem;
    return Response.json(toOpenAiError(error, status), { status, headers });
  }
  const isPage = prefers(ask.accept, "text/html");
  const { version } = deps;
  return isPage
    ? new Response(loginPageFor(error, version) ?? renderErrorPage(problem, version), {
      status: problem.status,
      headers: { ...headers, ...pageHeaders() },
    })
    : new Response(JSON.stringify(problem), {
      status: problem.status,
      headers: { ...headers, "content-type": "application/problem+json" },
    });
}

function statusOf({ status }: ErrorAsk): { readonly status?: number } {
  return status === undefined ? {} : { status };
}
