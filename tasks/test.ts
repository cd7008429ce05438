/**
 * `deno task test [PATH…]`: sets up what the tests need and runs them all; with paths only the
 * Deno tests there. The last line is `N passed, N failed`.
 */
import { setUpBrowser } from "./support/browser.ts";
import { runCommand } from "./support/command.ts";
import { setUpOpenAiClient } from "./support/openai_client.ts";
import type { Part } from "./support/part.ts";
import { pythonOf, setUpPython } from "./support/python_env.ts";
import { isCi, ROOT } from "./support/root.ts";
import {
  add,
  NOTHING,
  type Tally,
  tallyOfCode,
  tallyOfDeno,
  tallyOfPytest,
} from "./support/tally.ts";

/** A suite that takes longer hangs: it is killed and has failed. */
const LIMIT_MS = 900_000;

/** The checks of the Python engine beside its tests. */
const PYTHON_CHECKS = [
  ["-m", "ruff", "check", "."],
  ["-m", "ruff", "format", "--check", "."],
  ["-m", "mypy"],
] as const;

async function main(paths: readonly string[]): Promise<number> {
  const python = await setUpPython();
  const browser = await setUpBrowser();
  // Where there is no Python its client is not what is missing.
  const client = python.kind === "ready" ? await setUpOpenAiClient(python.path) : python;
  const parts = {
    "Python engine": python,
    browser,
    ...(client === python ? {} : { "OpenAI's client for Python": client }),
  };
  let tally = await testDeno(paths, { python, browser, client });
  if (python.kind === "ready" && paths.length === 0) {
    tally = add(tally, await testPython(python.path));
  }
  for (const [name, part] of Object.entries(parts)) {
    if (part.kind === "ready") continue;
    console.log(`${isCi() ? "MISSING" : "skipped"}: ${name}. ${part.why}`);
    if (isCi()) tally = add(tally, { ...NOTHING, failed: 1 });
  }
  for (const name of new Set(tally.ignored)) console.log(`skipped: ${name}`);
  console.log(`${tally.passed} passed, ${tally.failed} failed`);
  return tally.failed === 0 ? 0 : 1;
}

/** Everything under tests/, or the given paths; tests find the parts through the environment. */
async function testDeno(
  paths: readonly string[],
  parts: { readonly python: Part; readonly browser: Part; readonly client: Part },
): Promise<Tally> {
  const flags = ["--sanitize-ops", "--sanitize-resources", "--trace-leaks", "--permit-no-files"];
  const frozen = isCi() ? ["--frozen"] : [];
  tell("AI_ENGINE_TEST_PYTHON_DIR", parts.python);
  tell("AI_ENGINE_TEST_BROWSER", parts.browser);
  tell("AI_ENGINE_TEST_OPENAI", parts.client);
  const { code, output } = await runCommand(
    [Deno.execPath(), "test", "-A", ...frozen, ...flags, ...paths.length > 0 ? paths : ["tests"]],
    { cwd: ROOT, echo: true, limitMs: LIMIT_MS },
  );
  return tallyOfDeno(output, code);
}

/** A missing part's variable is not set at all, not even by the caller. */
function tell(variable: string, part: Part): void {
  if (part.kind === "ready") Deno.env.set(variable, part.path);
  else Deno.env.delete(variable);
}

async function testPython(directory: string): Promise<Tally> {
  const python = pythonOf(directory);
  const options = { cwd: directory, echo: true, limitMs: LIMIT_MS / 2 };
  const { code, output } = await runCommand([python, "-m", "pytest", "-q", "--cov"], options);
  let tally = tallyOfPytest(output, code);
  for (const check of PYTHON_CHECKS) {
    tally = add(tally, tallyOfCode((await runCommand([python, ...check], options)).code));
  }
  return tally;
}

Deno.exit(await main(Deno.args));
