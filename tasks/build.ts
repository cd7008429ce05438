/**
 * `deno task build [--target TARGET]`: makes `dist/ai-engine-TARGET`, for this machine unless told
 * otherwise, and proves from its header that it is what was asked for. The Python engine goes into it
 * where it can be packed; else it says why not. `--bare` leaves it out, and makes `ai-engine-TARGET-bare`.
 */
import { parseArgs } from "@std/cli";
import { relative } from "@std/path";
import { lastLines, runCommand } from "./support/command.ts";
import { HEADER_BYTES, readExecutableHeader } from "./support/executable_header.ts";
import type { PackedEngine } from "../src/platform/packed/packed_engine.ts";
import { describeGlibc } from "./support/packed_files.ts";
import { holds, RECORD, withRecord, writePackedRuntime } from "./support/packed_runtime.ts";
import { findRuntime } from "./support/runtime.ts";
import { makeSidecar } from "./support/sidecar.ts";
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

interface Built {
  readonly path: string;
  /** Why there is no engine in it; else the engine. */
  readonly engine: PackedEngine | string;
}

async function build(target: Target, isBare: boolean): Promise<Built> {
  const name = isBare ? `${executableName(target)}-bare` : executableName(target);
  const output = inRoot("dist", name);
  // Beside the place it will have, so that the place never holds half a program.
  const beside = inRoot("dist", `.${Deno.pid}-${name}`);
  await Deno.mkdir(inRoot("dist"), { recursive: true });
  const runtime = `${beside}.denort`;
  const work = await Deno.makeTempDir({ prefix: "build-" });
  try {
    const packed = isBare
      ? "it was not asked for"
      : await packBehind(target, { output: runtime, work });
    const args = compileArguments({
      target,
      output: beside,
      denoVersion: Deno.version.deno,
      isFrozen: isCi(),
      ...(typeof packed === "string" ? {} : { include: RECORD }),
    });
    const env = typeof packed === "string" ? {} : { DENORT_BIN: runtime };
    const compile = () =>
      showProgress(
        `Compiling for ${target}`,
        () => runCommand([Deno.execPath(), ...args], { cwd: ROOT, env }),
      );
    const compiled = await (typeof packed === "string" ? compile() : withRecord(packed, compile));
    if (compiled.code !== 0) throw new BuildError(lastLines(compiled.output, 20));
    await prove(beside, target);
    if (typeof packed !== "string" && !await holds(beside, packed)) {
      throw new BuildError("The engine is not in the executable as it was put into the runtime.");
    }
    await Deno.rename(beside, output);
    return { path: output, engine: packed };
  } finally {
    for (const path of [beside, runtime]) await Deno.remove(path).catch(() => {});
    await Deno.remove(work, { recursive: true });
  }
}

/** Writes `output`: the runtime with the engine behind it. Returns why not where that can't be done here. */
async function packBehind(
  target: Target,
  { output, work }: { readonly output: string; readonly work: string },
): Promise<PackedEngine | string> {
  if (target !== Deno.build.target) return `${target} is not this machine's target`;
  const sidecar = await makeSidecar();
  if (sidecar.kind === "missing") return sidecar.why;
  const runtime = await findRuntime(target, work);
  if (runtime.kind === "missing") return runtime.why;
  return await writePackedRuntime({ denort: runtime.path, sidecar: sidecar.path, output });
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

function describeEngine(engine: Built["engine"]): string {
  if (typeof engine === "string") return `without the Python engine: ${engine}`;
  const bytes = engine.files.reduce((sum, { size }) => sum + size, 0);
  return `with the Python engine (${(bytes / 1e6).toFixed(0)} MB, ${describeGlibc(engine.glibc)})`;
}

const flags = parseArgs(Deno.args, { string: ["target"], boolean: ["bare"] });
const target = flags.target ?? Deno.build.target;
try {
  if (!isTarget(target)) {
    throw new BuildError(`No target ${target}. Targets: ${TARGETS.join(", ")}.`);
  }
  const { path, engine } = await build(target, flags.bare === true);
  const { size } = await Deno.stat(path);
  console.log(`${relative(ROOT, path)}: ${(size / 1e6).toFixed(0)} MB, ${describeEngine(engine)}`);
} catch (error) {
  if (!(error instanceof BuildError || error instanceof RangeError)) throw error;
  console.error(`build: ${error.message}`);
  Deno.exit(1);
}
