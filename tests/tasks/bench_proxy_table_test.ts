import { assertEquals } from "@std/assert";
import type { AllSamples } from "../../tasks/bench_proxy/measure_sides.ts";
import {
  addedToDirect,
  highest,
  judgeSide,
  pick,
  type ProxyRow,
  type ProxyTarget,
} from "../../tasks/bench_proxy/proxy_row.ts";
import { renderProxyTable } from "../../tasks/bench_proxy/proxy_table.ts";
import { bySide, type SideName } from "../../tasks/bench_proxy/sides.ts";

type Given = Partial<Record<SideName, readonly number[]>>;

/** Samples of some sides; the others are absent. */
function samples(given: Given): AllSamples<number> {
  return bySide((name) => {
    const found = given[name];
    return found === undefined
      ? { kind: "absent", why: `no ${name}` }
      : { kind: "measured", samples: found };
  });
}

/** Of ours. */
function verdict(target: ProxyTarget, given: Given): unknown {
  return judgeSide({ sides: samples(given) }, { target, side: "ours" });
}

/** The cells of the only row. */
function cells(row: ProxyRow): string[] {
  const line = renderProxyTable([row]).split("\n")[2] ?? "";
  return line.split(/(?<!\\)\|/).slice(1, -1).map((cell) => cell.trim());
}

const OF_NGINX = { times: 1.2, of: ["nginx"] } as const;
const OF_ALL = { times: 1, of: ["nginx", "caddy", "haproxy"] } as const;

Deno.test("judgeSide() wants at least so many times what the other has", () => {
  const target = { kind: "at_least_times", ...OF_NGINX } as const;
  assertEquals(verdict(target, { ours: [12], nginx: [10] }), { verdict: "ok", ratio: 1.2 });
  assertEquals(verdict(target, { ours: [11], nginx: [10] }), { verdict: "missed", ratio: 1.1 });
});

Deno.test("judgeSide() wants at most so many times what the other has", () => {
  const target = { kind: "at_most_times", ...OF_NGINX } as const;
  assertEquals(verdict(target, { ours: [12], nginx: [10] }), { verdict: "ok", ratio: 1.2 });
  assertEquals(verdict(target, { ours: [13], nginx: [10] }), { verdict: "missed", ratio: 1.3 });
});

Deno.test("judgeSide() compares with the best of several", () => {
  const others = { nginx: [10], caddy: [20], haproxy: [5] };
  const least = { kind: "at_least_times", ...OF_ALL } as const;
  assertEquals(verdict(least, { ours: [15], ...others }), { verdict: "missed", ratio: 0.75 });
  const most = { kind: "at_most_times", ...OF_ALL } as const;
  assertEquals(verdict(most, { ours: [6], ...others }), { verdict: "missed", ratio: 1.2 });
});

Deno.test("judgeSide() holds figures against a limit, or against the backend alone", () => {
  const atMost = { kind: "at_most", limit: 16 } as const;
  assertEquals(verdict(atMost, { ours: [15, 16, 99] }), { verdict: "ok", ratio: null });
  assertEquals(verdict(atMost, { ours: [17] }), { verdict: "missed", ratio: null });
  const added = { kind: "added", limit: 2 } as const;
  assertEquals(verdict(added, { ours: [7], direct: [5] }), { verdict: "ok", ratio: null });
  assertEquals(verdict(added, { ours: [8], direct: [5] }), { verdict: "missed", ratio: null });
});

Deno.test("judgeSide() says unknown where something to compare with is absent", () => {
  const target = { kind: "at_least_times", ...OF_ALL } as const;
  assertEquals(verdict(target, { ours: [9], nginx: [1], caddy: [1] }), { verdict: "unknown" });
  assertEquals(verdict(target, { nginx: [1], caddy: [1], haproxy: [1] }), { verdict: "unknown" });
  assertEquals(verdict({ kind: "added", limit: 1 }, { ours: [1] }), { verdict: "unknown" });
});

Deno.test("addedToDirect() takes the middle of the backend alone from every sample", () => {
  const found = addedToDirect(samples({ direct: [1, 9, 2], ours: [5, 6], nginx: [3] }));
  assertEquals(found.ours, { kind: "measured", samples: [3, 4] });
  assertEquals(found.nginx, { kind: "measured", samples: [1] });
  assertEquals(found.direct, { kind: "absent", why: "" });
  assertEquals(found.caddy, { kind: "absent", why: "no caddy" });
  assertEquals(addedToDirect(samples({ ours: [5] })).ours.kind, "absent");
});

Deno.test("pick() takes one figure of each sample, highest() the highest of all", () => {
  const all = samples({ ours: [1, 3, 2], nginx: [] });
  assertEquals(pick(all, (sample) => sample * 10).ours, {
    kind: "measured",
    samples: [10, 30, 20],
  });
  assertEquals(highest(all).ours, { kind: "measured", samples: [3] });
  assertEquals(highest(all).nginx, { kind: "measured", samples: [] });
});

Deno.test("a row tells each side, each target with its ratio and verdict, and the executable", () => {
  const row: ProxyRow = {
    quantity: "a | b",
    unit: "req/s",
    targets: [
      { kind: "at_least_times", times: 1, of: ["nginx"] },
      { kind: "at_least_times", times: 4, of: ["caddy"] },
    ],
    sides: samples({
      direct: [66_000, 65_000, 67_890],
      bare: [28_000],
      nginx: [26_000],
      caddy: [5_000],
      ours: [25_000],
      executable: [13_000],
    }),
  };
  assertEquals(cells(row), [
    "a \\| b",
    "req/s",
    "66,000 (65,000–67,890)",
    "28,000",
    "26,000",
    "5,000",
    "not measured: no haproxy",
    "25,000",
    "≥ 1 × nginx<br>≥ 4 × Caddy",
    "0.96 × **missed**<br>5.00 × ok",
    "13,000; 0.50 ×; 2.60 ×",
  ]);
});

Deno.test("a row without an answer to its target says that it was not measured", () => {
  const target = { kind: "added", limit: 0.2 } as const;
  const row: ProxyRow = {
    quantity: "first event",
    unit: "ms",
    targets: [target],
    sides: { ...samples({ ours: [0.5] }), direct: { kind: "absent", why: "" } },
  };
  assertEquals(cells(row).slice(2), [
    "",
    "not measured: no bare",
    "not measured: no nginx",
    "not measured: no caddy",
    "not measured: no haproxy",
    "0.500",
    "≤ backend + 0.2 ms",
    "not measured",
    "not measured: no executable",
  ]);
});
