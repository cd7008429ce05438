/** Packages of Python that only tests need, each in a folder of its own: the engine has nothing of them. */
import { lastLines, runCommand } from "./command.ts";
import { exclusively, missing, type Part, ready } from "./part.ts";
import { showProgress } from "./progress.ts";
import { pythonOf } from "./python_env.ts";

export interface PythonPackages {
  /** As pip takes it, with its version. */
  readonly requirement: string;
  /** Where it is installed; another version is another folder. */
  readonly folder: string;
  /** What can be imported when it is whole. */
  readonly module: string;
  /** Said while it is installed. */
  readonly progress: string;
}

/** Installs it, for the Python of the environment in `directory`. The part's path is for `PYTHONPATH`. */
export async function setUpPackages(directory: string, packages: PythonPackages): Promise<Part> {
  const { requirement, folder, module, progress } = packages;
  const python = pythonOf(directory);
  // Half of an installation, or one for another Python, is not.
  const isUsable = async () => {
    const env = { PYTHONPATH: folder };
    return (await runCommand([python, "-c", `import ${module}`], { env })).code === 0;
  };
  if (await isUsable()) return ready(folder);
  return await exclusively(module, async () => {
    if (await isUsable()) return ready(folder);
    await Deno.remove(folder, { recursive: true }).catch(() => {});
    const install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"];
    const { code, output } = await showProgress(
      progress,
      () => runCommand([python, ...install, "--target", folder, requirement]),
    );
    if (code === 0) return ready(folder);
    return missing(`pip install ${requirement} failed: ${lastLines(output, 3)}`);
  });
}
