/** Content negotiation as far as we need it: one media type against another. */

/** The weight that an `Accept` value gives to `type`; the most specific range counts. */
function weightOf(accept: string, type: string): number {
  const ranges = [type, `${type.split("/")[0]}/*`, "*/*"];
  let best = { rank: ranges.length, weight: 0 };
  for (const item of accept.toLowerCase().split(",")) {
    const [range = "", ...parameters] = item.split(";").map((part) => part.trim());
    const rank = ranges.indexOf(range);
    if (rank === -1 || rank >= best.rank) continue;
    const q = parameters.find((parameter) => parameter.startsWith("q="));
    const weight = q === undefined ? 1 : Number(q.slice(2));
    best = { rank, weight: Number.isNaN(weight) ? 0 : weight };
  }
  return best.weight;
}

/**
 * Whether a request with this `Accept` would rather have `type` than JSON. Without the header, and
 * when both are as welcome, JSON it is.
 */
export function prefers(accept: string | null, type: string): boolean {
  return accept !== null && weightOf(accept, type) > weightOf(accept, "application/json");
}
