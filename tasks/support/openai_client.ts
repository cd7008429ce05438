/** OpenAI's client for Python, which the tests ask through us as its users would. */
import { lastLines, runCommand } from "./command.ts";
import { exclusively, missing, type Part, ready } from "./part.ts";
import { showProgress } from "./progress.ts";
import { pythonOf } from "./python_env.ts";
import { inRoot } from "./root.ts";

const PACKAGE = "openai==3.54.0";

/** Another version of the package is another name. */
export const OPENAI_PACKAGES = inRoot(".cache", PACKAGE.replace("==", "-python-"));

/**
 * Installs the package, for the Python of the environment in `directory` but not into that: the engine
 * needs nothing of it. The part's path is for `PYTHONPATH`.
 */
export async function setUpOpenAiClient(directory: string): Promise<Part> {
  const python = pythonOf(directory);
  if (await isUsable(python)) return ready(OPENAI_PACKAGES);
  return await exclusively("openai", async () => {
    if (await isUsable(python)) return ready(OPENAI_PACKAGES);
    await Deno.remove(OPENAI_PACKAGES, { recursive: true }).catch(() => {});
    const install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"];
    const { code, output } = await showProgress(
      "Installing OpenAI's client for the tests (once)",
      () => runCommand([python, ...install, "--target", OPENAI_PACKAGES, PACKAGE]),
    );
    if (code === 0) return ready(OPENAI_PACKAGES);
    return missing(`pip install ${PACKAGE} failed: ${lastLines(output, 3)}`);
  });
}

/** Half of an installation, or one for another Python, is not. */
async function isUsable(python: string): Promise<boolean> {
  const env = { PYTHONPATH: OPENAI_PACKAGES };
  const { code } = await runCommand([python, "-c", "import openai"], { env });
  return code === 0;
}
