import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { engineView, FakeCli, readyView, supervisorOf } from "./support/fake_cli.ts";

const VIEWS = [
  readyView(),
  readyView({
    name: "llama-70b",
    pid: 17,
    inflight: 2,
    slots: 2,
    queued: 3,
    queuedSince: "2024-12-31T23:59:48.000Z",
    stopsAt: null,
    rssBytes: 4_120_000_000,
  }),
  readyView({ name: "kept", stopsAt: null, idleTimeoutMs: -1, rssBytes: null }),
  engineView({ name: "whisper" }),
  engineView({ name: "fresh", state: "starting", pid: 18, queued: 1 }),
  engineView({
    name: "broken",
    state: "failed",
    lastError: {
      code: "start_timeout",
      title: "Socket startup timeout",
      detail: "broken did not listen\nwithin 10 s.",
      remedy: "Raise --start-timeout.",
      at: "2025-01-01T00:00:00.000Z",
      lastLines: [],
    },
  }),
];

const PIPED = `\
NAME       STATE     UPTIME  PID   MEM     IN-FLIGHT            STOPS-IN
python     ready     12 min  4242  84 MB   0                    4 min 10 s
llama-70b  busy      12 min  17    4.1 GB  2/2 (+3 held, 12 s)  -
kept       ready     12 min  4242  -       0                    never
whisper    stopped   -       -     -       0                    -
fresh      starting  -       18    -       0 (+1 held)          -
broken     failed    -       -     -       0                    -
broken: Socket startup timeout: broken did not listen within 10 s. Raise --start-timeout.
`;

const NARROW = `\
NAME       STATE     UPTIME  STOPS-IN
python     ready     12 min  4 min 10 s
llama-70b  busy      12 min  -
kept       ready     12 min  never
whisper    stopped   -       -
fresh      starting  -       -
broken     failed    -       -
`;

// deno-lint-ignore no-control-regex
const COLOURS = /\x1b\[[0-9]+m/g;

Deno.test("status of several engines is a table, whole when piped", async () => {
  const cli = new FakeCli({ answer: supervisorOf(VIEWS) });
  assertEquals(await cli.run("status"), 0);
  assertEquals([cli.stdout.text, cli.stderr.text], [PIPED, ""]);
});

Deno.test("on a narrow terminal columns give way, state and name last", async () => {
  const cli = new FakeCli({ answer: supervisorOf(VIEWS.slice(0, 6)), terminal: 42 });
  await cli.run("status");
  assertStringIncludes(cli.stdout.text.replaceAll(COLOURS, ""), NARROW);
  const tiny = new FakeCli({ answer: supervisorOf(VIEWS), terminal: 5 });
  await tiny.run("status");
  assertStringIncludes(tiny.stdout.text.replaceAll(COLOURS, ""), "NAME       STATE     STOPS-IN\n");
});

Deno.test("on a terminal states have colours; with NO_COLOR, TERM=dumb or --json none", async () => {
  const answer = supervisorOf(VIEWS);
  const coloured = new FakeCli({ answer, terminal: 200 });
  await coloured.run("status");
  assertStringIncludes(coloured.stdout.text, "kept       \x1b[32mready\x1b[0m     12 min");
  assertStringIncludes(coloured.stdout.text, "broken     \x1b[31mfailed\x1b[0m    -");
  assertEquals(coloured.stdout.text.replaceAll(COLOURS, ""), PIPED);
  for (const env of [{ NO_COLOR: "1" }, { TERM: "dumb" }]) {
    const cli = new FakeCli({ answer, terminal: 200, env });
    await cli.run("status");
    assertEquals(cli.stdout.text, PIPED);
  }
  const empty = new FakeCli({ answer, terminal: 200, env: { NO_COLOR: "" } });
  await empty.run("status");
  assert(empty.stdout.text.includes("\x1b["));
  const json = new FakeCli({ answer, terminal: 200 });
  await json.run("status", "--json");
  assertEquals(json.stdout.text, `${JSON.stringify({ engines: VIEWS })}\n`);
});

Deno.test("an engine named like its state is painted where the state stands", async () => {
  const answer = supervisorOf([readyView({ name: "ready" })]);
  const cli = new FakeCli({ answer, terminal: 200 });
  await cli.run("status");
  assertStringIncludes(cli.stdout.text, "ready  \x1b[32mready\x1b[0m  12 min");
});

Deno.test("status exits with 3 when a named or the only engine is not ready", async () => {
  const cases: readonly [number, readonly string[], typeof VIEWS][] = [
    [0, [], [readyView()]],
    [0, [], [readyView({ inflight: 1 })]],
    [3, [], [engineView()]],
    [3, [], [engineView({ state: "starting" })]],
    [3, [], [engineView({ state: "failed" })]],
    [0, [], VIEWS],
    [0, ["python", "kept"], VIEWS],
    [3, ["python", "whisper"], VIEWS],
    [5, ["whisper", "nope"], VIEWS],
  ];
  for (const [exit, names, views] of cases) {
    for (const more of [[], ["--json"]]) {
      const cli = new FakeCli({ answer: supervisorOf(views) });
      assertEquals(await cli.run("status", ...names, ...more), exit, `${names} of ${views.length}`);
    }
  }
});

Deno.test("status of names shows those, and each once", async () => {
  const cli = new FakeCli({ answer: supervisorOf(VIEWS) });
  await cli.run("status", "whisper", "whisper");
  assertEquals(
    cli.stdout.text,
    "NAME     STATE    UPTIME  PID  MEM  IN-FLIGHT  STOPS-IN\n" +
      "whisper  stopped  -       -    -    0          -\n",
  );
});
