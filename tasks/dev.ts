/**
 * `deno task dev [OPTION…]`: sets up what the program needs and runs it from source, again after each
 * change. Options go to `ai-engine serve`. Ctrl-C ends everything.
 */
import { runDevLoop } from "./support/dev_loop.ts";
import { setUpPython } from "./support/python_env.ts";
import { inRoot, ROOT } from "./support/root.ts";
import { SourceWatcher } from "./support/watch.ts";

/** Where the program finds our Python engine; set by the user, it stays. */
const PYTHON_DIR = "AI_ENGINE_PYTHON_DIR";

const SIGNALS = Deno.build.os === "windows" ? ["SIGINT"] as const : [
  "SIGINT",
  "SIGTERM",
  "SIGHUP",
] as const;

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

/** In a session of its own, so that a Ctrl-C reaches it once, through us. */
async function start(): Promise<Deno.ChildProcess> {
  const env = await pythonEnvironment();
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", inRoot("main.ts"), "serve", ...Deno.args],
    cwd: ROOT,
    env,
    detached: true,
    stdin: "null",
    stdout: "inherit",
    stderr: "inherit",
  }).spawn();
}

const watcher = new SourceWatcher(ROOT);
const watched = watcher.run().then(() => 0);
const run = runDevLoop({
  start,
  nextChange: () => watcher.next(),
  onSignal: (receive) => {
    for (const osSignal of SIGNALS) Deno.addSignalListener(osSignal, () => receive(osSignal));
  },
  say,
});
Deno.exit(await Promise.race([run, watched]));
