/** Which page tells an error of ours. Loaded when the first one is told so. */
import type { WebDeps } from "./deps.ts";
import type { Problem } from "./problem.ts";
import { renderErrorPage } from "./ui/error_page.tsx";
import { renderLoginPage } from "./ui/login_page.tsx";

/** Codes of errors that signing in helps against. */
const HELPED: ReadonlySet<string> = new Set(["unauthorized", "forbidden_role"]);

/** Codes of errors that are told to those who may not see pages. */
const OUTSIDE: ReadonlySet<string> = new Set(["forbidden_origin", "wrong_host", "head_too_large"]);

/** A whole document. */
export function renderProblem(problem: Problem, { supervisor, version }: WebDeps): string {
  const { code, detail } = problem;
  if (HELPED.has(code)) return renderLoginPage({ version, text: detail, isSignedIn: false });
  const isInside = !OUTSIDE.has(code);
  const engines = isInside && code === "unknown_engine" ? supervisor.views() : [];
  return renderErrorPage(problem, { version, isInside, engines: engines.map(({ name }) => name) });
}
