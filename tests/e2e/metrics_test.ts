/** The figures as a monitoring system reads them: Prometheus itself, and its checker. */
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { fromFileUrl, join } from "@std/path";
import { eventually, type RunningProgram } from "../support/program.ts";
import { act, sendInput, tempDir, viewOf, withProgram, works } from "./support/harness.ts";
import { Prometheus } from "./support/prometheus.ts";
import { chat, SPEAKS_OPENAI } from "./support/v1.ts";

const EXAMPLES = fromFileUrl(new URL("../../examples/monitoring", import.meta.url));

const isHere = works("prometheus", "--version") && works("promtool", "--version");

/** What the engine `chat` tells of itself, with a label that is ours, too. */
const OWN = `# HELP served_tokens_total Tokens, by \\"kind\\".
# TYPE served_tokens_total counter
served_tokens_total{engine="0",kind="a\\\\b"} 7
# TYPE served_seconds histogram
served_seconds_bucket{le="1"} 1
served_seconds_bucket{le="+Inf"} 2
served_seconds_sum 3.5
served_seconds_count 2
# TYPE process_open_fds gauge
process_open_fds 12
`;

const CONFIG = {
  engines: {
    chat: speaks({ metrics: OWN, model: "m" }),
    broken: speaks({ metrics: "<html>", model: "b" }),
    brief: speaks({ metrics: "brief_things 1\n", model: "c", idleTimeout: "1s" }),
    builtin: { kind: "builtin" },
    failing: { command: ["false", "${SOCKET}"] },
    asleep: speaks({ metrics: OWN, model: "d" }),
  },
};

function speaks({ metrics, model, idleTimeout = "5m" }: {
  readonly metrics: string;
  readonly model: string;
  readonly idleTimeout?: string;
}) {
  return {
    command: ["python3", SPEAKS_OPENAI, "${SOCKET}"],
    environment: { set: { E2E_METRICS: metrics } },
    idleTimeout,
    grace: "500ms",
    models: [{ name: model }],
  };
}

async function withMetrics(body: (program: RunningProgram) => Promise<void>): Promise<void> {
  await using dir = await tempDir();
  const path = join(dir.path, "ai-engine.yaml");
  await Deno.writeTextFile(path, JSON.stringify(CONFIG));
  await withProgram({ args: ["--config", path] }, body);
}

/** Some of everything that is counted. */
async function use(program: RunningProgram): Promise<void> {
  await chat(program, "m");
  await sendInput(program, "hello", "builtin");
  const failed = await program.fetch("/upstream/failing/x");
  await failed.body?.cancel();
  await act(program, "stop", "builtin");
}

async function metricsOf(program: RunningProgram): Promise<string> {
  const response = await program.fetch("/metrics");
  assertEquals(response.status, 200);
  return await response.text();
}

Deno.test("what clients make up is no series of its own", () =>
  withMetrics(async (program) => {
    for (const path of ["/upstream/nobody/x", "/v1/made/up", "/api/engines/builtin/call/made_up"]) {
      const response = await program.fetch(path, {
        method: "POST",
        body: '{"model":"made-up"}',
        headers: { "content-type": "application/json" },
      });
      assertEquals(response.ok, false, await response.text());
    }
    const lines = (await metricsOf(program)).split("\n");
    assertEquals(lines.filter((line) => /nobody|made/.test(line)), []);
    const counted = lines.filter((line) => line.startsWith("ai_engine_request_seconds_count"));
    assertEquals(counted.length > 0, true);
  }));

