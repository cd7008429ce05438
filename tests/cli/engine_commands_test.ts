import { assertEquals, assertStringIncludes } from "@std/assert";
import type { EngineView } from "../../src/core/mod.ts";
import {
  engineView,
  FakeCli,
  jsonAnswer,
  problemAnswer,
  readyView,
  supervisorOf,
} from "./support/fake_cli.ts";

/** A supervisor with one engine, which is `after` once it was asked for anything. */
function changing(before: EngineView, after: EngineView): FakeCli {
  return new FakeCli({ answer: supervisorOf([before], () => jsonAnswer(after)) });
}

const started = readyView({
  startedAt: "2025-01-01T00:00:00.000Z",
  readyAt: "2025-01-01T00:00:00.170Z",
});

Deno.test("start, stop and restart say what changed, and exit with 0", async () => {
  const ready = readyView();
  const stopped = engineView({ how: "graceful" });
  const failed = engineView({ state: "failed" });
  const cases: readonly [string, EngineView, EngineView, string, string][] = [
    ["start", stopped, started, "start", "started python (ready in 170 ms, pid 4242)"],
    ["start", failed, started, "start", "started python (ready in 170 ms, pid 4242)"],
    ["start", ready, ready, "start", "python is already running (pid 4242, up 12 min)"],
    [
      "start --no-wait",
      stopped,
      engineView({ state: "starting" }),
      "start?wait=false",
      "python is starting",
    ],
    ["stop", ready, stopped, "stop", "stopped python (was up 12 min, freed 84 MB)"],
    ["stop", stopped, stopped, "stop", "python is already stopped"],
    ["stop", engineView({ state: "starting" }), stopped, "stop", "stopped python"],
    [
      "stop --force",
      ready,
      engineView({ how: "killed" }),
      "stop?force=true",
      "stopped python (was up 12 min, freed 84 MB, had to be killed)",
    ],
    [
      "stop",
      ready,
      engineView({ how: "lost" }),
      "stop",
      "stopped python (was up 12 min, freed 84 MB, its end is not confirmed)",
    ],
    [
      "stop --hold --force",
      ready,
      stopped,
      "stop?force=true&hold=true",
      "stopped python (was up 12 min, freed 84 MB); it stays stopped until `ai-engine start python`",
    ],
    [
      "stop --hold",
      stopped,
      stopped,
      "stop?hold=true",
      "python is already stopped; it stays stopped until `ai-engine start python`",
    ],
    ["restart", ready, started, "restart", "restarted python (ready in 170 ms, pid 4242)"],
    ["restart", stopped, started, "restart", "started python (ready in 170 ms, pid 4242)"],
  ];
  for (const [line, before, after, call, text] of cases) {
    const cli = changing(before, after);
    assertEquals(await cli.run(...line.split(" ")), 0, line);
    assertEquals([cli.stdout.text, cli.stderr.text], [`${text}\n`, ""], line);
    assertEquals(cli.asked, ["GET /api/engines", `POST /api/engines/python/${call}`]);
    assertEquals(cli.open, 0);
  }
});

Deno.test("with --json a change gives the engines as the API does, in one document", async () => {
  const cli = changing(engineView(), started);
  assertEquals(await cli.run("start", "python", "--json"), 0);
  assertEquals(cli.stdout.text, `${JSON.stringify({ schema: 1, engines: [started] })}\n`);
  assertEquals(cli.stderr.text, "");
});

Deno.test("a start that fails says what, why and what to do, with the engine's last lines", async () => {
  const problem = {
    title: "Socket startup timeout",
    detail: "python did not listen within 10 s.\x1b[2J",
    remedy: "Raise --start-timeout.",
    code: "start_timeout",
    engine: "python",
    lastLines: ["loading", "\x1b[31mModuleNotFoundError\x1b[0m: starlette  "],
  };
  const answer = supervisorOf([engineView()], () => problemAnswer(502, problem));
  const text = new FakeCli({ answer });
  assertEquals(await text.run("start"), 1);
  assertEquals(text.stdout.text, "");
  assertEquals(
    text.stderr.text,
    `error: python: Socket startup timeout
cause: python did not listen within 10 s.
try: Raise --start-timeout.
last output of python:
  | loading
  | ModuleNotFoundError: starlette
`,
  );
  const json = new FakeCli({ answer });
  assertEquals(await json.run("start", "--json"), 1);
  assertEquals(json.stdout.text, "");
  assertEquals(JSON.parse(json.stderr.text), { source: "supervisor", status: 502, ...problem });
});

