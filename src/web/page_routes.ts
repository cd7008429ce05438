/**
 * The page, its files, and its forms. A form does what the API does and leads back to the page; what
 * it meets instead stands on the page, beside the input that could not be sent.
 *
 * @module
 */
import { RequestError, toAiEngineError } from "../core/mod.ts";
import type { InputAnswer } from "../supervisor/mod.ts";
import { answerText } from "./api/answer.ts";
import { type BodyDeps, readBody } from "./body.ts";
import type { WebDeps } from "./deps.ts";
import { formField } from "./form_field.ts";
import { problemHeaders, toProblem } from "./problem.ts";
import { addRoute, engineName, queryFlag, type RequestContext, type WebApp } from "./routes.ts";
import { pageHeaders } from "./security_headers.ts";
import { ASSET_ROUTE, findAsset } from "./ui/assets.ts";
import { renderPage } from "./ui/page.tsx";
import type { CardModel, PageModel, Trouble } from "./ui/page_model.ts";
import { troubleOfEngine } from "./ui/words.js";
import type { WebBounds } from "./web_bounds.ts";

export function addPageRoutes(app: WebApp, deps: WebDeps, { onTooLarge }: WebBounds): void {
  const bodyDeps = { clock: deps.clock, onTooLarge };
  addRoute(app, "/", {
    GET: () => new Response(renderPage(toPageModel(deps)), { headers: pageHeaders() }),
  });
  addRoute(app, ASSET_ROUTE, {
    GET: (c) => {
      const asset = findAsset(c.req.param("hash") ?? "", c.req.param("name") ?? "");
      if (asset === undefined) throw noSuchAsset();
      return c.body(asset.text, 200, {
        "content-type": asset.contentType,
        "cache-control": "public, max-age=31536000, immutable",
      });
    },
  });
  const { supervisor } = deps;
  addForm(app, "start", deps, (name, c) => supervisor.start(name, { signal: c.env.signal }));
  addForm(app, "restart", deps, (name, c) => supervisor.restart(name, { signal: c.env.signal }));
  addForm(app, "stop", deps, (name, c) => {
    const force = queryFlag(c, "force", false);
    return supervisor.stop(name, { force, signal: c.env.signal });
  });
  addRoute(app, "/engines/:name/input", {
    POST: (c) => sendInput(deps, c, bodyDeps),
  });
}

type Action = (name: string, c: RequestContext) => Promise<unknown>;

/** A button of a card. */
function addForm(app: WebApp, action: string, deps: WebDeps, run: Action): void {
  addRoute(app, `/engines/:name/${action}`, {
    POST: async (c) => {
      const name = engineName(c);
      deps.supervisor.view(name);
      try {
        await run(name, c);
      } catch (error) {
        return pageOfError(deps, error, { name, draft: "" });
      }
      return backToCard(name);
    },
  });
}

async function sendInput(
  deps: WebDeps,
  c: RequestContext,
  bodyDeps: BodyDeps,
): Promise<Response> {
  const name = engineName(c);
  deps.supervisor.view(name);
  let draft = "";
  let answer: InputAnswer;
  try {
    draft = formField(await readBody(c.req.raw, bodyDeps), "input");
    answer = await deps.supervisor.input(name, draft, { signal: c.env.signal });
  } catch (error) {
    return pageOfError(deps, error, { name, draft });
  }
  if (answer.status >= 200 && answer.status < 300) return backToCard(name);
  const trouble = troubleOfEngine(answer.status, answerText(answer));
  return new Response(renderPage(toPageModel(deps, { name, trouble, draft })), {
    status: 502,
    headers: pageHeaders(),
  });
}

/** 303: the browser gets the page anew, and a reload repeats nothing. */
function backToCard(name: string): Response {
  return new Response(null, { status: 303, headers: { location: `/#engine-${name}` } });
}

interface FailedForm {
  readonly name: string;
  readonly draft: string;
}

function pageOfError(deps: WebDeps, thrown: unknown, { name, draft }: FailedForm): Response {
  const error = toAiEngineError(thrown);
  // Who stops an engine need not be told that its start was taken back.
  if (error.code === "stopped_by_user") return backToCard(name);
  const { status, title, detail, remedy, lastLines = [] } = toProblem(error, "");
  const trouble = { title, detail, remedy, lastLines };
  return new Response(renderPage(toPageModel(deps, { name, trouble, draft })), {
    status,
    headers: { ...problemHeaders(error), ...pageHeaders() },
  });
}

interface Attempt extends FailedForm {
  readonly trouble: Trouble;
}

function toPageModel(deps: WebDeps, attempt?: Attempt): PageModel {
  const { clock, events, supervisor, version } = deps;
  const toCard = (view: CardModel["view"]): CardModel => ({
    view,
    status: events.latest("python_status", view.name)?.status ?? null,
    answer: events.latest("python_input", view.name) ?? null,
    notice: events.latest("notice", view.name) ?? null,
    trouble: attempt?.name === view.name ? attempt.trouble : null,
    draft: attempt?.name === view.name ? attempt.draft : "",
  });
  return {
    version,
    now: clock.wall(),
    lastId: events.lastId,
    notice: events.latest("notice") ?? null,
    asksForTokens: deps.tokens !== null,
    cards: supervisor.views().map(toCard),
  };
}

function noSuchAsset(): RequestError {
  return new RequestError("not_found", {
    detail: "This file of the page does not exist, or no longer.",
    remedy: "Load the page again.",
  });
}
