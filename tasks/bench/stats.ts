/** Medians and spreads. */

/** From this many samples on the spread is told by the 95th percentile. */
const MANY = 20;

/** The middle value; of an even number the mean of the two in the middle. Throws for none. */
export function median(samples: readonly number[]): number {
  const sorted = sort(samples);
  const middle = sorted.length / 2;
  const upper = sorted[Math.floor(middle)]!;
  return Number.isInteger(middle) ? (sorted[middle - 1]! + upper) / 2 : upper;
}

/** The smallest sample that at least `percent` of all samples do not exceed. Throws for none. */
export function percentile(samples: readonly number[], percent: number): number {
  const sorted = sort(samples);
  return sorted[Math.max(Math.ceil(sorted.length * percent / 100) - 1, 0)]!;
}

/** Arithmetic mean. Throws for none. */
export function mean(samples: readonly number[]): number {
  if (samples.length === 0) throw new RangeError("no samples");
  return samples.reduce((sum, one) => sum + one, 0) / samples.length;
}

/** How far samples lie apart, with `format` applied to each figure; empty for a single one. */
export function spread(samples: readonly number[], format: (value: number) => string): string {
  if (samples.length < 2) return "";
  if (samples.length >= MANY) return `p95 ${format(percentile(samples, 95))}`;
  return `${format(percentile(samples, 0))}–${format(percentile(samples, 100))}`;
}

function sort(samples: readonly number[]): number[] {
  if (samples.length === 0) throw new RangeError("no samples");
  return samples.toSorted((a, b) => a - b);
}
