/**
 * The Python engine as a program of its own: a folder with the program, the Python it runs on and the
 * model in the box. The same sources and packages give the same bytes.
 */
import { join, relative } from "@std/path";
import { lastLines, runCommand } from "./command.ts";
import { exclusively, missing, type Part, ready } from "./part.ts";
import { showProgress } from "./progress.ts";
import { pythonOf, setUpPython } from "./python_env.ts";
import { inRoot } from "./root.ts";

/** Written beside what is complete; says what it was made from. */
const MARKER = "made-from";

/** As the contract names it, of this machine. */
export const SIDECAR = `ai-engine-sidecar-${Deno.build.arch}-${Deno.build.os}`;

/** Times and hashes that would differ from one build to the next. */
const SAME_BYTES = { PYTHONHASHSEED: "0", SOURCE_DATE_EPOCH: "1767225600" } as const;

/** Of the engine: what is packed and what says how. */
const SOURCES = ["ai_engine", "packaging", "tools", "pyproject.toml"] as const;

export interface SidecarOptions {
  /** The engine's sources. @default engine/python */
  readonly source?: string;
  /** Where the folder {@linkcode SIDECAR} goes. @default dist/engine */
  readonly output?: string;
}

/**
 * Makes the folder, unless it is there and made from the same. The part's path is the folder; what is
 * missing is a sentence, for there are machines on which it can't be made.
 */
export async function makeSidecar(options: SidecarOptions = {}): Promise<Part> {
  const { source = inRoot("engine", "python"), output = inRoot("dist", "engine") } = options;
  if (Deno.build.os !== "linux") return missing("The engine is only packed on Linux.");
  for (const tool of ["strip", "objcopy", "objdump", "ldd"]) {
    if ((await runCommand([tool, "--version"])).code === 0) continue;
    return missing(`${tool} is not there, by which the engine is packed (Debian: binutils).`);
  }
  const python = await setUpPython();
  if (python.kind === "missing") return python;
  return await exclusively("sidecar", async () => {
    const madeFrom = await describeSources(source);
    const folder = join(output, SIDECAR);
    const marker = await Deno.readTextFile(join(output, MARKER)).catch(() => null);
    if (marker === madeFrom && await isThere(join(folder, SIDECAR))) return ready(folder);
    const venv = await makeVenv(python.path, source);
    if (venv.kind === "missing") return venv;
    const model = inRoot("engine", "python", ".model");
    const problem = await pack({ venv: venv.path, source, output, model });
    if (problem !== null) return missing(problem);
    await Deno.writeTextFile(join(output, MARKER), madeFrom);
    return ready(folder);
  });
}

/** The environment that is packed: the locked packages and nothing else. */
async function makeVenv(python: string, source: string): Promise<Part> {
  const lock = join(source, "packaging", "requirements.txt");
  const directory = inRoot(".cache", "sidecar");
  const madeFrom = `${await sha256(await Deno.readFile(lock))}\n`;
  const marker = join(directory, MARKER);
  if (await Deno.readTextFile(marker).catch(() => null) === madeFrom) return ready(directory);
  const venv = join(directory, ".venv");
  const pip = [pythonOf(directory), "-m", "pip", "install", "--quiet"] as const;
  const commands = [
    [pythonOf(python), "-m", "venv", "--clear", venv],
    [...pip, "--disable-pip-version-check", "--require-hashes", "-r", lock],
  ] as const;
  for (const command of commands) {
    const { code, output } = await showProgress(
      "Installing what is packed with the engine",
      () => runCommand(command),
    );
    if (code !== 0) return missing(`Packing: ${lastLines(output, 3)}`);
  }
  await Deno.writeTextFile(marker, madeFrom);
  return ready(directory);
}

interface PackOptions {
  /** Folder with the environment. */
  readonly venv: string;
  readonly source: string;
  readonly output: string;
  /** Folder with the model's files. */
  readonly model: string;
}

/** Returns what went wrong, else `null`. */
async function pack({ venv, source, output, model }: PackOptions): Promise<string | null> {
  const work = await Deno.makeTempDir({ prefix: "sidecar-" });
  try {
    const { code, output: said } = await showProgress("Packing the engine", () =>
      runCommand([
        pythonOf(venv),
        "-m",
        "PyInstaller",
        "--noconfirm",
        "--log-level=WARN",
        `--distpath=${output}`,
        `--workpath=${work}`,
        join(source, "packaging", "sidecar.spec"),
      ], {
        env: { ...SAME_BYTES, AI_ENGINE_SIDECAR_NAME: SIDECAR, AI_ENGINE_SIDECAR_MODEL: model },
      }));
    return code === 0 ? null : `PyInstaller failed: ${lastLines(said, 10)}`;
  } finally {
    await Deno.remove(work, { recursive: true });
  }
}

/** A line for each file that it is made from. */
async function describeSources(source: string): Promise<string> {
  const lines: string[] = [];
  for (const path of SOURCES) await describe(join(source, path), source, lines);
  const toolSource = await Deno.readFile(inRoot("tasks", "support", "sidecar.ts"));
  return `${lines.sort().join("\n")}\n${await sha256(toolSource)}\n`;
}

async function describe(path: string, root: string, lines: string[]): Promise<void> {
  const { isDirectory } = await Deno.stat(path);
  if (!isDirectory) {
    lines.push(`${relative(root, path)} ${await sha256(await Deno.readFile(path))}`);
    return;
  }
  for await (const { name } of Deno.readDir(path)) {
    if (name !== "__pycache__") await describe(join(path, name), root, lines);
  }
}

async function isThere(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}

/** In hexadecimal digits. */
export async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
}
