/** What the first request to a stopped engine takes more than it does of the bare engine. */
import { interleave } from "../bench/interleave.ts";
import { inColumns } from "../bench/rig.ts";
import { measured, reference, type Row } from "../bench/row.ts";
import { median } from "../bench/stats.ts";
import { formatFigure } from "../bench/table.ts";
import { askBare, askCold, type ColdRig, restartsOf, startProgram } from "./cold_rig.ts";

/** Rounds are fewer the longer they take. */
const ROUNDS = 40;
const LONG_ROUNDS = 25;
const LONG_MS = 500;

export async function coldRow(
  rig: ColdRig,
  { ms, count = 1 }: {
    /** After which the engine is ready. */
    readonly ms: number;
    /** First requests at once. @default 1 */
    readonly count?: number;
  },
): Promise<Row> {
  const rounds = rig.isQuick ? 5 : ms < LONG_MS ? ROUNDS : LONG_ROUNDS;
  const columns = await inColumns(rig, async (subject) => {
    await using program = await startProgram(rig, { subject, ms });
    const { ours, bare } = await interleave({
      ours: async () => [await askCold(program, count)],
      bare: async () => [await askBare(rig, { ms, count })],
    }, { rounds });
    // One start each, with the warm-up.
    const starts = await restartsOf(program) + 1;
    if (starts !== rounds + 1) throw new Error(`${starts} starts in ${rounds + 1} rounds`);
    const added = ours.map((took, round) => took - (bare[round] ?? NaN));
    return measured(added, {
      references: [reference("bare engine", bare)],
      detail: `answered after ${formatFigure(median(ours))} ms`,
    });
  });
  return {
    quantity: count === 1
      ? `ready after ${ms} ms: added to the first request`
      : `ready after ${ms} ms, ${count} first requests at once, one start: added to the last answer`,
    unit: "ms",
    target: count === 1 ? { kind: "at_most", limit: 5, p95: 15 } : null,
    ...columns,
  };
}
