import { assertEquals, assertStringIncludes } from "@std/assert";
import { type EngineAnswer, MergedMetrics } from "../../../src/observe/metrics/merge_metrics.ts";
import { exposeMetrics, type MetricsFormat } from "../../../src/observe/metrics/exposition.ts";
import type { MetricFamily } from "../../../src/observe/metrics/metric_family.ts";

const OURS: readonly MetricFamily[] = [
  { name: "ai_engine_stops", help: "Ours.", type: "counter", samples: [{ labels: {}, value: 1 }] },
];

function told(engine: string, text: string, replica: number | null = null): EngineAnswer {
  return { engine, replica, answer: { kind: "told", bytes: new TextEncoder().encode(text) } };
}

/** Goes on to the end; how often it paused. */
function pausesIn(adding: Generator<void, void>): number {
  return [...adding].length;
}

function merge(...answers: readonly EngineAnswer[]): MergedMetrics {
  const merged = new MergedMetrics(OURS);
  for (const answer of answers) pausesIn(merged.adding(answer));
  return merged;
}

/** What the engines' own come to, as lines. */
function lines(merged: MergedMetrics, format: MetricsFormat = "prometheus"): readonly string[] {
  return exposeMetrics({ ours: [], told: merged.families() }, format).trim().split("\n");
}

/** Who came to what, and how many families were left out. */
function outcomes(merged: MergedMetrics): Readonly<Record<string, string>> {
  const [outcome, clashes] = merged.outcome();
  const said = outcome?.type === "gauge" ? outcome.samples : [];
  const counts = clashes?.type === "gauge" ? clashes.samples : [];
  return Object.fromEntries(
    said.filter(({ value }) => value === 1).map(({ labels }, i) => [
      `${labels["engine"]}${labels["replica"] ?? ""}`,
      `${labels["outcome"]} ${counts[i]?.value}`,
    ]),
  );
}

Deno.test("a family of several engines has one help and one type, and its samples are told apart", () => {
  const merged = merge(
    told("a", "# TYPE x_total counter\nx_total 1\ny 2"),
    told("b", '# HELP x_total What x is.\n# TYPE x_total counter\nx_total{model="m"} 3'),
    told("c", "y 4", 0),
    told("c", "y 5", 1),
  );
  assertEquals(lines(merged), [
    "# HELP x_total What x is.",
    "# TYPE x_total counter",
    'x_total{engine="a"} 1',
    'x_total{engine="b",model="m"} 3',
    "# HELP y Told by an engine, without a word on it.",
    "# TYPE y untyped",
    'y{engine="a"} 2',
    'y{engine="c",replica="0"} 4',
    'y{engine="c",replica="1"} 5',
  ]);
  assertEquals(outcomes(merged), { a: "told 0", b: "told 0", c0: "told 0", c1: "told 0" });
});

Deno.test("a label that is called as ours becomes exported_…, and again where that is taken", () => {
  const merged = merge(told("a", 'x{engine="V8",exported_engine="V6",replica="r"} 1'));
  assertEquals(
    lines(merged).at(-1),
    'x{engine="a",exported_exported_engine="V8",exported_engine="V6",replica="r"} 1',
  );
  const replica = merge(told("a", 'x{replica="r"} 1', 2));
  assertEquals(lines(replica).at(-1), 'x{engine="a",replica="2",exported_replica="r"} 1');
});

Deno.test("broken text of one engine is left out whole, and told; the others are not", () => {
  const merged = merge(
    told("good", "x 1"),
    told("page", "<!doctype html><title>Not found</title>"),
    told("late", "x 2\nz 1\ny"),
    told("twice", 'x{a="1",b="2"} 1\nx{b="2",a="1"} 2'),
    { engine: "slow", replica: null, answer: { kind: "failed", why: "timeout" } },
    { engine: "large", replica: null, answer: { kind: "failed", why: "too_large" } },
  );
  assertEquals(lines(merged).slice(2), ['x{engine="good"} 1']);
  assertEquals(outcomes(merged), {
    good: "told 0",
    page: "malformed 0",
    late: "malformed 0",
    twice: "malformed 0",
    slow: "timeout 0",
    large: "too_large 0",
  });
});

