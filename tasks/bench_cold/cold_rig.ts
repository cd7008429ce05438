/** What a cold start is measured with: an engine that takes a given time, bare and through the program. */
import { join } from "@std/path";
import { compileC } from "../bench/c_tools.ts";
import type { OwnedProcess } from "../bench/owned_process.ts";
import { Program } from "../bench/program.ts";
import { type Address, askOk, type RawRequest } from "../bench/raw_http.ts";
import { findExecutable, fromSource, type Subject, type Subjects } from "../bench/rig.ts";
import type { RigOptions } from "../bench/run_bench.ts";
import type { Yard } from "../bench/yard.ts";
import type { Part } from "../support/part.ts";
import { inRoot } from "../support/root.ts";

export interface ColdRig extends Subjects {
  /** Fewer rounds. */
  readonly isQuick: boolean;
  /** The engine's program. */
  readonly engine: Part;
}

export async function setUpColdRig(yard: Yard, options: RigOptions): Promise<ColdRig> {
  return {
    yard,
    isQuick: options.isQuick,
    source: fromSource(Deno.execPath()),
    executable: await findExecutable(options.executable),
    engine: await compileC(inRoot("tasks", "bench_cold", "cold_engine.c")),
  };
}

/** Program and argument of the engine that is ready after `ms`. Throws where it could not be built. */
export function coldEngine({ engine }: ColdRig, ms: number): readonly [string, string] {
  if (engine.kind === "missing") throw new Error(engine.why);
  return [engine.path, String(ms)];
}

const NAME = "cold";

/** The program, with that one engine. */
export async function startProgram(
  rig: ColdRig,
  { subject, ms }: { readonly subject: Subject; readonly ms: number },
): Promise<Program> {
  const config = await rig.yard.file(`cold-${ms}.yaml`);
  const engines = { [NAME]: { command: coldEngine(rig, ms) } };
  // JSON is YAML.
  await Deno.writeTextFile(config, JSON.stringify({ engines }));
  const argv = [...subject.argv, "serve", "--listen", "127.0.0.1:0", "--config", config];
  return await Program.start(rig.yard, argv);
}

/** From `count` first requests at once, while the engine is stopped, to the last answer. */
export async function askCold(program: Program, count: number): Promise<number> {
  const request: RawRequest = { method: "GET", target: `/upstream/${NAME}/` };
  const begun = performance.now();
  await askMany(program.address, { request, count });
  const tookMs = performance.now() - begun;
  await program.change(NAME, "stop");
  return tookMs;
}

/** How often the engine was started after the first time. */
export async function restartsOf(program: Program): Promise<number> {
  const { body } = await askOk(program.address, { method: "GET", target: `/api/engines/${NAME}` });
  return JSON.parse(body).restarts;
}

/** The same without a supervisor: started by hand, and asked as soon as it listens. */
export async function askBare(
  rig: ColdRig,
  { ms, count }: { readonly ms: number; readonly count: number },
): Promise<number> {
  await using directory = await rig.yard.directory();
  const path = join(directory.path, "engine.sock");
  const env = { AI_ENGINE_SOCKET: path };
  await using engine: OwnedProcess = rig.yard.spawn(coldEngine(rig, ms), { env });
  const address = { transport: "unix", path } as const;
  await untilListening(path);
  await askMany(address, { request: { method: "GET", target: "/" }, count });
  return performance.now() - engine.startedAt;
}

async function askMany(
  address: Address,
  { request, count }: { readonly request: RawRequest; readonly count: number },
): Promise<void> {
  await Promise.all(Array.from({ length: count }, () => askOk(address, request)));
}

/** Between two looks for the socket. */
const STEP_MS = 0.2;
const START_LIMIT_MS = 30_000;

/** Blocks this thread between two looks: a timer is too coarse. */
async function untilListening(path: string): Promise<void> {
  const deadline = performance.now() + START_LIMIT_MS;
  const cell = new Int32Array(new SharedArrayBuffer(4));
  while (performance.now() < deadline) {
    try {
      Deno.lstatSync(path);
      (await Deno.connect({ transport: "unix", path })).close();
      return;
    } catch {
      Atomics.wait(cell, 0, 0, STEP_MS);
    }
  }
  throw new Error(`nothing listens on ${path}`);
}
