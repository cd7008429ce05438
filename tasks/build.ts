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
import { missing, type Part } from "./support/part.ts";
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
  try {
    const denort = Deno.env.get("DENORT_BIN") ?? "";
    const sidecar = isBare ? missing("it was not asked for") : await packFor(target, denort);
    const packed = sidecar.kind === "missing"
      ? null
      : await writePackedRuntime({ denort, sidecar: sidecar.path, output: runtime });
    const args = compileArguments({
      target,
      output: beside,
      denoVersion: Deno.version.deno,
      isFrozen: isCi(),
      ...(packed === null ? {} : { include: RECORD }),
    });
    const env = packed === null ? {} : { DENORT_BIN: runtime };
    const compile = () =>
      showProgress(
        `Compiling for ${target}`,
        () => runCommand([Deno.execPath(), ...args], { cwd: ROOT, env }),
      );
    const compiled = await (packed === null ? compile() : withRecord(packed, compile));
    if (compiled.code !== 0) throw new BuildError(lastLines(compiled.output, 20));
    await prove(beside, target);
    if (packed !== null && !await holds(beside, packed)) {
      throw new BuildError("The engine is not in the executable as it was put into the runtime.");
    }
    await Deno.rename(beside, output);
    return { path: output, engine: packed ?? (sidecar.kind === "missing" ? sidecar.why : "") };
  } finally {
    for (const path of [beside, runtime]) await Deno.remove(path).catch(() => {});
  }
}

/** The engine for executables of `target`, as far as one can be made here. */
async function packFor(target: Target, denort: string): Promise<Part> {
  if (target !== Deno.build.target) return missing(`${target} is not this machine's target`);
  if (denort === "") return missing("DENORT_BIN names no runtime to put it behind");
  return await makeSidecar();
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
