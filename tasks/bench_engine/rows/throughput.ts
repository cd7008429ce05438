/** Embeddings through an engine beside llama.cpp called directly. */
import { BareEngine } from "../../bench/bare_engine.ts";
import { interleave } from "../../bench/interleave.ts";
import { measured, reference, type Target } from "../../bench/row.ts";
import { median } from "../../bench/stats.ts";
import { DirectLlama, EmbeddingClient, type Load } from "../embeddings.ts";
import { engineOf, type EngineRig } from "../engine_rig.ts";
import type { EngineRow } from "../engine_table.ts";

/** The time of 0.95 of the throughput. */
const AS_FAST: Target = { kind: "ratio", limit: 1.053 };

export async function embeddingRow(
  rig: EngineRig,
  { form, load, target }: {
    readonly form: "source" | "packed";
    readonly load: Load;
    /** @default 0.95 of the throughput */
    readonly target?: Target;
  },
): Promise<EngineRow> {
  await using engine = await BareEngine.start(rig.yard, engineOf(rig, form));
  using client = new EmbeddingClient({ socketPath: engine.socket });
  const direct = await DirectLlama.start(rig.yard);
  const calls = rig.isQuick ? Math.ceil(load.calls / 5) : load.calls;
  const one = { ...load, calls };
  const { ours, bare } = await interleave({
    ours: async () => [await client.measure(one)],
    bare: async () => [await direct.measure(one)],
  }, { rounds: rig.isQuick ? 3 : 15, warmUps: 2 });
  const callers = load.callers === undefined ? "" : `, ${load.callers} in flight`;
  const texts = load.count === 1 ? "1 text" : `${load.count} texts`;
  return {
    quantity: `${texts} a request${callers}, engine ${inWords(form)}: time of one`,
    unit: "ms",
    target: target ?? AS_FAST,
    source: measured(ours, {
      references: [reference("xllamacpp directly", bare)],
      detail: `${(median(bare) / median(ours)).toFixed(3)} of the throughput`,
    }),
  };
}

function inWords(form: "source" | "packed"): string {
  return form === "source" ? "from source" : "packed";
}
