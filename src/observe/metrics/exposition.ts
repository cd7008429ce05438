/**
 * Families as text: Prometheus' own format, or OpenMetrics.
 * https://prometheus.io/docs/instrumenting/exposition_formats/
 *
 * @module
 */
import { BUCKETS_S, type Distribution, type MetricFamily } from "./metric_family.ts";

export type MetricsFormat = "prometheus" | "openmetrics";

/** The `Content-Type` of each. */
export const METRICS_TYPES: Readonly<Record<MetricsFormat, string>> = {
  prometheus: "text/plain; version=0.0.4; charset=utf-8",
  openmetrics: "application/openmetrics-text; version=1.0.0; charset=utf-8",
};

/** All of them, each with its help and type; a family without samples is left out. */
export function exposeMetrics(families: readonly MetricFamily[], format: MetricsFormat): string {
  const text = families.filter(({ samples }) => samples.length > 0)
    .map((family) => exposeFamily(family, format)).join("");
  return format === "openmetrics" ? `${text}# EOF\n` : text;
}

function exposeFamily(family: MetricFamily, format: MetricsFormat): string {
  const { name, help, type } = family;
  const total = type === "counter" ? `${name}_total` : name;
  // OpenMetrics names the family, Prometheus' own format the sample.
  const title = format === "openmetrics" ? name : total;
  const lines = [`# HELP ${title} ${escapeText(help)}`, `# TYPE ${title} ${type}`];
  if (family.type === "histogram") {
    lines.push(...family.samples.flatMap((one) => exposeDistribution(name, one)));
  } else {
    lines.push(...family.samples.map(({ labels, value }) => toLine(total, labels, value)));
  }
  return lines.map((line) => `${line}\n`).join("");
}

function exposeDistribution(name: string, { labels, atMost, count, sum }: Distribution): string[] {
  const bounds = [...BUCKETS_S.map(toNumber), "+Inf"];
  return [
    ...bounds.map((le, i) => toLine(`${name}_bucket`, { ...labels, le }, atMost[i] ?? count)),
    toLine(`${name}_sum`, labels, sum),
    toLine(`${name}_count`, labels, count),
  ];
}

function toLine(name: string, labels: Readonly<Record<string, string>>, value: number): string {
  const pairs = Object.entries(labels).map(([key, text]) => `${key}="${escapeLabel(text)}"`);
  return `${name}${pairs.length === 0 ? "" : `{${pairs.join(",")}}`} ${toNumber(value)}`;
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
