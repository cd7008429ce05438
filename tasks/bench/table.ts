/** The table as Markdown. */
import type { Column, Reference, Row, Target, Unit } from "./row.ts";
import { median, percentile, spread } from "./stats.ts";

const HEADER = "| quantity | from source | target | | reference, same run | executable |";
const RULE = "| --- | --- | --- | --- | --- | --- |";

/** Whether the figures keep what was promised; `not measured` where that can't be told. */
export type Verdict = "ok" | "**missed**" | "not measured" | "";

/** A line for each row below a header, each ending with a newline. */
export function renderTable(rows: readonly Row[]): string {
  return [HEADER, RULE, ...rows.map(renderRow)].map((line) => `${line}\n`).join("");
}

/** Whether the column from source keeps the row's promise. */
export function judge({ source, target }: Pick<Row, "source" | "target">): Verdict {
  if (target === null) return "";
  if (source.kind === "absent") return "not measured";
  const value = median(source.samples);
  if (target.kind === "at_most") {
    const { limit, p95 = Infinity } = target;
    return value <= limit && percentile(source.samples, 95) <= p95 ? "ok" : "**missed**";
  }
  const first = source.references[0];
  if (first?.kind !== "measured") return "not measured";
  const base = median(first.samples);
  const limit = target.kind === "added" ? base + target.limit : base * target.limit;
  return value <= limit ? "ok" : "**missed**";
}

/** About three digits, without trailing zeros being cut. */
export function formatFigure(value: number): string {
  const size = Math.abs(value);
  return value.toFixed(size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3);
}

function renderRow(row: Row): string {
  return renderCells([...cellsOf(row), renderExecutable(row.executable, row)]);
}

/** The cells of a row but that of the executable. */
export function cellsOf(row: Omit<Row, "executable">): readonly string[] {
  const { quantity, unit, target, source } = row;
  return [
    quantity,
    renderColumn(source, row),
    target === null ? "" : renderTarget(target, unit),
    judge(row),
    renderReferences(source, unit),
  ];
}

/** A line of a table, without its end. */
export function renderCells(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
}

function renderColumn(column: Column, { unit, target }: Pick<Row, "unit" | "target">): string {
  if (column.kind === "absent") return `not measured: ${column.why}`;
  const compared = target === null ? "" : renderCompared(column, target, unit);
  const parts = [renderSamples(column.samples, unit), compared, column.detail ?? ""];
  return parts.filter((part) => part !== "").join("; ");
}

/** With its own references in the same cell. */
function renderExecutable(column: Column, row: Row): string {
  const cell = renderColumn(column, row);
  const references = renderReferences(column, row.unit);
  return references === "" ? cell : `${cell} [${references}]`;
}

function renderReferences(column: Column, unit: Unit): string {
  if (column.kind === "absent") return "";
  return column.references.map((one) => `${one.name} ${renderReference(one, unit)}`).join("; ");
}

function renderReference(one: Reference, unit: Unit): string {
  return one.kind === "absent" ? `not measured: ${one.why}` : renderSamples(one.samples, unit);
}

function renderSamples(samples: readonly number[], unit: Unit): string {
  const apart = spread(samples, formatFigure);
  return `${formatFigure(median(samples))} ${unit}${apart === "" ? "" : ` (${apart})`}`;
}

function renderTarget(target: Target, unit: Unit): string {
  switch (target.kind) {
    case "at_most":
      return [
        `≤ ${target.limit} ${unit}`,
        ...(target.p95 === undefined ? [] : [`p95 ≤ ${target.p95} ${unit}`]),
      ].join(", ");
    case "added":
      return `≤ +${target.limit} ${unit}`;
    case "ratio":
      return `≤ ${target.limit} ×`;
  }
}

/** The figure against its first reference, in the target's terms. */
function renderCompared(
  column: Extract<Column, { kind: "measured" }>,
  target: Target,
  unit: Unit,
): string {
  const first = column.references[0];
  if (target.kind === "at_most" || first?.kind !== "measured") return "";
  const [value, base] = [median(column.samples), median(first.samples)];
  if (target.kind === "ratio") return `${(value / base).toFixed(2)} ×`;
  const added = value - base;
  return `${added < 0 ? "−" : "+"}${formatFigure(Math.abs(added))} ${unit}`;
}