/** A run of promtool; its output where it finds fault. */
async function promtool(args: readonly string[], stdin = ""): Promise<string | null> {
  const child = new Deno.Command("promtool", {
    args: [...args],
    cwd: EXAMPLES,
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(stdin));
  await writer.close();
  const { success, stdout, stderr } = await child.output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return success ? null : text(stdout) + text(stderr);
}

/** The queries of the dashboard, with what Grafana would put in. */
async function dashboardQueries(): Promise<readonly string[]> {
  const { panels } = JSON.parse(await Deno.readTextFile(join(EXAMPLES, "grafana.json")));
  const targets = panels.flatMap((panel: { targets?: readonly { expr: string }[] }) =>
    panel.targets ?? []
  );
  return targets.map(({ expr }: { expr: string }) =>
    expr.replaceAll("$__rate_interval", "10s").replaceAll("$engine", ".*")
      .replaceAll("$instance", ".*")
  );
}

Deno.test({
  name: "promtool finds no fault with the metrics, nor with the rules, which do what they say",
  ignore: !isHere,
  async fn() {
    await withMetrics(async (program) => {
      for (const engine of ["chat", "broken"]) await act(program, "start", engine);
      await use(program);
      const text = await metricsOf(program);
      assertEquals(await promtool(["check", "metrics"], text), null, text);
    });
    assertEquals(await promtool(["check", "config", "prometheus.yml"]), null);
    assertEquals(await promtool(["check", "rules", "alerts.yml"]), null);
    assertEquals(await promtool(["test", "rules", "alerts_test.yml"]), null);
    // It is one that finds faults.
    assertMatch(await promtool(["check", "metrics"], "x_total 1\n") ?? "", /x_total/);
  },
});

Deno.test({
  name:
    "Prometheus reads it all: each query of the dashboard has an answer, each alert is evaluated",
  ignore: !isHere,
  fn: () =>
    withMetrics(async (program) => {
      for (const engine of ["chat", "broken", "brief"]) await act(program, "start", engine);
      await using prometheus = await Prometheus.start({
        target: new URL(program.url).host,
        ruleFile: join(EXAMPLES, "alerts.yml"),
      });
      const open = new Set(await dashboardQueries());
      assertEquals(open.size > 20, true);
      await eventually("every query has data", async () => {
        await use(program);
        for (const query of open) {
          const answered = await prometheus.query(query);
          if (answered.some(({ value: [, number] }) => number !== "NaN")) open.delete(query);
        }
        return open.size === 0;
      }).catch((error) => {
        throw new Error(`without data: ${[...open].join("\n")}`, { cause: error });
      });
      const [tokens] = await prometheus.query(
        'ai_engine_request_tokens_total{engine="chat",kind="completion",job="ai-engine"}',
      );
      assertEquals(Number(tokens?.value[1]) > 0, true);
      const own = await prometheus.query('served_tokens_total{kind="a\\\\b"}');
      assertEquals(own.map(({ metric, value }) => [metric["engine"], value[1]]), [["chat", "7"]]);
      assertEquals(own[0]?.metric["exported_engine"], "0");
      const fds = await prometheus.query("process_open_fds");
      assertEquals(fds.map(({ metric }) => metric["engine"]).sort(), ["chat", undefined]);
      const clashes = await prometheus.query("ai_engine_own_metrics_clashes != 0");
      assertEquals(clashes, []);
      const broken = await prometheus.query('ai_engine_own_metrics{outcome="malformed"} == 1');
      assertEquals(broken.map(({ metric }) => metric["engine"]), ["broken"]);
      await eventually("every rule was evaluated", async () => {
        const rules = await prometheus.rules();
        assertEquals(rules.filter(({ health }) => health === "err"), []);
        return rules.length > 0 && rules.every(({ health }) => health === "ok");
      });
    }),
});

Deno.test("looking at the metrics starts no engine, and keeps none that nobody uses", () =>
  withMetrics(async (program) => {
    await act(program, "start", "brief");
    assertStringIncludes(await metricsOf(program), 'brief_things{engine="brief"} 1');
    await eventually("the idle engine stops", async () => {
      await metricsOf(program);
      return (await viewOf(program, "brief")).state === "stopped";
    });
    assertEquals((await viewOf(program, "brief")).reason, "idle");
    assertEquals((await viewOf(program, "asleep")).startedAt, null);
    const text = await metricsOf(program);
    assertEquals(text.includes("brief_things"), false);
  }));
