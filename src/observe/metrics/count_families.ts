/** What happened to engines, as families. */
import type { EngineCount, EngineCounts } from "./engine_counts.ts";
import type { Histogram } from "./histogram.ts";
import type { Distribution, Labels, MetricFamily, Sample } from "./metric_family.ts";

export function countFamilies({ engines }: EngineCounts): readonly MetricFamily[] {
  const samples = (
    pick: (count: EngineCount) => ReadonlyMap<string, number>,
    label: string,
  ): readonly Sample[] =>
    Array.from(engines).flatMap(([engine, count]) =>
      Array.from(pick(count), ([key, value]) => ({ labels: { engine, [label]: key }, value }))
    );
  return [
    {
      name: "ai_engine_starts",
      help: "Starts that have ended, by how: ready, failed, or cancelled by a stop.",
      type: "counter",
      samples: samples(({ starts }) => starts, "result"),
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
      samples: samples(({ stops }) => stops, "reason"),
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
