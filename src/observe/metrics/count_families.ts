/** What happened to engines, as families. */
import { type EngineCounts, START_RESULTS } from "./engine_counts.ts";
import type { Histogram } from "./histogram.ts";
import type { Distribution, Labels, MetricFamily } from "./metric_family.ts";

/** Of the engines `names` how starts ended is told from the beginning: a first failure is an increase then. */
export function countFamilies(
  { engines }: EngineCounts,
  names: readonly string[],
): readonly MetricFamily[] {
  return [
    {
      name: "ai_engine_starts",
      help: "Starts that have ended, by how: ready, failed, or cancelled by a stop.",
      type: "counter",
      samples: [...new Set([...names, ...engines.keys()])].flatMap((engine) =>
        START_RESULTS.map((result) => ({
          labels: { engine, result },
          value: engines.get(engine)?.starts.get(result) ?? 0,
        }))
      ),
    },
    {
      name: "ai_engine_start_seconds",
      help: "From the begin of a start to readiness.",
      type: "histogram",
      samples: Array.from(
        engines,
        ([engine, { startTimes }]) => toDistribution(startTimes, { engine }),
      ),
    },
    {
      name: "ai_engine_stops",
      help: "How often an engine came to be stopped, by the reason.",
      type: "counter",
      samples: Array.from(engines).flatMap(([engine, { stops }]) =>
        Array.from(stops, ([reason, value]) => ({ labels: { engine, reason }, value }))
      ),
    },
  ];
}

/** In seconds, each bucket with those below it. */
export function toDistribution(histogram: Histogram, labels: Labels): Distribution {
  const { boundsMs, counts, sumMs } = histogram;
  let count = 0;
  const atMost = Array.from(counts, (one) => count += one);
  return {
    labels,
    bounds: Array.from(boundsMs, (ms) => ms / 1_000),
    atMost: atMost.slice(0, -1),
    count,
    sum: sumMs / 1_000,
  };
}
