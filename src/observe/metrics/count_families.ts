/** What happened to engines, as families. */
import { type EngineCounts, START_RESULTS } from "./engine_counts.ts";
import type { Histogram } from "./histogram.ts";
import type { Distribution, Labels, MetricFamily } from "./metric_family.ts";

export function countFamilies({ engines }: EngineCounts): readonly MetricFamily[] {
  return [
    {
      name: "ai_engine_starts",
      help: "Starts that have ended, by how: ready, failed, or cancelled by a stop.",
      type: "counter",
      // Those that there were none of, too: the first one is an increase then.
      samples: Array.from(engines).flatMap(([engine, { starts }]) =>
        START_RESULTS.map((result) => ({
          labels: { engine, result },
          value: starts.get(result) ?? 0,
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
