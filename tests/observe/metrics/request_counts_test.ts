import { assertEquals } from "@std/assert";
import { RequestCounts } from "../../../src/observe/mod.ts";
import { requestFamilies } from "../../../src/observe/metrics/request_families.ts";
import type { CountedRequest } from "../../../src/observe/metrics/request_counts.ts";
import type { Distribution } from "../../../src/observe/metrics/metric_family.ts";

const REQUEST: CountedRequest = {
  engine: "a",
  way: "upstream",
  target: "/upstream/a/x",
  status: 200,
  heldMs: 2,
  firstByteMs: 30,
  totalMs: 40,
  bytesIn: 10,
  bytesOut: 100,
  tokensIn: null,
  tokensOut: null,
};

function timesOf(counts: RequestCounts): readonly Distribution[] {
  const [times] = requestFamilies(counts);
  return times?.type === "histogram" ? times.samples : [];
}

Deno.test("a request is counted by its engine, the template of its path and the class of its status", () => {
  const counts = new RequestCounts((name) => name === "a");
  const cases: readonly (readonly [Partial<CountedRequest>, string, string])[] = [
    [{}, "/upstream/{engine}", "2xx"],
    [{ status: 101 }, "/upstream/{engine}", "1xx"],
    [{ status: 799 }, "/upstream/{engine}", "5xx"],
    [{ status: null }, "/upstream/{engine}", "none"],
    [{ way: "input" }, "/api/engines/{engine}/input", "2xx"],
    [{ way: "call", status: 503 }, "/api/engines/{engine}/call/{function}", "5xx"],
    [{ way: "model", target: "/v1/chat/completions" }, "/v1/chat/completions", "2xx"],
    [{ way: "model", target: "/v1/embeddings?x=1", status: 404 }, "/v1/embeddings", "4xx"],
    [{ way: "model", target: "/v1/embeddings/x?y" }, "/v1/{other}", "2xx"],
    [{ way: "model", target: "/upstream/{engine}" }, "/v1/{other}", "2xx"],
  ];
  for (const [more, route, status] of cases) {
    const one = new RequestCounts((name) => name === "a");
    one.count({ ...REQUEST, ...more });
    counts.count({ ...REQUEST, ...more });
    assertEquals(timesOf(one).map(({ labels }) => labels), [{ engine: "a", route, status }]);
  }
  assertEquals(timesOf(counts).reduce((sum, { count }) => sum + count, 0), cases.length);
});

Deno.test("paths that clients make up are one series; so are requests for no engine", () => {
  const counts = new RequestCounts((name) => name === "a");
  for (let i = 0; i < 1_000; i++) {
    counts.count({
      ...REQUEST,
      way: "model",
      target: `/v1/${i}`,
      engine: i % 2 === 0 ? null : `e${i}`,
      status: 404,
    });
  }
  const [only, ...others] = timesOf(counts);
  assertEquals([only?.labels, only?.count, others], [
    { route: "/v1/{other}", status: "4xx" },
    1_000,
    [],
  ]);
});

Deno.test("times fall into buckets, those of a bound into its own; what is not known is not counted", () => {
  const counts = new RequestCounts((name) => name === "a");
  for (const totalMs of [0, 1, 1.01, 600_000, 600_001]) {
    counts.count({ ...REQUEST, totalMs, heldMs: null, firstByteMs: null });
  }
  const [times] = timesOf(counts);
  assertEquals(times?.bounds.slice(0, 2), [0.001, 0.0025]);
  assertEquals(times?.atMost.slice(0, 2), [2, 3]);
  assertEquals([times?.atMost.at(-1), times?.count, times?.sum], [4, 5, 1_200.00301]);
  const [, waits, firstBytes] = requestFamilies(counts);
  for (const family of [waits, firstBytes]) {
    assertEquals(family?.type === "histogram" && family.samples[0]?.count, 0);
  }
});

Deno.test("bytes and tokens add up", () => {
  const counts = new RequestCounts((name) => name === "a");
  counts.count({ ...REQUEST, tokensIn: 7, tokensOut: 3 });
  counts.count({ ...REQUEST, tokensIn: 1 });
  const totals = requestFamilies(counts).flatMap((family) =>
    family.type === "counter" ? family.samples.map(({ value }) => value) : []
  );
  assertEquals(totals, [20, 200, 8, 3]);
});
