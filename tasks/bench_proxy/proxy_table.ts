/** The table of proxies as Markdown. */
import { spread } from "../bench/stats.ts";
import { formatFigure } from "../bench/table.ts";
import type { SideSamples } from "./measure_sides.ts";
import { judgeSide, medianOf, type ProxyRow, type ProxyTarget } from "./proxy_row.ts";
import type { SideName } from "./sides.ts";

/** The columns of sides before the target, with their titles. */
const COLUMNS = {
  direct: "backend alone",
  bare: "bare Deno loop",
  nginx: "nginx",
  caddy: "Caddy",
  haproxy: "HAProxy",
  ours: "ours, from source",
} as const satisfies Partial<Record<SideName, string>>;

const HEADER = ["quantity", "unit", ...Object.values(COLUMNS), "target", "", "executable"];

/** A line for each row below a header, each ending with a newline. */
export function renderProxyTable(rows: readonly ProxyRow[]): string {
  const lines = [HEADER, HEADER.map(() => "---"), ...rows.map(cellsOf)];
  return lines.map((cells) => `| ${cells.map(escape).join(" | ")} |\n`).join("");
}

function cellsOf(row: ProxyRow): readonly string[] {
  const columns = Object.keys(COLUMNS) as (keyof typeof COLUMNS)[];
  return [
    row.quantity,
    row.unit,
    ...columns.map((name) => renderSamples(row.sides[name])),
    row.targets.map((target) => renderTarget(target, row)).join("<br>"),
    row.targets.map((target) => renderOutcome(row, target, "ours")).join("<br>"),
    renderExecutable(row),
  ];
}

function renderSamples(side: SideSamples<number>): string {
  const value = medianOf(side);
  if (side.kind === "absent") return side.why === "" ? "" : `not measured: ${side.why}`;
  if (value === null) return "not measured";
  const apart = spread(side.samples, format);
  return `${format(value)}${apart === "" ? "" : ` (${apart})`}`;
}

/** Never judged: built on another runtime. */
function renderExecutable(row: ProxyRow): string {
  const ratios = row.targets.flatMap((target) => {
    const found = judgeSide(row, { target, side: "executable" });
    return found.verdict === "unknown" || found.ratio === null
      ? []
      : [`${found.ratio.toFixed(2)} ×`];
  });
  return [renderSamples(row.sides.executable), ...ratios].join("; ");
}

function renderTarget(target: ProxyTarget, { unit }: ProxyRow): string {
  switch (target.kind) {
    case "at_most":
      return `≤ ${target.limit} ${unit}`;
    case "at_least":
      return `≥ ${target.limit} ${unit}`;
    case "added":
      return `≤ backend + ${target.limit} ${unit}`;
    case "at_least_times":
      return `≥ ${target.times} × ${namesOf(target.of)}`;
    case "at_most_times":
      return `≤ ${target.times} × ${namesOf(target.of)}`;
  }
}

function namesOf(sides: readonly SideName[]): string {
  const names = sides.map((side) => side in COLUMNS ? COLUMNS[side as keyof typeof COLUMNS] : side);
  return names.length === 1 ? names.join() : "the best";
}

function renderOutcome(row: ProxyRow, target: ProxyTarget, side: SideName): string {
  const found = judgeSide(row, { target, side });
  if (found.verdict === "unknown") return "not measured";
  const word = found.verdict === "ok" ? "ok" : "**missed**";
  return found.ratio === null ? word : `${found.ratio.toFixed(2)} × ${word}`;
}

/** About three digits, thousands set apart. */
function format(value: number): string {
  if (Math.abs(value) < 1_000) return formatFigure(value);
  return Math.round(value).toLocaleString("en-US");
}

function escape(cell: string): string {
  return cell.replaceAll("|", "\\|");
}
