/** A line of the table of proxies, and whether ours keeps what was promised. */
import { median } from "../bench/stats.ts";
import type { AllSamples, SideSamples } from "./measure_sides.ts";
import { bySide, type SideName } from "./sides.ts";

export type ProxyUnit = "req/s" | "events/s" | "MB/s" | "ms" | "µs" | "MiB" | "×";

/** A promise about the median of ours. */
export type ProxyTarget =
  | { readonly kind: "at_most"; readonly limit: number }
  | { readonly kind: "at_least"; readonly limit: number }
  /** More than the backend alone by at most `limit`, in the row's unit. */
  | { readonly kind: "added"; readonly limit: number }
  /** At least, or at most, `times` what the best of these sides has. */
  | {
    readonly kind: "at_least_times" | "at_most_times";
    readonly times: number;
    readonly of: readonly [SideName, ...SideName[]];
  };

export interface ProxyRow {
  readonly quantity: string;
  readonly unit: ProxyUnit;
  readonly targets: readonly ProxyTarget[];
  readonly sides: AllSamples<number>;
}

/** Whether a promise is kept; `unknown` where something to compare was not measured. */
export type Outcome = { readonly verdict: "ok" | "missed"; readonly ratio: number | null } | {
  readonly verdict: "unknown";
};

/** One figure out of each sample. */
export function pick<Sample>(
  all: AllSamples<Sample>,
  figure: (sample: Sample) => number,
): AllSamples<number> {
  return mapSamples(all, (samples) => samples.map(figure));
}

/** The highest sample of each side: what is promised of a peak has to hold in every round. */
export function highest(all: AllSamples<number>): AllSamples<number> {
  return mapSamples(all, (samples) => samples.length === 0 ? [] : [Math.max(...samples)]);
}

/** What each proxy has more than the middle of the backend alone. */
export function addedToDirect(all: AllSamples<number>): AllSamples<number> {
  const base = medianOf(all.direct);
  const added = base === null
    ? bySide(() => ({ kind: "absent", why: "the backend alone was not measured" } as const))
    : mapSamples(all, (samples) => samples.map((sample) => sample - base));
  return { ...added, direct: { kind: "absent", why: "" } };
}

/** Holds a side of the row, normally ours, against one of its targets. */
export function judgeSide(
  { sides }: Pick<ProxyRow, "sides">,
  { target, side }: { readonly target: ProxyTarget; readonly side: SideName },
): Outcome {
  const value = medianOf(sides[side]);
  if (value === null) return { verdict: "unknown" };
  if (target.kind === "at_most") return outcome(value <= target.limit);
  if (target.kind === "at_least") return outcome(value >= target.limit);
  if (target.kind === "added") {
    const base = medianOf(sides.direct);
    return base === null ? { verdict: "unknown" } : outcome(value - base <= target.limit);
  }
  const others = target.of.map((name) => medianOf(sides[name])).filter((one) => one !== null);
  if (others.length < target.of.length) return { verdict: "unknown" };
  const isMost = target.kind === "at_most_times";
  const ratio = value / (isMost ? Math.min(...others) : Math.max(...others));
  return outcome(isMost ? ratio <= target.times : ratio >= target.times, ratio);
}

/** The middle sample; `null` where there is none. */
export function medianOf(side: SideSamples<number>): number | null {
  return side.kind === "absent" || side.samples.length === 0 ? null : median(side.samples);
}

function outcome(isKept: boolean, ratio: number | null = null): Outcome {
  return { verdict: isKept ? "ok" : "missed", ratio };
}

function mapSamples<From, To>(
  all: AllSamples<From>,
  map: (samples: readonly From[]) => readonly To[],
): AllSamples<To> {
  return bySide((name) => {
    const one = all[name];
    return one.kind === "absent" ? one : { kind: "measured", samples: map(one.samples) };
  });
}
