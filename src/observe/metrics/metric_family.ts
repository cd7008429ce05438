/**
 * What is exposed: families of samples as Prometheus knows them. Names follow its conventions: base units,
 * `_total` for what only grows.
 *
 * @module
 */

export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** How often, and how long in all. */
export interface Distribution {
  readonly labels: Readonly<Record<string, string>>;
  /** Of each upper bound of `BUCKETS_S`: how many were at most that. */
  readonly atMost: readonly number[];
  readonly count: number;
  readonly sum: number;
}

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

/** Upper bounds of the buckets of every histogram, seconds. */
export const BUCKETS_S = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300] as const;
