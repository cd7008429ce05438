/**
 * Families as text: Prometheus' own format, or OpenMetrics.
 * https://prometheus.io/docs/instrumenting/exposition_formats/
 *
 * @module
 */
import {
  type Distribution,
  type Labels,
  type MetricFamily,
  titleOf,
  type ToldFamily,
  type ToldSample,
} from "./metric_family.ts";

export type MetricsFormat = "prometheus" | "openmetrics";

/** The `Content-Type` of each. */
export const METRICS_TYPES: Readonly<Record<MetricsFormat, string>> = {
  prometheus: "text/plain; version=0.0.4; charset=utf-8",
  openmetrics: "application/openmetrics-text; version=1.0.0; charset=utf-8",
};

export interface Exposed {
  readonly ours: readonly MetricFamily[];
  /** What engines have told; what is called as ours stands behind ours. @default nothing */
  readonly told?: readonly ToldFamily[];
}

/** All of them, each with its help and type; a family without samples is left out. */
export function exposeMetrics({ ours, told = [] }: Exposed, format: MetricsFormat): string {
  const names = new Set([...ours, ...told].map(({ name }) => name));
  const toldBy = new Map(told.map((family) => [family.name, family]));
  const titles = new Set(ours.map(titleOf));
  const text = [
    ...ours.map((family) =>
      exposeFamily(family, { format, joined: toldBy.get(titleOf(family))?.samples ?? [] })
    ),
    ...told.filter(({ name }) => !titles.has(name))
      .map((family) => exposeTold(family, { format, names })),
  ].join("");
  return format === "openmetrics" ? `${text}# EOF\n` : text;
}

function exposeFamily(
  family: MetricFamily,
  { format, joined }: { readonly format: MetricsFormat; readonly joined: readonly ToldSample[] },
): string {
  const { name, help, type } = family;
  const total = titleOf(family);
  // OpenMetrics names the family, Prometheus' own format the sample.
  const title = format === "openmetrics" ? name : total;
  const lines = family.type === "histogram"
    ? family.samples.flatMap((one) => exposeDistribution(name, one))
    : family.samples.map(({ labels, value }) => toLine(total, labels, toNumber(value)));
  return withTitle({ title, help, type }, [...lines, ...joined.map(toToldLine)]);
}

/** OpenMetrics has rules for names of counters, which an engine may not know. */
function exposeTold(
  { name, type, help, samples }: ToldFamily,
  { format, names }: { readonly format: MetricsFormat; readonly names: ReadonlySet<string> },
): string {
  const isOpen = format === "openmetrics";
  const base = type === "counter" ? name.replace(/_total$/, "") : name;
  const isNamedWell = type !== "counter" || (base !== name && !names.has(base));
  return withTitle({
    title: isOpen && isNamedWell ? base : name,
    help: help ?? "Told by an engine, without a word on it.",
    type: isOpen && (type === "untyped" || !isNamedWell) ? "unknown" : type,
  }, samples.map(toToldLine));
}

function toToldLine({ name, labels, value }: ToldSample): string {
  return toLine(name, labels, value);
}

function withTitle(
  { title, help, type }: { readonly title: string; readonly help: string; readonly type: string },
  lines: readonly string[],
): string {
  if (lines.length === 0) return "";
  return `# HELP ${title} ${escapeText(help)}\n# TYPE ${title} ${type}\n${lines.join("\n")}\n`;
}

function exposeDistribution(
  name: string,
  { labels, bounds, atMost, count, sum }: Distribution,
): string[] {
  const buckets = [...bounds.map(toNumber), "+Inf"];
  return [
    ...buckets.map((le, i) =>
      toLine(`${name}_bucket`, { ...labels, le }, toNumber(atMost[i] ?? count))
    ),
    toLine(`${name}_sum`, labels, toNumber(sum)),
    toLine(`${name}_count`, labels, toNumber(count)),
  ];
}

function toLine(name: string, labels: Labels, value: string): string {
  const pairs = Object.entries(labels).map(([key, text]) => `${key}="${escapeLabel(text)}"`);
  return `${name}${pairs.length === 0 ? "" : `{${pairs.join(",")}}`} ${value}`;
}

/** OpenMetrics wants a bucket's bound as a decimal number: 1 is `1.0`. */
function toNumber(value: number): string {
  const text = String(value);
  return /^-?\d+$/.test(text) ? `${text}.0` : text;
}

function escapeText(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n");
}

function escapeLabel(text: string): string {
  return escapeText(text).replaceAll('"', '\\"');
}