Deno.test("several engines go side by side: a line each in order, and the highest exit code", async () => {
  const views = ["a", "b", "c"].map((name) => engineView({ name }));
  const answers: Readonly<Record<string, ReturnType<typeof jsonAnswer>>> = {
    a: jsonAnswer({ ...started, name: "a" }),
    b: problemAnswer(504, {
      title: "Too long",
      detail: "b thinks.",
      remedy: "Wait.",
      code: "upstream_timeout",
    }),
    c: jsonAnswer({ ...started, name: "c" }),
  };
  const answer = supervisorOf(
    views,
    ({ target }) => answers[target.split("/")[3] ?? ""] ?? jsonAnswer({}),
  );
  const cli = new FakeCli({ answer });
  assertEquals(await cli.run("start", "c", "b", "nope", "a", "c"), 7);
  assertEquals(
    cli.stdout.text,
    "started c (ready in 170 ms, pid 4242)\nstarted a (ready in 170 ms, pid 4242)\n",
  );
  assertEquals(
    cli.stderr.text,
    `error: b: Too long
cause: b thinks.
try: Wait.
error: nope: Unknown engine
cause: There is no engine "nope"; there is a, b, c.
try: ai-engine ps
`,
  );
  const json = new FakeCli({ answer });
  assertEquals(await json.run("start", "c", "b", "a", "--json"), 7);
  assertEquals(
    JSON.parse(json.stdout.text).engines.map((view: EngineView) => view.name),
    ["c", "a"],
  );
  assertEquals(JSON.parse(json.stderr.text).code, "upstream_timeout");
});

const TWO = [engineView({ name: "a" }), engineView({ name: "b" })];

/** A supervisor of two engines whose default model is `model`. */
function withDefault(model: unknown): FakeCli {
  return new FakeCli({
    answer: supervisorOf(TWO, ({ target }) => {
      if (target === "/api/config") {
        return jsonAnswer({ path: null, settings: [{ setting: "defaultModel", value: model }] });
      }
      if (target === "/v1/models/small%2Fone") return jsonAnswer({ id: "small/one", engine: "b" });
      if (target.startsWith("/v1/")) return jsonAnswer({ error: {} }, 404);
      return jsonAnswer({ ...started, name: "b" });
    }),
  });
}

Deno.test("of several engines one has to be named", async () => {
  for (const argv of [["start"], ["stop"], ["restart"], ["send", "hi"]]) {
    for (const model of [null, "gone"]) {
      const cli = withDefault(model);
      assertEquals(await cli.run(...argv), 2);
      assertStringIncludes(cli.stderr.text, "cause: There are 2 engines: a, b.\n");
      assertEquals(cli.asked.filter((asked) => asked.startsWith("POST")), []);
    }
  }
});

Deno.test("without a name the engine of the default model is meant", async () => {
  const cli = withDefault("small/one");
  assertEquals(await cli.run("start"), 0);
  assertEquals(cli.asked.at(-1), "POST /api/engines/b/start");
});

Deno.test("an unknown engine exits with 5 and suggests the nearest; nothing is run by guess", async () => {
  for (const argv of [["start", "pyton"], ["status", "pyton"], ["send", "-e", "pyton", "hi"]]) {
    const cli = new FakeCli({ answer: supervisorOf([engineView()]) });
    assertEquals(await cli.run(...argv), 5);
    assertStringIncludes(cli.stderr.text, "try: Did you mean python?\n");
    assertEquals(cli.asked, ["GET /api/engines"]);
  }
});

Deno.test("a hostile name never reaches the supervisor, nor a terminal as it is", async () => {
  for (const name of ["../../shutdown", "a\0b", "\x1b[2J", "", "x".repeat(10_000), "\ud800"]) {
    const cli = new FakeCli({ answer: supervisorOf([engineView()]) });
    assertEquals(await cli.run("stop", name), 5);
    assertEquals(cli.asked, ["GET /api/engines"]);
    // deno-lint-ignore no-control-regex
    assertEquals(/[\x00\x1b]/.test(cli.stderr.text), false);
  }
});
