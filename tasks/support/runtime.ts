/** The runtime that `deno compile` puts a program behind, as a file that more can be put behind. */
import { join } from "@std/path";
import { lastLines, runCommand } from "./command.ts";
import { missing, type Part, ready } from "./part.ts";
import { pythonOf, setUpPython } from "./python_env.ts";
import { showProgress } from "./progress.ts";
import type { Target } from "./targets.ts";

/**
 * The one that DENORT_BIN names, else the one that Deno has downloaded or downloads for `target`, which
 * is taken out of its cache into the folder `into`.
 */
export async function findRuntime(target: Target, into: string): Promise<Part> {
  const given = Deno.env.get("DENORT_BIN") ?? "";
  if (given !== "") return ready(given);
  const { output } = await runCommand([Deno.execPath(), "info", "--json"]);
  const { denoDir } = JSON.parse(output) as { readonly denoDir: string };
  const release = join(denoDir, "dl", "release", `v${Deno.version.deno}`);
  const archive = join(release, `denort-${target}.zip`);
  if (!await isThere(archive)) {
    const problem = await download(target, into);
    if (problem !== null) return missing(`Deno's runtime could not be had: ${problem}`);
  }
  return await takeOut(archive, into);
}

/** Has Deno compile a program that does nothing. Returns what went wrong. */
async function download(target: Target, into: string): Promise<string | null> {
  const nothing = join(into, "nothing.ts");
  await Deno.writeTextFile(nothing, "");
  const args = ["compile", "--no-config", "--target", target, "--output", join(into, "nothing")];
  const { code, output } = await showProgress(
    `Fetching the runtime for ${target}`,
    () => runCommand([Deno.execPath(), ...args, nothing]),
  );
  return code === 0 ? null : lastLines(output, 3);
}

/** By Python, without which there is nothing to pack. */
async function takeOut(archive: string, into: string): Promise<Part> {
  const python = await setUpPython();
  if (python.kind === "missing") return python;
  const unzip = [pythonOf(python.path), "-m", "zipfile", "-e", archive, into] as const;
  const { code, output } = await runCommand(unzip);
  if (code !== 0) return missing(`${archive}: ${lastLines(output, 3)}`);
  const path = join(into, "denort");
  await Deno.chmod(path, 0o755);
  return ready(path);
}

async function isThere(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}
