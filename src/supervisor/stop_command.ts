/**
 * The command that ends what an engine's command has started: run once, in a group of its own, bounded
 * by the grace. It decides nothing: when it is over, or is not, the ladder of the stop goes on.
 *
 * @module
 */
import {
  type OutputStream,
  type ProcessTree,
  sleep,
  type SpawnSpec,
  toAiEngineError,
} from "../core/mod.ts";
import { drainOutput } from "./drain_output.ts";
import type { ProcessPorts } from "./process_ports.ts";

/** Pause between two looks whether something of it is left. */
const LOOK_MS = 10;

export interface StopCommandOptions {
  readonly engine: string;
  readonly spec: SpawnSpec;
  readonly graceMs: number;
  readonly ports: Pick<ProcessPorts, "clock" | "output" | "processes">;
  /** Fires when nobody waits for it any more. */
  readonly signal: AbortSignal;
  readonly onNotice: (title: string, detail: string) => void;
}

/** Resolves when nothing of it is left. Never rejects. */
export async function runStopCommand(options: StopCommandOptions): Promise<void> {
  const { engine, spec, graceMs, ports: { clock, output, processes }, signal, onNotice } = options;
  const tell = (how: string) => onNotice("Stop command failed", `${spec.argv.join(" ")} ${how}.`);
  let tree: ProcessTree;
  try {
    tree = processes.spawn(spec);
  } catch (error) {
    return tell(`could not be started: ${toAiEngineError(error).message}`);
  }
  const over = new AbortController();
  const drain = (stream: ReadableStream<Uint8Array>, name: OutputStream) =>
    drainOutput(stream, { sink: output.sink(engine, name), signal: over.signal });
  const drained = Promise.all([drain(tree.stdout, "stdout"), drain(tree.stderr, "stderr")]);
  const limit = sleep(clock, graceMs, AbortSignal.any([over.signal, signal])).then(() => null);
  const exit = await Promise.race([tree.exited, limit]);
  if (exit === null) tell("was not done within the grace, and was ended");
  else if (exit.code !== 0) tell(`ended with code ${exit.code}`);
  // Its group, also what it has left behind.
  tree.signal("SIGKILL");
  await tree.exited;
  await tree.killStrays().catch(() => 0);
  while (!signal.aborted && await tree.hasGroup().catch(() => false)) {
    await sleep(clock, LOOK_MS, signal);
  }
  tree.release();
  over.abort();
  await drained;
}
