/** The table of the Python engine, as Markdown. */
import type { Row } from "../bench/row.ts";
import { cellsOf, renderCells } from "../bench/table.ts";

/** What was measured is in `source`. */
export type EngineRow = Omit<Row, "executable">;

const HEADER = ["quantity", "measured", "target", "", "reference, same run"];

/** A line for each row below a header, each ending with a newline. */
export function renderEngineTable(rows: readonly EngineRow[]): string {
  const lines = [HEADER, HEADER.map(() => "---"), ...rows.map(cellsOf)];
  return lines.map((cells) => `${renderCells(cells)}\n`).join("");
}
