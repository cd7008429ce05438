/**
 * The page of all engines, the page of one, and their forms. A form does what the API does and leads
 * back to its page; what it meets instead stands on the page, beside the input that could not be sent.
 *
 * @module
 */
import { toAiEngineError } from "../core/mod.ts";
import type { InputAnswer } from "../supervisor/mod.ts";
import { answerText } from "./api/answer.ts";
import { readBody } from "./body.ts";
import type { WebDeps } from "./deps.ts";
import { formField } from "./form_field.ts";
import { frameOf, pageResponse, type PageResponseOptions } from "./page_response.ts";
import { problemHeaders, toProblem } from "./problem.ts";
import { engineName, queryFlag, type RequestContext } from "./routes.ts";
import type { CardModel, Trouble } from "./ui/page_model.ts";
import { renderEnginePage } from "./ui/pages/engine.tsx";
import { renderEnginesPage } from "./ui/pages/engines.tsx";
import { troubleOfEngine } from "./ui/words.js";
import type { WebBounds } from "./web_bounds.ts";

/** What came of a form, for the page that answers it. */
interface Attempt {
  readonly name: string;
  readonly draft: string;
  readonly trouble: Trouble;
}

export function showEngines(deps: WebDeps): Response {
  return enginesPage(deps);
}

/** Throws `unknown_engine`. */
export function showEngine(c: RequestContext, deps: WebDeps): Promise<Response> {
  return enginePage(c, deps);
}

export type FormAction = "start" | "stop" | "restart" | "activity";

/** A button of a card. */
export async function act(
  action: FormAction,
  c: RequestContext,
  deps: WebDeps,
): Promise<Response> {
  const name = engineName(c);
  deps.supervisor.view(name);
  const { signal } = c.env;
  try {
    if (action === "activity") deps.supervisor.touch(name);
    else if (action === "stop") {
      await deps.supervisor.stop(name, { force: queryFlag(c, "force", false), signal });
    } else await deps.supervisor[action](name, { signal });
  } catch (error) {
    return await pageOfError(c, deps, { name, draft: "", error });
  }
  return backFrom(c, name);
}

/** The field of a card. */
export async function sendInput(
  c: RequestContext,
  deps: WebDeps,
  { onTooLarge }: WebBounds,
): Promise<Response> {
  const name = engineName(c);
  deps.supervisor.view(name);
  let draft = "";
  let answer: InputAnswer;
  try {
    draft = formField(await readBody(c.req.raw, { clock: deps.clock, onTooLarge }), "input");
    answer = await deps.supervisor.input(name, draft, c.env);
  } catch (error) {
    return await pageOfError(c, deps, { name, draft, error });
  }
  if (answer.status >= 200 && answer.status < 300) return backFrom(c, name);
  const trouble = troubleOfEngine(answer.status, answerText(answer));
  return await pageFrom(c, deps, { attempt: { name, trouble, draft }, status: 502 });
}

function isFromOwnPage(c: RequestContext): boolean {
  return c.req.query("page") === "engine";
}

/** 303: the browser gets the page anew, and a reload repeats nothing. */
function backFrom(c: RequestContext, name: string): Response {
  const location = isFromOwnPage(c) ? `/engines/${name}` : `/#engine-${name}`;
  return new Response(null, { status: 303, headers: { location } });
}

interface Failure {
  readonly name: string;
  readonly draft: string;
  readonly error: unknown;
}

async function pageOfError(
  c: RequestContext,
  deps: WebDeps,
  { name, draft, error: thrown }: Failure,
): Promise<Response> {
  const error = toAiEngineError(thrown);
  // Who stops an engine need not be told that its start was taken back.
  if (error.code === "stopped_by_user") return backFrom(c, name);
  const { status, title, detail, remedy, lastLines = [] } = toProblem(error, "");
  const attempt = { name, draft, trouble: { title, detail, remedy, lastLines } };
  return await pageFrom(c, deps, { attempt, status, headers: problemHeaders(error) });
}

interface PageOptions extends PageResponseOptions {
  readonly attempt?: Attempt;
}

/** The page that a form stood on. */
async function pageFrom(
  c: RequestContext,
  deps: WebDeps,
  options: PageOptions,
): Promise<Response> {
  return isFromOwnPage(c) ? await enginePage(c, deps, options) : enginesPage(deps, options);
}

function enginesPage(deps: WebDeps, { attempt, ...options }: PageOptions = {}): Response {
  const html = renderEnginesPage({
    frame: frameOf(deps),
    notice: deps.events.latest("notice") ?? null,
    modelsDir: deps.modelsDir,
    cards: deps.supervisor.views().map(({ name }) => cardOf(deps, name, attempt)),
  });
  return pageResponse(html, options);
}

async function enginePage(
  c: RequestContext,
  deps: WebDeps,
  { attempt, ...options }: PageOptions = {},
): Promise<Response> {
  const card = cardOf(deps, engineName(c), attempt);
  return pageResponse(
    await renderEnginePage({ card, deps, frame: frameOf(deps), request: c }),
    options,
  );
}

function cardOf({ events, supervisor }: WebDeps, name: string, attempt?: Attempt): CardModel {
  const isMeant = attempt?.name === name;
  return {
    view: supervisor.view(name),
    status: events.latest("python_status", name)?.status ?? null,
    answer: events.latest("python_input", name) ?? null,
    notice: events.latest("notice", name) ?? null,
    trouble: isMeant ? attempt.trouble : null,
    draft: isMeant ? attempt.draft : "",
  };
}
