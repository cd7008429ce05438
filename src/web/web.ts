/**
 * The program's own pages and API as one function from request to response. Whether a request may be
 * served here was decided before it comes here.
 *
 * @module
 */
import { Hono } from "hono";
import {
  type AiEngineError,
  RequestError,
  type RequestRecord,
  toAiEngineError,
} from "../core/mod.ts";
import { prefers } from "./accept.ts";
import { addEngineRoutes } from "./api/engines.ts";
import { addInputRoute } from "./api/input.ts";
import type { MetricsDesk } from "./api/metrics.ts";
import { addModelRoutes } from "./api/models.ts";
import { addProgramRoutes } from "./api/program.ts";
import type { WebContext, WebDeps, WebEnv } from "./deps.ts";
import { addLoginRoutes, addPageRoutes } from "./page_routes.ts";
import { isOpenAiPath, toOpenAiError } from "./openai_error.ts";
import { problemHeaders, toProblem } from "./problem.ts";
import { addRoute, MethodError, type WebApp } from "./routes.ts";
import { pageHeaders, secure } from "./security_headers.ts";
import { addEventsRoute } from "./sse/events_route.ts";
import { WebBounds } from "./web_bounds.ts";

export interface Web {
  /** Answers every request, with a problem where there is one; never rejects. */
  handle(request: Request, context: WebContext): Promise<Response>;
  /** How an error is told to a client with this `Accept`. */
  renderError(error: AiEngineError, ask: ErrorAsk): Promise<Response>;
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
  const renderError = async (error: AiEngineError, ask: ErrorAsk) =>
    secure(await toErrorResponse(error, ask, deps));
  return {
    async handle(request, context) {
      try {
        const response = secure(await app.fetch(request, context));
        if (context.record.phase !== "unbooked") named(response, context.record);
        return response;
      } catch (error) {
        const accept = request.headers.get("accept");
        const path = new URL(request.url).pathname;
        return await renderError(toAiEngineError(error), {
          accept,
          path,
          requestId: context.record.id,
        });
      }
    },
    renderError,
  };
}

/** For what went to an engine; errors of ours are named anyway. */
function named({ headers }: Response, { id }: RequestRecord): void {
  headers.set("x-request-id", id);
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
  addRoute(app, "/api/profile", {
    POST: async (c) => (await import("./api/profile.ts")).answerProfile(c, deps, bounds),
  });
  let metrics: Promise<MetricsDesk> | undefined;
  addRoute(app, "/metrics", {
    GET: async (c) => {
      metrics ??= import("./api/metrics.ts").then(({ MetricsDesk }) =>
        new MetricsDesk(deps, () => [...deps.bounds(), ...bounds.views()])
      );
      return (await metrics).answer(c);
    },
  });
  const wallLessClockMs = deps.clock.wall() - deps.clock.now();
  addRoute(app, "/api/doctor", {
    GET: async (c) => (await import("./api/doctor.ts")).answerDoctor(c, deps, wallLessClockMs),
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
  const { tokens } = deps;
  if (tokens !== null) addLoginRoutes(app, deps, { tokens, bounds });
  return app;
}

/**
 * A problem document, or for those who would rather read HTML, a page of the same content; OpenAI's
 * shape where its clients ask.
 */
async function toErrorResponse(
  error: AiEngineError,
  ask: ErrorAsk,
  deps: WebDeps,
): Promise<Response> {
  const problem = { ...toProblem(error, ask.requestId ?? deps.random.hex(8)), ...statusOf(ask) };
  const { status } = problem;
  const headers = problemHeaders(error);
  headers["x-request-id"] = problem.requestId;
  if (error instanceof MethodError) headers["allow"] = error.allow;
  if (isOpenAiPath(ask.path ?? "")) {
    return Response.json(toOpenAiError(error, status), { status, headers });
  }
  if (!prefers(ask.accept, "text/html")) {
    headers["content-type"] = "application/problem+json";
    return new Response(JSON.stringify(problem), { status, headers });
  }
  const { renderProblem } = await import("./error_pages.ts");
  const html = renderProblem(problem, deps);
  return new Response(html, { status, headers: { ...headers, ...pageHeaders() } });
}

function statusOf({ status }: ErrorAsk): { readonly status?: number } {
  return status === undefined ? {} : { status };
}
