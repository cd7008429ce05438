/**
 * What is exposed: families of samples as Prometheus knows them. Names follow its conventions: base units,
 * `_total` for what only grows.
 *
 * @module
 */

export type Labels = Readonly<Record<string, string>>;

export interface Sample {
  readonly labels: Labels;
  readonly value: number;
}

/** How often, and how long in all. */
export interface Distribution {
  readonly labels: Labels;
  /** Upper bounds of the buckets, seconds. */
  readonly bounds: readonly number[];
  /** Of each bound: how many were at most that. */
  readonly atMost: readonly number[];
  readonly count: number;
  readonly sum: number;
}

/** One of ours. */
export type MetricFamily =
  & {
    /** Without `_total`. */
    readonly name: string;
    readonly help: string;
  }
  & (
    | { readonly type: "gauge" | "counter"; readonly samples: readonly Sample[] }
    | { readonly type: "histogram"; readonly samples: readonly Distribution[] }
  );

/** What Prometheus' own format calls one of ours: as its samples. */
export function titleOf({ name, type }: Pick<MetricFamily, "name" | "type">): string {
  return type === "counter" ? `${name}_total` : name;
}

/** One that engines have told, as they told it. */
export interface ToldFamily {
  /** As in Prometheus' own format: of a counter the name of its samples. */
  readonly name: string;
  readonly type: ToldType;
  /** `null` = nothing was said of it. */
  readonly help: string | null;
  readonly samples: readonly ToldSample[];
}

export type ToldType = "counter" | "gauge" | "histogram" | "summary" | "untyped";

export interface ToldSample {
  /** The family's, or that and `_bucket`, `_sum` or `_count`. */
  readonly name: string;
  readonly labels: Labels;
  /** A number as text: what is not calculated with keeps its digits. */
  readonly value: string;
}

/** The names that samples of a family may have. */
export function sampleNames({ name, type }: Pick<ToldFamily, "name" | "type">): readonly string[] {
  const suffixes = SUFFIXES[type] ?? [];
  return [name, ...suffixes.map((suffix) => name + suffix)];
}

const SUFFIXES: Readonly<Partial<Record<ToldType, readonly string[]>>> = {
  histogram: ["_bucket", "_sum", "_count"],
  summary: ["_sum", "_count"],
};
