/** What the packed engine takes, gives back, and costs the program that carries it. PSS out of /proc. */
import { interleave } from "../../bench/interleave.ts";
import { readMemory } from "../../bench/proc_files.ts";
import type { Program } from "../../bench/program.ts";
import { measured, reference } from "../../bench/row.ts";
import { median } from "../../bench/stats.ts";
import { formatFigure } from "../../bench/table.ts";
import { EmbeddingClient } from "../embeddings.ts";
import { type EngineRig, need } from "../engine_rig.ts";
import type { EngineRow } from "../engine_table.ts";
import { askedOf, ENGINE, startProgram, unpack } from "../start_program.ts";

/** After which a process is taken to have settled. */
const SETTLE_MS = 1_000;

/** One look at the three moments of a cycle, MiB. */
interface Cycle {
  readonly before: number;
  readonly supervisor: number;
  readonly loaded: number;
  readonly after: number;
}

/** Of supervisor and engine with its model, before the start, loaded, and after the stop. */
export async function givenBackRows(rig: EngineRig): Promise<readonly EngineRow[]> {
  await using data = await rig.yard.directory();
  const where = { path: need(rig.executable), data: data.path };
  await unpack(rig, where);
  await using program = await startProgram(rig, where);
  using client = new EmbeddingClient(askedOf(program));
  const cycles: Cycle[] = [];
  for (let round = -1; round < (rig.isQuick ? 2 : 7); round++) {
    const cycle = await runCycle(program, client);
    if (round >= 0) cycles.push(cycle);
  }
  const middle = (pick: (cycle: Cycle) => number) => median(cycles.map(pick));
  const taken = middle(({ before, loaded }) => loaded - before);
  const moments = [middle((c) => c.before), middle((c) => c.loaded), middle((c) => c.after)];
  const [before = "", loaded = "", after = ""] = moments.map(formatFigure);
  const back = middle((cycle) =>
    100 * (cycle.loaded - cycle.after) / (cycle.loaded - cycle.before)
  );
  return [{
    quantity: "memory kept after a stop, supervisor and engine with its model (95 % is to be back)",
    unit: "MiB",
    target: { kind: "at_most", limit: Math.floor(taken / 2) / 10 },
    source: measured(cycles.map((cycle) => cycle.after - cycle.before), {
      detail: `before ${before}, loaded ${loaded}, after ${after}: ${back.toFixed(1)} % is back`,
    }),
  }, {
    quantity: "the supervisor while the model is loaded, over before",
    unit: "MiB",
    target: { kind: "at_most", limit: 8 },
    source: measured(cycles.map((cycle) => cycle.supervisor - cycle.before)),
  }];
}

async function runCycle(program: Program, client: EmbeddingClient): Promise<Cycle> {
  const before = await settledMemory(program);
  await client.measure({ count: 8, calls: 1 });
  const supervisor = await settledMemory(program);
  const { pid } = await program.facts(ENGINE);
  if (pid === null) throw new Error(`${ENGINE} has no process`);
  const loaded = supervisor + await treeMemory(pid);
  await program.change(ENGINE, "stop");
  return { before, supervisor, loaded, after: await settledMemory(program) };
}

async function settledMemory(program: Program): Promise<number> {
  await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
  return (await readMemory(program.process.pid)).pss;
}

/** Of a process and its children. */
async function treeMemory(pid: number): Promise<number> {
  const children = await Deno.readTextFile(`/proc/${pid}/task/${pid}/children`);
  let sum = (await readMemory(pid)).pss;
  for (const child of children.trim().split(" ").filter(Boolean)) {
    sum += await treeMemory(Number(child));
  }
  return sum;
}

/** The supervisor that carries an engine, beside one that does not. */
export async function carryingRow(rig: EngineRig): Promise<EngineRow> {
  await using data = await rig.yard.directory();
  const carrying = { path: need(rig.executable), data: data.path };
  await unpack(rig, carrying);
  const look = (where: typeof carrying) => async () => {
    await using program = await startProgram(rig, where);
    return [await settledMemory(program)];
  };
  const { ours, bare } = await interleave(
    { ours: look(carrying), bare: look({ ...carrying, path: need(rig.bare) }) },
    { rounds: rig.isQuick ? 3 : 15 },
  );
  return {
    quantity: "supervisor alone, with the engine in the executable (PSS)",
    unit: "MiB",
    target: { kind: "added", limit: 1 },
    source: measured(ours, { references: [reference("without", bare)] }),
  };
}
