/**
 * What the commands that talk to the supervisor share.
 *
 * @module
 */
import {
  AiEngineError,
  type EngineView,
  isEngineName,
  nearest,
  RequestError,
  UsageError,
} from "../core/mod.ts";
import { quote } from "../config/mod.ts";
import type { CliDeps } from "./cli_deps.ts";
import { type ControlClient, type ControlRequest, notOurs } from "./control_client.ts";
import type { Invocation } from "./command.ts";
import { isRecord, ProblemError, problemOfAnswer } from "./problem.ts";
import type { Screen } from "./screen.ts";

/** An answer may take as long as an engine needs to start or to think. */
export const ACTION_LIMIT_MS = 3_600_000;

/** The setting that names the model of requests that name none. */
const DEFAULT_MODEL = "defaultModel";

export interface ClientContext {
  readonly invocation: Invocation;
  readonly deps: CliDeps;
  readonly screen: Screen;
  readonly client: ControlClient;
  /** Aborts on Ctrl-C. */
  readonly signal: AbortSignal;
}

/** Every engine there is. */
export async function readEngines(context: ClientContext): Promise<readonly EngineView[]> {
  const { client, signal } = context;
  const answer = await client.request({ method: "GET", target: "/api/engines" }, { signal });
  if (answer.status >= 400) throw new ProblemError(problemOfAnswer(answer));
  const engines = isRecord(answer.json) ? answer.json["engines"] : undefined;
  if (!Array.isArray(engines) || !engines.every(isEngineView)) throw notOurs("the control socket");
  return engines;
}

/** Does something to an engine that may take long; gives the engine afterwards. */
export async function act(
  context: ClientContext,
  request: ControlRequest & { readonly engine: string },
): Promise<EngineView> {
  const { client, signal } = context;
  const { engine, ...rest } = request;
  const answer = await client.request(rest, { signal, limitMs: ACTION_LIMIT_MS });
  if (answer.status >= 400) throw new ProblemError(problemOfAnswer(answer, engine));
  if (!isEngineView(answer.json)) throw notOurs("the control socket");
  return answer.json;
}

/** The engine called `name`. Throws `unknown_engine`. */
export function pickEngine(views: readonly EngineView[], name: string): EngineView {
  const view = views.find((candidate) => candidate.name === name);
  if (view !== undefined) return view;
  const names = views.map((candidate) => candidate.name);
  const near = nearest(name, names);
  throw new RequestError("unknown_engine", {
    detail: `There is no engine ${quote(name)}; there is ${names.join(", ") || "none"}.`,
    remedy: near === undefined ? "ai-engine ps" : `Did you mean ${near}?`,
    ...(isEngineName(name) ? { engine: name } : {}),
  });
}

/**
 * The engine that is meant without a name: the only one, else that of the configured default model.
 * Throws `UsageError` where there is neither.
 */
export async function pickUnnamed(
  context: ClientContext,
  views: readonly EngineView[],
): Promise<EngineView> {
  const [only, ...others] = views;
  if (only !== undefined && others.length === 0) return only;
  const name = views.length === 0 ? undefined : await readDefaultEngine(context);
  const view = views.find((candidate) => candidate.name === name);
  if (view !== undefined) return view;
  throw new UsageError({
    detail: `There are ${views.length} engines: ${views.map(({ name }) => name).join(", ")}.`,
    remedy: "Name the one that is meant, or set defaultModel in the configuration file.",
  });
}

/** The engine that serves the default model; `undefined` where there is none. */
async function readDefaultEngine({ client, signal }: ClientContext): Promise<string | undefined> {
  const config = await client.request({ method: "GET", target: "/api/config" }, { signal });
  const rows = isRecord(config.json) ? config.json["settings"] : undefined;
  const row = Array.isArray(rows)
    ? rows.filter(isRecord).find(({ setting }) => setting === DEFAULT_MODEL)
    : undefined;
  const model = row?.["value"];
  if (typeof model !== "string") return undefined;
  const target = `/v1/models/${encodeURIComponent(model)}`;
  const { json } = await client.request({ method: "GET", target }, { signal });
  const engine = isRecord(json) ? json["engine"] : undefined;
  return typeof engine === "string" ? engine : undefined;
}

/** Waits for `work`, which can't be cancelled itself, unless `signal` fires first. */
export async function orAbort<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const aborted = Promise.withResolvers<never>();
  const leave = () => aborted.reject(signal.reason);
  signal.addEventListener("abort", leave, { once: true });
  try {
    return await Promise.race([work, aborted.promise]);
  } finally {
    signal.removeEventListener("abort", leave);
  }
}

/** Whether nothing listens on the control socket. */
export function isGone(error: unknown): boolean {
  return error instanceof AiEngineError && error.code === "unreachable" && "stage" in error &&
    error.stage === "before_send";
}

/** Looks at what this program reads of a view. */
function isEngineView(value: unknown): value is EngineView {
  if (!isRecord(value)) return false;
  const texts = [value["name"], value["state"]];
  const numbers = [value["inflight"], value["queued"], value["idleTimeoutMs"]];
  const textsOrNull = [
    value["readyAt"],
    value["stopsAt"],
    value["how"],
    value["queuedSince"],
  ];
  const numbersOrNull = [value["pid"], value["rssBytes"], value["slots"], value["usualStartMs"]];
  return texts.every((text) => typeof text === "string") &&
    numbers.every((number) => typeof number === "number") &&
    textsOrNull.every((text) => text === null || typeof text === "string") &&
    numbersOrNull.every((number) => number === null || typeof number === "number") &&
    (value["lastError"] === null || isRecord(value["lastError"]));
}
