/**
 * `deno task build [--target TARGET]`: makes `dist/ai-engine-TARGET`, for this machine unless told
 * otherwise, and proves from its header that it is what was asked for.
 */
import { parseArgs } from "@std/cli";
import { join } from "@std/path";
import { lastLines, runCommand } from "./support/command.ts";
import { HEADER_BYTES, readExecutableHeader } from "./support/executable_header.ts";
import { showProgress } from "./support/progress.ts";
import { inRoot, isCi, ROOT } from "./support/root.ts";
import {
  compileArguments,
  executableName,
  headerOf,
  isTarget,
  type Target,
  TARGETS,
} from "./support/targets.ts";

/** Ends the task with a sentence. */
class BuildError extends Error {}

async function build(target: Target): Promise<string> {
  const output = inRoot("dist", executableName(target));
  // Beside the place it will have, so that the place never holds half a program.
  const beside = inRoot("dist", `.${Deno.pid}-${executableName(target)}`);
  await Deno.mkdir(inRoot("dist"), { recursive: true });
  try {
    const args = compileArguments({
      target,
      output: beside,
      denoVersion: Deno.version.deno,
      isFrozen: isCi(),
    });
    const compiled = await showProgress(
      `Compiling for ${target}`,
      () => runCommand([Deno.execPath(), ...args], { cwd: ROOT }),
    );
    if (compiled.code !== 0) throw new BuildError(lastLines(compiled.output, 20));
    await prove(beside, target);
    await Deno.rename(beside, output);
  } finally {
    await Deno.remove(beside).catch(() => {});
  }
  return output;
}

/** Throws when the executable is for another machine: Deno does not check what DENORT_BIN is. */
async function prove(path: string, target: Target): Promise<void> {
  using file = await Deno.open(path);
  const bytes = new Uint8Array(HEADER_BYTES);
  const length = await file.read(bytes);
  const found = readExecutableHeader(bytes.subarray(0, length ?? 0));
  const wanted = headerOf(target);
  if (found?.os === wanted.os && found.arch === wanted.arch) return;
  const what = found === null ? "no executable of ours" : `for ${found.arch} ${found.os}`;
  throw new BuildError(
    `What was made is ${what}, not for ${wanted.arch} ${wanted.os}.` +
      (Deno.env.get("DENORT_BIN") ? " DENORT_BIN names another target's denort." : ""),
  );
}

const flags = parseArgs(Deno.args, { string: ["target"] });
const target = flags.target ?? Deno.build.target;
try {
  if (!isTarget(target)) {
    throw new BuildError(`No target ${target}. Targets: ${TARGETS.join(", ")}.`);
  }
  const path = await build(target);
  const { size } = await Deno.stat(path);
  console.log(`${join("dist", executableName(target))}: ${(size / 1e6).toFixed(0)} MB`);
} catch (error) {
  if (!(error instanceof BuildError || error instanceof RangeError)) throw error;
  console.error(`build: ${error.message}`);
  Deno.exit(1);
}
