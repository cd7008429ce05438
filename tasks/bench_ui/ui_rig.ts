/** What the cost of open tabs is measured with: an engine that prints without end, and the program. */
import { compileC } from "../bench/c_tools.ts";
import { Program } from "../bench/program.ts";
import { findExecutable, fromSource, type Subject, type Subjects } from "../bench/rig.ts";
import type { RigOptions } from "../bench/run_bench.ts";
import type { Yard } from "../bench/yard.ts";
import type { Part } from "../support/part.ts";
import { inRoot } from "../support/root.ts";

export interface UiRig extends Subjects {
  /** Fewer and shorter rounds. */
  readonly isQuick: boolean;
  /** The engine's program. */
  readonly engine: Part;
}

/** Lines that the engine prints in a second. */
export const LINES_PER_S = 50_000;

export const ENGINE = "flood";

export async function setUpUiRig(yard: Yard, options: RigOptions): Promise<UiRig> {
  return {
    yard,
    isQuick: options.isQuick,
    source: fromSource(Deno.execPath()),
    executable: await findExecutable(options.executable),
    engine: await compileC(inRoot("tasks", "bench_ui", "flood_engine.c")),
  };
}

/** The program, with that one engine running. Throws where the engine could not be built. */
export async function startFlooded(rig: UiRig, subject: Subject): Promise<Program> {
  if (rig.engine.kind === "missing") throw new Error(rig.engine.why);
  const config = await rig.yard.file("flood.yaml");
  const engines = { [ENGINE]: { command: [rig.engine.path, String(LINES_PER_S)] } };
  // JSON is YAML.
  await Deno.writeTextFile(config, JSON.stringify({ engines }));
  const argv = [...subject.argv, "serve", "--listen", "127.0.0.1:0", "--config", config];
  const program = await Program.start(rig.yard, argv);
  await program.change(ENGINE, "start");
  return program;
}
