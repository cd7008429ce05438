/** `GET /metrics`. */
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import type { StateEvent } from "../../src/events/mod.ts";
import type { FleetMetrics } from "../../src/supervisor/mod.ts";
import { settle } from "../support/fake_clock.ts";
import { WebWorld } from "./support/web_world.ts";

/** What a start that came to readiness publishes, and then another that did not. */
function runTwice(web: WebWorld): void {
  const change = (event: Omit<StateEvent, "type" | "engine" | "view">) =>
    web.figures.counts.count({
      type: "state",
      engine: "echo",
      view: web.supervisor.view("echo"),
      ...event,
    });
  change({ from: "stopped", to: "starting", reason: "requested" });
  change({ from: "starting", to: "ready", reason: "requested", tookMs: 120 });
  change({ from: "ready", to: "stopping", reason: "idle" });
  change({ from: "stopping", to: "stopped", reason: "idle" });
  change({ from: "stopped", to: "starting", reason: "request" });
  change({ from: "starting", to: "failed", reason: "start_timeout", tookMs: 10_000 });
}

const encoder = new TextEncoder();

async function metricsOf(web: WebWorld, accept?: string): Promise<readonly string[]> {
  const headers = accept === undefined ? {} : { accept };
  const answer = await web.ask("/metrics", { headers });
  assertEquals(answer.status, 200);
  return (await answer.text()).split("\n");
}

Deno.test("the figures of engines, of bounds and of the process are told; nothing is woken", async () => {
  const web = new WebWorld();
  runTwice(web);
  const lines = await metricsOf(web);
  for (
    const line of [
      'ai_engine_build_info{version="0.1.0"} 1.0',
      'ai_engine_state{engine="echo",state="stopped"} 1.0',
      'ai_engine_state{engine="echo",state="ready"} 0.0',
      'ai_engine_starts_total{engine="echo",result="ready"} 1.0',
      'ai_engine_starts_total{engine="echo",result="failed"} 1.0',
      'ai_engine_start_seconds_bucket{engine="echo",le="0.1"} 0.0',
      'ai_engine_start_seconds_bucket{engine="echo",le="0.25"} 1.0',
      'ai_engine_start_seconds_sum{engine="echo"} 0.12',
      'ai_engine_stops_total{engine="echo",reason="idle"} 1.0',
      'ai_engine_refused_total{bound="event_mailbox"} 0.0',
      "process_cpu_seconds_total 1.5",
      "process_resident_memory_bytes 60000000.0",
    ]
  ) assertEquals(lines.filter((one) => one === line).length, 1, line);
  // What is not known is not told.
  assertEquals(lines.filter((line) => line.includes("process_open_fds")), []);
  assertEquals(web.supervisor.calls, []);
});

Deno.test("every family has one help and one type, right before its samples", async () => {
  const web = new WebWorld(["echo", "other"]);
  runTwice(web);
  const lines = (await metricsOf(web)).filter((line) => line !== "");
  const seen = new Set<string>();
  let family = "";
  for (const line of lines) {
    const [, word, name = ""] = line.split(" ");
    if (line.startsWith("# HELP")) {
      assertEquals(seen.has(name), false, name);
      seen.add(family = name);
    } else if (line.startsWith("# TYPE")) assertEquals([word, name], ["TYPE", family]);
    else assertMatch(line, new RegExp(`^${family}(_bucket|_sum|_count)?[{ ]`));
  }
});

Deno.test("OpenMetrics is told to who would rather have it, as Prometheus does", async () => {
  const web = new WebWorld();
  const accept = "application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.2";
  const answer = await web.ask("/metrics", { headers: { accept } });
  assertStringIncludes(answer.headers.get("content-type") ?? "", "application/openmetrics-text");
  assertEquals((await answer.text()).endsWith("\n# EOF\n"), true);
  for (const other of ["text/plain", "*/*", "text/html"]) {
    const plain = await web.ask("/metrics", { headers: { accept: other } });
    assertStringIncludes(plain.headers.get("content-type") ?? "", "text/plain; version=0.0.4");
    await plain.body?.cancel();
  }
});

Deno.test("a format is chosen by the quality that a client gives it", async () => {
  const web = new WebWorld();
  const open = "application/openmetrics-text";
  const cases: readonly (readonly [string, boolean])[] = [
    // What Prometheus 3 asks for.
    [
      `${open};version=1.0.0;escaping=allow-utf-8;q=0.6,${open};version=0.0.1;q=0.5,` +
      "text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2",
      true,
    ],
    [open, true],
    [`text/plain;q=0.9, ${open} ; q=0.91`, true],
    [`text/plain, ${open}`, false],
    [`${open};q=0`, false],
    [`${open};version=0.0.1, text/plain;q=0.1`, false],
    [`text/plain;q=0, ${open};version="1.0.0";q=0.001`, true],
    ["application/*, text/plain;q=0.5", true],
    [`*/*, ${open};q=0.5`, false],
    ["", false],
    [`${open};q=nonsense`, false],
  ];
  for (const [accept, isOpen] of cases) {
    const answer = await web.ask("/metrics", { headers: { accept } });
    const type = answer.headers.get("content-type") ?? "";
    assertEquals(type.includes("openmetrics"), isOpen, accept);
    await answer.body?.cancel();
  }
});

Deno.test("what engines tell of themselves stands behind ours, in either format", async () => {
  const web = new WebWorld();
  web.supervisor.script.metrics = () =>
    Promise.resolve({
      ejections: [{ engine: "echo", count: 2 }],
      engines: [{
        engine: "echo",
        replica: null,
        answer: { kind: "told", bytes: encoder.encode("# TYPE t_total counter\nt_total 7\n") },
      }],
    });
  const lines = await metricsOf(web);
  for (
    const line of [
      'ai_engine_ejections_total{engine="echo"} 2.0',
      'ai_engine_own_metrics{engine="echo",outcome="told"} 1.0',
      'ai_engine_own_metrics{engine="echo",outcome="malformed"} 0.0',
      'ai_engine_own_metrics_clashes{engine="echo"} 0.0',
      "# TYPE t_total counter",
      't_total{engine="echo"} 7',
    ]
  ) assertEquals(lines.filter((one) => one === line).length, 1, line);
  const open = await metricsOf(web, "application/openmetrics-text");
  assertEquals(open.slice(-5), [
    "# HELP t Told by an engine, without a word on it.",
    "# TYPE t counter",
    't_total{engine="echo"} 7',
    "# EOF",
    "",
  ]);
});

Deno.test("engines are asked once at a time, however many want to know", async () => {
  const web = new WebWorld();
  const asked = Promise.withResolvers<FleetMetrics>();
  let asks = 0;
  web.supervisor.script.metrics = () => {
    asks++;
    return asked.promise;
  };
  const scrapes = Array.from({ length: 20 }, () => metricsOf(web));
  const other = metricsOf(web, "application/openmetrics-text");
  await settle();
  assertEquals(asks, 2);
  asked.resolve({ ejections: [], engines: [] });
  const [first, ...others] = await Promise.all(scrapes);
  for (const lines of others) assertEquals(lines, first);
  assertEquals((await other).at(-2), "# EOF");
  await metricsOf(web);
  assertEquals(asks, 3);
});
