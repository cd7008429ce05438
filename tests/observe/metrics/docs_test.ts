/** What docs/metrics.md and examples/monitoring say of the metrics is so. */
import { assertEquals } from "@std/assert";
import { EngineCounts, RequestCounts } from "../../../src/observe/mod.ts";
import { collectMetrics, MergedMetrics } from "../../../src/observe/metrics/mod.ts";
import { ROUTES } from "../../../src/observe/metrics/request_counts.ts";

const read = (path: string) => Deno.readTextFile(new URL(`../../../${path}`, import.meta.url));

/** As samples are called. */
function exposedNames(): readonly string[] {
  const process = { cpuSeconds: 1, residentBytes: 1, openFds: 1, maxFds: 1, startedAtSeconds: 1 };
  const ours = collectMetrics({
    counts: new EngineCounts(),
    requests: new RequestCounts(() => true),
    engines: [],
    ejections: [],
    bounds: [],
    process,
    version: "0",
  });
  return [...ours, ...new MergedMetrics([]).outcome()]
    .map(({ name, type }) => type === "counter" ? `${name}_total` : name).sort();
}

Deno.test("docs/metrics.md tells every metric, no other, and each route that is no path of its own", async () => {
  const docs = await read("docs/metrics.md");
  const cells = [...docs.matchAll(/^\| ([^|]+) \|/gm)].flatMap(([, cell = ""]) =>
    [...cell.matchAll(/`((?:ai_engine|process)_\w+)`/g)].map(([, name = ""]) => name)
  );
  assertEquals(cells.toSorted(), exposedNames());
  for (const route of ROUTES.filter((route) => route.includes("{"))) {
    assertEquals(docs.includes(`\`${route}\``), true, route);
  }
});

Deno.test("dashboard and alerts ask for metrics that there are", async () => {
  const names = new Set(exposedNames());
  for (const file of ["alerts.yml", "grafana.json"]) {
    const text = await read(`examples/monitoring/${file}`);
    const asked = [
      ...text.matchAll(/\b(?:ai_engine|process)_\w+(?=[{[]| [=><*]|_bucket|_count| \/)/g),
    ];
    assertEquals(asked.length > 10, true, file);
    const unknown = asked.map(([name]) => name.replace(/_(?:bucket|count)$/, ""))
      .filter((name) => !names.has(name));
    assertEquals(unknown, [], file);
  }
});

interface Panel {
  readonly id: number;
  readonly title: string;
  readonly gridPos: {
    readonly x: number;
    readonly y: number;
    readonly w: number;
    readonly h: number;
  };
}

Deno.test("the panels of the dashboard have numbers of their own, and none lies on another", async () => {
  const { panels } = JSON.parse(await read("examples/monitoring/grafana.json")) as {
    readonly panels: readonly Panel[];
  };
  assertEquals(new Set(panels.map(({ id }) => id)).size, panels.length);
  const taken = new Map<string, string>();
  for (const { title, gridPos: { x, y, w, h } } of panels) {
    assertEquals(x + w <= 24, true, title);
    for (let column = x; column < x + w; column++) {
      for (let row = y; row < y + h; row++) {
        assertEquals(taken.get(`${column} ${row}`), undefined, title);
        taken.set(`${column} ${row}`, title);
      }
    }
  }
});
