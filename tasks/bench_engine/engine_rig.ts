/** What the Python engine is measured with: itself from source, packed, and in the executable. */
import { join } from "@std/path";
import type { EngineChoice } from "../bench/rig.ts";
import { findExecutable } from "../bench/rig.ts";
import type { RigOptions } from "../bench/run_bench.ts";
import type { Yard } from "../bench/yard.ts";
import { missing, type Part, ready } from "../support/part.ts";
import { pythonOf, setUpPython } from "../support/python_env.ts";
import { inRoot } from "../support/root.ts";
import { SIDECAR } from "../support/sidecar.ts";

export interface EngineRig {
  readonly yard: Yard;
  readonly isQuick: boolean;
  /** The folder of the engine from source. */
  readonly source: Part;
  /** The program of the packed engine. */
  readonly packed: Part;
  readonly executable: Part;
  /** The same without the engine. */
  readonly bare: Part;
}

export async function setUpEngineRig(yard: Yard, options: RigOptions): Promise<EngineRig> {
  const executable = await findExecutable(options.executable);
  return {
    yard,
    isQuick: options.isQuick,
    source: await setUpPython(),
    packed: await find(inRoot("dist", "engine", SIDECAR, SIDECAR), "build:engine"),
    executable,
    bare: await find(`${need(executable, "")}-bare`, "build --bare"),
  };
}

async function find(path: string, task: string): Promise<Part> {
  const isThere = await Deno.stat(path).then((info) => info.isFile, () => false);
  return isThere ? ready(path) : missing(`not built: deno task ${task}`);
}

/** The part's path; throws where it is missing, unless there is something in its place. */
export function need(part: Part, otherwise?: string): string {
  if (part.kind === "ready") return part.path;
  if (otherwise !== undefined) return otherwise;
  throw new Error(part.why);
}

/** The engine with the model in the box, from source or packed. */
export function engineOf(rig: EngineRig, form: "source" | "packed"): EngineChoice {
  const base = { name: "python", flags: [] } as const;
  if (form === "packed") return { ...base, command: [need(rig.packed)], environment: {} };
  const directory = need(rig.source);
  const environment = { PYTHONPATH: directory, AI_ENGINE_MODEL_DIR: join(directory, ".model") };
  return { ...base, command: [pythonOf(directory), "-m", "ai_engine"], environment };
}
