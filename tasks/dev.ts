/**
 * `deno task dev [OPTION…]`: sets up what the program needs and runs it from source, again after each
 * change. Options go to `ai-engine serve`. Ctrl-C ends everything, and so does whatever ends us.
 */
import { type Run, runDevLoop } from "./support/dev_loop.ts";
import { END_SIGNALS, startLeashed } from "./support/leash.ts";
import { setUpPython } from "./support/python_env.ts";
import { inRoot, ROOT } from "./support/root.ts";
import { SourceWatcher } from "./support/watch.ts";

/** Where the program finds our Python engine; set by the user, it stays. */
const PYTHON_DIR = "AI_ENGINE_PYTHON_DIR";

function say(line: string): void {
  console.error(`dev: ${line}`);
}

/** The Python engine's directory for the program's environment. */
async function pythonEnvironment(): Promise<Record<string, string>> {
  if (Deno.env.get(PYTHON_DIR)) return {};
  const python = await setUpPython();
  if (python.kind === "ready") return { [PYTHON_DIR]: python.path };
  say(`${python.why} The built-in engine is used.`);
  return {};
}

/** A start of the program, which ends with us at the latest. */
async function start(): Promise<Run> {
  const env = await pythonEnvironment();
  const argv = [Deno.execPath(), "run", "-A", inRoot("main.ts"), "serve", ...Deno.args] as const;
  return startLeashed(argv, { cwd: ROOT, env });
}

const watcher = new SourceWatcher(ROOT);
const watched = watcher.run().then(() => 0);
const run = runDevLoop({
  start,
  nextChange: () => watcher.next(),
  onSignal: (receive) => {
    for (const osSignal of END_SIGNALS) Deno.addSignalListener(osSignal, () => receive(osSignal));
  },
  say,
});
Deno.exit(await Promise.race([run, watched]));
