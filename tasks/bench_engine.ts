/**
 * `deno task bench:engine [--quick] [--write] [--executable PATH] [ROW…]`: measures the Python engine:
 * its embeddings beside llama.cpp called directly, its starts, its memory, and what it costs the
 * executable that carries it. Needs `build` and `build --bare`. Nothing is asserted: what is missed is
 * said in the table. `--write` puts it into docs/performance.md.
 */
import { runBench } from "./bench/run_bench.ts";
import { type EngineRig, setUpEngineRig } from "./bench_engine/engine_rig.ts";
import { type EngineRow, renderEngineTable } from "./bench_engine/engine_table.ts";
import { carryingRow, givenBackRows } from "./bench_engine/rows/memory.ts";
import { firstEmbeddingRow, listeningRow, readyRow } from "./bench_engine/rows/starts.ts";
import { embeddingRow } from "./bench_engine/rows/throughput.ts";

const ALONE = { load: { count: 1, calls: 20 }, target: { kind: "added", limit: 4 } } as const;
const TOGETHER = { load: { count: 1, callers: 16, calls: 5 } } as const;
const EIGHT = { load: { count: 8, calls: 5 } } as const;
const MANY = { load: { count: 64, calls: 1 } } as const;

type Measure = (rig: EngineRig) => Promise<readonly EngineRow[]>;

function inBothForms(of: Omit<Parameters<typeof embeddingRow>[1], "form">): Measure {
  return async (rig) => [
    await embeddingRow(rig, { ...of, form: "source" }),
    await embeddingRow(rig, { ...of, form: "packed" }),
  ];
}

/** What can be named, and measures it. */
const ROWS: Readonly<Record<string, Measure>> = {
  "one": inBothForms(ALONE),
  "sixteen-at-once": inBothForms(TOGETHER),
  "batch-8": inBothForms(EIGHT),
  "batch-64": inBothForms(MANY),
  "ready": async (rig) => [await readyRow(rig)],
  "first": async (rig) => [await firstEmbeddingRow(rig)],
  "memory": givenBackRows,
  "listening": async (rig) => [await listeningRow(rig)],
  "carrying": async (rig) => [await carryingRow(rig)],
};

Deno.exit(
  await runBench(Deno.args, {
    task: "bench:engine",
    setUp: setUpEngineRig,
    rows: ROWS,
    render: (found) => renderEngineTable(found.flat()),
  }),
);
