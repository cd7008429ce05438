import { assertEquals } from "@std/assert";
import { exposeMetrics } from "../../../src/observe/metrics/exposition.ts";
import type { MetricFamily } from "../../../src/observe/metrics/metric_family.ts";

const FAMILIES: readonly MetricFamily[] = [
  {
    name: "things",
    help: "What is\nthere, \\ and all.",
    type: "counter",
    samples: [{ labels: { name: 'a "b" \\ c\nd' }, value: 3 }, { labels: {}, value: 0.25 }],
  },
  { name: "nothing", help: "No sample.", type: "gauge", samples: [] },
  { name: "level", help: "A level.", type: "gauge", samples: [{ labels: {}, value: 1e21 }] },
];

Deno.test("Prometheus' own format names samples, and escapes what would break a line", () => {
  assertEquals(
    exposeMetrics({ ours: FAMILIES }, "prometheus"),
    [
      "# HELP things_total What is\\nthere, \\\\ and all.",
      "# TYPE things_total counter",
      'things_total{name="a \\"b\\" \\\\ c\\nd"} 3.0',
      "things_total 0.25",
      "# HELP level A level.",
      "# TYPE level gauge",
      "level 1e+21",
      "",
    ].join("\n"),
  );
});

Deno.test("OpenMetrics names families, and says where it ends", () => {
  const text = exposeMetrics({ ours: FAMILIES.slice(0, 1) }, "openmetrics");
  const lines = text.split("\n");
  assertEquals(lines[0]?.startsWith("# HELP things What"), true);
  assertEquals(lines[1], "# TYPE things counter");
  assertEquals(lines.slice(3), ["things_total 0.25", "# EOF", ""]);
});

Deno.test("a histogram has all its buckets, the last of them endless", () => {
  const text = exposeMetrics({
    ours: [{
      name: "took_seconds",
      help: "Time.",
      type: "histogram",
      samples: [{
        labels: { engine: "a" },
        bounds: [0.5, 300],
        atMost: [1, 2],
        count: 3,
        sum: 401.5,
      }],
    }],
  }, "prometheus");
  const lines = text.trim().split("\n");
  assertEquals(lines.length, 2 + 2 + 3);
  assertEquals(lines.slice(-4), [
    'took_seconds_bucket{engine="a",le="300.0"} 2.0',
    'took_seconds_bucket{engine="a",le="+Inf"} 3.0',
    'took_seconds_sum{engine="a"} 401.5',
    'took_seconds_count{engine="a"} 3.0',
  ]);
});
