/** How fast it is there: the packed engine, its first embedding, and the program that carries it. */
import { BareEngine } from "../../bench/bare_engine.ts";
import { interleave } from "../../bench/interleave.ts";
import { measured, reference } from "../../bench/row.ts";
import { EmbeddingClient } from "../embeddings.ts";
import { engineOf, type EngineRig, need } from "../engine_rig.ts";
import type { EngineRow } from "../engine_table.ts";
import { askedOf, ENGINE, startProgram, unpack } from "../start_program.ts";

export async function readyRow(rig: EngineRig): Promise<EngineRow> {
  const start = (form: "source" | "packed") => async () => {
    await using engine = await BareEngine.start(rig.yard, engineOf(rig, form));
    return [engine.readyAfterMs];
  };
  const { packed, source } = await interleave(
    { packed: start("packed"), source: start("source") },
    { rounds: rig.isQuick ? 3 : 25, warmUps: 2 },
  );
  return {
    quantity: "spawn to ready, packed engine",
    unit: "ms",
    target: { kind: "ratio", limit: 1.3 },
    source: measured(packed, { references: [reference("from source", source)] }),
  };
}

/** Through the executable, whose engine is unpacked and stopped. */
export async function firstEmbeddingRow(rig: EngineRig): Promise<EngineRow> {
  await using data = await rig.yard.directory();
  const where = { path: need(rig.executable), data: data.path };
  const unpackedMs = await unpack(rig, where);
  await using program = await startProgram(rig, where);
  using client = new EmbeddingClient(askedOf(program));
  const samples: number[] = [];
  for (let round = 0; round < (rig.isQuick ? 3 : 15); round++) {
    samples.push(await client.measure({ count: 1, calls: 1 }));
    await program.change(ENGINE, "stop");
  }
  return {
    quantity: "first embedding of a stopped engine, through the executable",
    unit: "ms",
    target: { kind: "at_most", limit: 1_000 },
    source: measured(samples, {
      detail: `the first start of all, with unpacking: ${unpackedMs.toFixed(0)} ms`,
    }),
  };
}

export async function listeningRow(rig: EngineRig): Promise<EngineRow> {
  await using data = await rig.yard.directory();
  const carrying = { path: need(rig.executable), data: data.path };
  await unpack(rig, carrying);
  const start = (where: typeof carrying) => async () => {
    await using program = await startProgram(rig, where);
    return [program.listeningAfterMs];
  };
  const { ours, bare } = await interleave(
    { ours: start(carrying), bare: start({ ...carrying, path: need(rig.bare) }) },
    { rounds: rig.isQuick ? 5 : 40, warmUps: 2 },
  );
  return {
    quantity: "process start to listening, with the engine in the executable",
    unit: "ms",
    target: { kind: "added", limit: 5 },
    source: measured(ours, { references: [reference("without", bare)] }),
  };
}
