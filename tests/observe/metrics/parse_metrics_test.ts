import { assertEquals, assertThrows } from "@std/assert";
import { MalformedMetrics, parseMetrics } from "../../../src/observe/metrics/parse_metrics.ts";

const parse = (text: string) => parseWhole(new TextEncoder().encode(text));

/** However often it pauses. */
function parseWhole(bytes: Uint8Array) {
  const parsing = parseMetrics(bytes);
  for (let step = parsing.next();; step = parsing.next()) if (step.done === true) return step.value;
}

Deno.test("families are read with help, type, labels and values as they stand", () => {
  const text = [
    "# HELP http_requests_total All, in \\\\ and\\nout.",
    "# TYPE http_requests_total counter",
    'http_requests_total{method="post",path="/a\\"b\\\\c\\nd",} 1027 1395066363000',
    "http_requests_total 3",
    "# a remark",
    "#TYPE",
    "",
    "no_type_at_all 1.458255915e9",
    '\tspaced { a = "b" , c="" }   +Inf   # {trace_id="x"} 0.67',
  ].join("\n").replace("\tspaced", "spaced");
  assertEquals(parse(text), [
    {
      name: "http_requests_total",
      type: "counter",
      help: "All, in \\ and\nout.",
      samples: [
        {
          name: "http_requests_total",
          labels: { method: "post", path: '/a"b\\c\nd' },
          value: "1027",
        },
        { name: "http_requests_total", labels: {}, value: "3" },
      ],
    },
    {
      name: "no_type_at_all",
      type: "untyped",
      help: null,
      samples: [{ name: "no_type_at_all", labels: {}, value: "1.458255915e9" }],
    },
    {
      name: "spaced",
      type: "untyped",
      help: null,
      samples: [{ name: "spaced", labels: { a: "b", c: "" }, value: "+Inf" }],
    },
  ]);
});

Deno.test("the samples of a histogram and of a summary belong to it", () => {
  const families = parse(`
# TYPE h histogram
h_bucket{le="0.5"} 1
h_bucket{le="+Inf"} 2
h_sum 3
h_count 2
# TYPE s summary
s{quantile="0.9"} nan
s_sum 1
s_count 1
# TYPE lone gauge
lone_count 4
`);
  assertEquals(families.map(({ name, type, samples }) => [name, type, samples.length]), [
    ["h", "histogram", 4],
    ["s", "summary", 3],
    ["lone_count", "untyped", 1],
  ]);
  assertEquals(families[1]?.samples[0]?.value, "NaN");
});

Deno.test("OpenMetrics: a counter is found by its name without _total, what it has besides is untyped", () => {
  const families = parse(`
# TYPE a counter
# HELP a Things.
a_total 1
a_created 5
# TYPE b info
b_info{version="1"} 1
# EOF
`);
  assertEquals(families.map(({ name, type, help }) => [name, type, help]), [
    ["a_total", "counter", "Things."],
    ["a_created", "untyped", null],
    ["b_info", "untyped", null],
  ]);
});

Deno.test("what is none of this is refused, with the line", () => {
  const cases: readonly [string, number][] = [
    ["a 1\n<html>", 2],
    ["{}", 1],
    ["a", 1],
    ["a{", 1],
    ['a{b="c} 1', 1],
    ['a{b="c"d="e"} 1', 1],
    ['a{b="1",b="2"} 1', 1],
    ["a one", 1],
    ["a 1 2 3", 1],
    ["a 0x1p3", 1],
    ["9a 1", 1],
    ['{"status":"ok"}', 1],
    ["a 1\r\nb 2\r\n", 1],
    ["a 1\n\n x 1", 3],
    ["a 1\n# TYPE a gauge", 2],
    ["# TYPE h histogram\nh 1", 2],
    ["# TYPE h histogram\nh_bucket 1", 2],
    ['# TYPE h histogram\nh_bucket{le="x"} 1', 2],
    ['# TYPE s summary\ns{quantile=""} 1', 2],
  ];
  for (const [text, line] of cases) {
    const error = assertThrows(() => parse(text), MalformedMetrics, undefined, text);
    assertEquals(error.line, line, text);
  }
  assertThrows(() => parseWhole(Uint8Array.of(0x61, 0xff, 0x20, 0x31)), MalformedMetrics);
});

Deno.test("a text of 1 MiB is read whole, whatever is in it", () => {
  const line = (i: number) =>
    `vllm:tokens_bucket{model="a",le="${i}.5",x="${"y".repeat(60)}"} ${i}\n`;
  const text = Array.from({ length: 9_000 }, (_, i) => line(i)).join("");
  assertEquals(parse(text)[0]?.samples.length, 9_000);
  assertEquals(parse(`a{b="${"\\\\".repeat(400_000)}"} 1`)[0]?.samples.length, 1);
  assertThrows(() => parse(`a{b="${"\\\\".repeat(400_000)} 1`), MalformedMetrics);
});
