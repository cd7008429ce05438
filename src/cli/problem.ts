/**
 * What went wrong, in one shape, whoever says so: this program, the supervisor, or an engine.
 *
 * @module
 */
import { type AiEngineError, ERROR_TABLE, LifecycleError, toAiEngineError } from "../core/mod.ts";
import { type ConfigFault, ConfigFileError } from "../config/mod.ts";
import type { ControlAnswer } from "./control_client.ts";
import type { Screen } from "./screen.ts";
import { oneLine, plain } from "./text.ts";

/** Lines of an engine's output that are shown with an error. */
const SHOWN_LINES = 10;

export interface Problem {
  readonly title: string;
  readonly detail: string;
  readonly remedy: string;
  /** The engine it is about. */
  readonly engine: string | undefined;
  /** The engine's last output lines, oldest first. */
  readonly lastLines: readonly string[];
  /** All that is wrong with a configuration file. */
  readonly faults?: readonly string[];
  readonly exit: number;
  /** What `--json` shows. */
  readonly document: Readonly<Record<string, unknown>>;
}

/** Carries a problem that an answer told of. */
export class ProblemError extends Error {
  override readonly name = "ProblemError";
  constructor(readonly problem: Problem) {
    super(problem.detail);
  }
}

/** The problem in anything that was thrown. */
export function toProblem(thrown: unknown): Problem {
  if (thrown instanceof ProblemError) return thrown.problem;
  const error = toAiEngineError(thrown);
  const lastLines = error instanceof LifecycleError ? error.lastLines : [];
  return {
    title: error.title,
    detail: error.message,
    remedy: error.remedy,
    engine: error.engine,
    lastLines,
    faults: error instanceof ConfigFileError ? error.faults.flatMap(faultLines(error.path)) : [],
    exit: ERROR_TABLE[error.code].exit,
    document: documentOf(error, lastLines),
  };
}

/** A fault as compilers tell theirs, so that editors find the place. */
function faultLines(path: string): (fault: ConfigFault) => readonly string[] {
  return ({ line, column, detail, expected, fix }) => [
    `${path}:${line}:${column}: ${detail}`,
    ...(expected === null ? [] : [`  expected: ${expected}`]),
    `  try: ${fix}`,
  ];
}

/** Those that the supervisor tells. */
function faultsOf({ path, faults }: Readonly<Record<string, unknown>>): readonly string[] {
  if (!Array.isArray(faults)) return [];
  return faults.filter(isRecord).flatMap((fault) =>
    faultLines(textOf(path))({
      line: Number(fault["line"]),
      column: Number(fault["column"]),
      setting: textOf(fault["setting"]),
      detail: textOf(fault["detail"]),
      expected: textOf(fault["expected"]) || null,
      fix: textOf(fault["fix"]),
    })
  );
}

function documentOf(error: AiEngineError, lastLines: readonly string[]): Problem["document"] {
  return {
    type: `urn:ai-engine:error:${error.code}`,
    title: error.title,
    status: ERROR_TABLE[error.code].status,
    detail: error.message,
    remedy: error.remedy,
    code: error.code,
    engine: error.engine ?? null,
    source: "client",
    ...(lastLines.length === 0 ? {} : { lastLines }),
    ...(error instanceof ConfigFileError ? { path: error.path, faults: error.faults } : {}),
  };
}

/** The problem in an answer that is not a success: the supervisor's own, or an engine's. */
export function problemOfAnswer(answer: ControlAnswer, engine?: string): Problem {
  const json = isRecord(answer.json) ? answer.json : {};
  if (json["source"] !== "supervisor") return problemOfEngine(answer, json, engine);
  const code = textOf(json["code"]);
  return {
    title: textOf(json["title"]) || `Status ${answer.status}`,
    detail: textOf(json["detail"]) || "The supervisor does not say why.",
    remedy: textOf(json["remedy"]) || "See its output.",
    engine: textOf(json["engine"]) || engine,
    lastLines: Array.isArray(json["lastLines"]) ? json["lastLines"].map(textOf) : [],
    faults: faultsOf(json),
    exit: isErrorCode(code) ? ERROR_TABLE[code].exit : 1,
    document: json,
  };
}

function problemOfEngine(
  answer: ControlAnswer,
  json: Readonly<Record<string, unknown>>,
  engine: string | undefined,
): Problem {
  const said = textOf(json["error"]) || textOf(json["detail"]) || textOf(json["message"]) ||
    answer.text;
  const words = {
    title: `The answer has status ${answer.status}`,
    detail: oneLine(said).slice(0, 500) || "The answer says nothing more.",
    remedy: "Change the input, or look at what the engine printed.",
  };
  return {
    ...words,
    engine,
    lastLines: [],
    exit: 1,
    document: {
      type: "about:blank",
      ...words,
      status: answer.status,
      engine: engine ?? null,
      source: "engine",
      answer: answer.json ?? answer.text,
    },
  };
}

/** Says a problem on stderr: what, why, what to do next; or one JSON object. Returns its exit code. */
export async function tellProblem(screen: Screen, problem: Problem): Promise<number> {
  if (screen.json) {
    await screen.tell(JSON.stringify(problem.document));
    return problem.exit;
  }
  const { engine, lastLines, faults = [] } = problem;
  const what = engine === undefined ? problem.title : `${engine}: ${problem.title}`;
  await screen.tell(
    `${screen.paint("red", "error:", "stderr")} ${oneLine(what)}`,
    `${screen.paint("dim", "cause:", "stderr")} ${oneLine(problem.detail)}`,
    ...faults.map((line) => plain(line).replaceAll("\n", " ")),
    `${screen.paint("bold", "try:", "stderr")} ${oneLine(problem.remedy)}`,
  );
  if (lastLines.length > 0) {
    const shown = lastLines.slice(-SHOWN_LINES).map((line) => `  | ${plain(line).trimEnd()}`);
    await screen.tell(`last output${engine === undefined ? "" : ` of ${engine}`}:`, ...shown);
  }
  return problem.exit;
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isErrorCode(code: string): code is keyof typeof ERROR_TABLE {
  return Object.hasOwn(ERROR_TABLE, code);
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}