Deno.test("families that do not go together are left out one by one, and counted", () => {
  const merged = merge(
    told("a", '# TYPE x gauge\nx 1\n# TYPE h histogram\nh_bucket{le="+Inf"} 1\nh_sum 1\nh_count 1'),
    told("b", "# TYPE x counter\nx 2\nh_count 3\ny 3"),
    told(
      "c",
      "# TYPE ai_engine_stops_total counter\nai_engine_stops_total 9\nai_engine_own_metrics 7",
    ),
  );
  assertEquals(outcomes(merged), { a: "told 0", b: "told 2", c: "told 2" });
  const all = lines(merged).filter((line) => !line.startsWith("#"));
  assertEquals(all.filter((line) => !line.startsWith("h_")), [
    'x{engine="a"} 1',
    'y{engine="b"} 3',
  ]);
});

Deno.test("as OpenMetrics a counter has the name that its rules want, or no type", () => {
  const merged = merge(told(
    "a",
    "# TYPE good_total counter\ngood_total 1\n# TYPE bare counter\nbare 1\n" +
      "# TYPE both_total counter\nboth_total 1\n# TYPE both gauge\nboth 2\nplain 3",
  ));
  const types = lines(merged, "openmetrics").filter((line) => line.startsWith("# TYPE"));
  assertEquals(types, [
    "# TYPE good counter",
    "# TYPE bare unknown",
    "# TYPE both_total unknown",
    "# TYPE both gauge",
    "# TYPE plain unknown",
  ]);
  assertStringIncludes(lines(merged, "openmetrics").join("\n"), '\ngood_total{engine="a"} 1\n');
});

Deno.test("what every program tells of itself joins ours, in either format", () => {
  const ours: readonly MetricFamily[] = [
    {
      name: "process_cpu_seconds",
      help: "Time.",
      type: "counter",
      samples: [{ labels: {}, value: 1 }],
    },
    { name: "process_open_fds", help: "Open.", type: "gauge", samples: [{ labels: {}, value: 2 }] },
  ];
  const merged = new MergedMetrics(ours);
  pausesIn(merged.adding(told(
    "a",
    "# HELP process_cpu_seconds_total Other words.\n# TYPE process_cpu_seconds_total counter\n" +
      "process_cpu_seconds_total 5\n# TYPE process_open_fds counter\nprocess_open_fds 6",
  )));
  assertEquals(outcomes(merged), { a: "told 1" });
  const text = (format: MetricsFormat) =>
    exposeMetrics({ ours, told: merged.families() }, format).trim().split("\n");
  assertEquals(text("prometheus"), [
    "# HELP process_cpu_seconds_total Time.",
    "# TYPE process_cpu_seconds_total counter",
    "process_cpu_seconds_total 1.0",
    'process_cpu_seconds_total{engine="a"} 5',
    "# HELP process_open_fds Open.",
    "# TYPE process_open_fds gauge",
    "process_open_fds 2.0",
  ]);
  assertEquals(text("openmetrics").slice(0, 4), [
    "# HELP process_cpu_seconds Time.",
    "# TYPE process_cpu_seconds counter",
    "process_cpu_seconds_total 1.0",
    'process_cpu_seconds_total{engine="a"} 5',
  ]);
});

Deno.test("a large text is read a few milliseconds at a time", () => {
  const merged = new MergedMetrics([]);
  const text = Array.from({ length: 20_000 }, (_, i) => `a{b="${i}"} 1\n`).join("");
  const pauses = pausesIn(merged.adding(told("x", text)));
  assertEquals([pauses, merged.families()[0]?.samples.length], [80, 20_000]);
});
