/** Ray Serve, which only its own tests need: half a gigabyte. */
import { lastLines, runCommand } from "./command.ts";
import { exclusively, missing, type Part, ready } from "./part.ts";
import { showProgress } from "./progress.ts";
import { pythonOf } from "./python_env.ts";
import { inRoot } from "./root.ts";

const PACKAGE = "ray[serve]==2.60.0";

/** Another version of the package is another name. */
const RAY_PACKAGES = inRoot(".cache", "ray-2.60.0");

/** Installs the package, for the Python of the environment in `directory`. The part's path is for `PYTHONPATH`. */
export async function setUpRay(directory: string): Promise<Part> {
  const python = pythonOf(directory);
  if (await isUsable(python)) return ready(RAY_PACKAGES);
  return await exclusively("ray", async () => {
    if (await isUsable(python)) return ready(RAY_PACKAGES);
    await Deno.remove(RAY_PACKAGES, { recursive: true }).catch(() => {});
    const install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"];
    const { code, output } = await showProgress(
      "Installing Ray Serve for its tests (once, 500 MB)",
      () => runCommand([python, ...install, "--target", RAY_PACKAGES, PACKAGE]),
    );
    if (code === 0) return ready(RAY_PACKAGES);
    return missing(`pip install ${PACKAGE} failed: ${lastLines(output, 3)}`);
  });
}

/** Half of an installation, or one for another Python, is not. */
async function isUsable(python: string): Promise<boolean> {
  const env = { PYTHONPATH: RAY_PACKAGES };
  const { code } = await runCommand([python, "-c", "import ray.serve"], { env });
  return code === 0;
}
