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
NAME       STATE     UPTIME  PID   MEM     IN-FLIGHT            STOPS-IN    LAST-ERROR
python     ready     12 min  4242  84 MB   0                    4 min 10 s  -
llama-70b  busy      12 min  17    4.1 GB  2/2 (+3 held, 12 s)  -           -
kept       ready     12 min  4242  -       0                    never       -
whisper    stopped   -       -     -       0                    -           -
fresh      starting  -       18    -       0 (+1 held)          -           -
broken     failed    -       -     -       0                    -           Socket startup timeout
`;

/** At 72 columns: without PID and LAST-ERROR. */
const MEDIUM = `\
NAME       STATE     UPTIME  MEM     IN-FLIGHT            STOPS-IN
python     ready     12 min  84 MB   0                    4 min 10 s
llama-70b  busy      12 min  4.1 GB  2/2 (+3 held, 12 s)  -
kept       ready     12 min  -       0                    never
whisper    stopped   -       -       0                    -
fresh      starting  -       -       0 (+1 held)          -
broken     failed    -       -       0                    -
`;

const NARROW = `\
NAME       STATE     STOPS-IN
python     ready     4 min 10 s
llama-70b  busy      -
kept       ready     never
whisper    stopped   -
fresh      starting  -
broken     failed    -
`;

const TINY = `\
NAME       STATE
python     ready
llama-70b  busy
kept       ready
whisper    stopped
fresh      starting
broken     failed
`;

/** Times are shown as they are where this runs. */
const time = (at: string) => new Date(at).toTimeString().slice(0, 8);
const HOURS_BEFORE = time("2024-12-31T23:00:00.000Z");
const MIDNIGHT = time("2025-01-01T00:00:00.000Z");

// deno-lint-ignore no-control-regex
const COLOURS = /\x1b\[[0-9]+m/g;

Deno.test("ps, and status of several engines, is a table, whole when piped", async () => {
  for (const command of ["ps", "status"]) {
    const cli = new FakeCli({ answer: supervisorOf(VIEWS) });
    assertEquals(await cli.run(command), 0);
    assertEquals([cli.stdout.text, cli.stderr.text], [PIPED, ""]);
  }
});

Deno.test("a table has three widths, and on 20 columns name and state", async () => {
  for (const [columns, table] of [[72, MEDIUM], [42, NARROW], [31, NARROW], [20, TINY]] as const) {
    const cli = new FakeCli({ answer: supervisorOf(VIEWS), terminal: columns });
    assertEquals(await cli.run("ps"), 0);
    assertEquals(cli.stdout.text.replaceAll(COLOURS, ""), table, String(columns));
    for (const line of table.split("\n")) assert(line.length <= columns, line);
  }
});

Deno.test("where a column may be cut the table stays whole, and names are cut last of all", async () => {
  const wide = new FakeCli({ answer: supervisorOf(VIEWS), terminal: 90 });
  await wide.run("ps");
  const text = wide.stdout.text.replaceAll(COLOURS, "");
  assertStringIncludes(text, "LAST-ERROR\n");
  assertStringIncludes(text, "-           Socket startu…\n");
  const tiny = new FakeCli({ answer: supervisorOf(VIEWS), terminal: 16 });
  await tiny.run("ps");
  assertStringIncludes(tiny.stdout.text.replaceAll(COLOURS, ""), "llama…  busy\n");
  const least = new FakeCli({ answer: supervisorOf(VIEWS), terminal: 5 });
  await least.run("ps");
  const lines = least.stdout.text.replaceAll(COLOURS, "").split("\n");
  assert(lines.every((line) => line.length <= 5));
});

Deno.test("ps --quiet is the names, with nothing else around", async () => {
  for (const terminal of [{}, { terminal: 20 }]) {
    const cli = new FakeCli({ answer: supervisorOf(VIEWS), ...terminal });
    assertEquals(await cli.run("ps", "-q"), 0);
    assertEquals(cli.stdout.text, "python\nllama-70b\nkept\nwhisper\nfresh\nbroken\n");
  }
  const none = new FakeCli({ answer: supervisorOf([]) });
  assertEquals(await none.run("ps", "--json"), 0);
  assertEquals(none.stdout.text, '{"schema":1,"engines":[]}\n');
});

Deno.test("ps --watch shows the table again each second, in its place, until Ctrl-C", async () => {
  const cli = new FakeCli({ answer: supervisorOf([readyView()]), terminal: 80 });
  const exit = cli.run("ps", "-w");
  await cli.clock.advance(2_500);
  cli.interrupt("SIGINT");
  assertEquals(await exit, 130);
  const [before, ...tables] = cli.stdout.text.replaceAll(COLOURS, "").split("\x1b[H\x1b[2J");
  assertEquals([before, tables.length, cli.stderr.text], ["", 3, ""]);
  assertStringIncludes(tables[0] ?? "", " 4 min 10 s");
  assertStringIncludes(tables[2] ?? "", " 4 min 8 s");
  assertEquals(cli.clock.timers, 0);
});

Deno.test("ps --watch into a pipe has no escapes, and ends when nobody reads any more", async () => {
  for (const json of [[], ["--json"]]) {
    const cli = new FakeCli({ answer: supervisorOf([readyView()]), readsOfStdout: 2 });
    const exit = cli.run("ps", "-w", ...json);
    await cli.clock.advance(10_000);
    assertEquals(await exit, 0);
    assertEquals(cli.stdout.text.includes("\x1b"), false);
    assertEquals(cli.stdout.text.trimEnd().split("\n").length, json.length === 0 ? 4 : 2);
  }
});

Deno.test("on a terminal states have colours", async () => {
  const cli = new FakeCli({ answer: supervisorOf(VIEWS), terminal: 200 });
  await cli.run("ps");
  assertStringIncludes(cli.stdout.text, "kept       \x1b[32mready\x1b[0m     12 min");
  assertStringIncludes(cli.stdout.text, "broken     \x1b[31mfailed\x1b[0m    -");
  assertEquals(cli.stdout.text.replaceAll(COLOURS, ""), PIPED);
});

Deno.test("a flag beats the environment, NO_COLOR a wish for colour, and that the kind of output", async () => {
  const cases: readonly [boolean, number | null, Record<string, string>, string[]][] = [
    [true, 200, {}, []],
    [false, null, {}, []],
    [false, 200, { NO_COLOR: "1" }, []],
    [true, 200, { NO_COLOR: "" }, []],
    [false, 200, { TERM: "dumb" }, []],
    [true, null, { FORCE_COLOR: "1" }, []],
    [true, null, { CLICOLOR_FORCE: "1" }, []],
    [false, null, { FORCE_COLOR: "0", CLICOLOR_FORCE: "" }, []],
    [false, 200, { FORCE_COLOR: "1", NO_COLOR: "1" }, []],
    [true, null, { NO_COLOR: "1" }, ["--color", "always"]],
    [false, 200, { FORCE_COLOR: "1" }, ["--color=never"]],
    [true, 200, {}, ["--color=auto"]],
    [false, 200, {}, ["--json", "--color=always"]],
  ];
  for (const [isColoured, terminal, env, flags] of cases) {
    const output = terminal === null ? {} : { terminal };
    const cli = new FakeCli({ answer: supervisorOf(VIEWS), env, ...output });
    await cli.run("ps", ...flags);
    const why = JSON.stringify([terminal, env, flags]);
    assertEquals(cli.stdout.text.includes("\x1b["), isColoured, why);
  }
  const wrong = new FakeCli();
  assertEquals(await wrong.run("ps", "--color", "sometimes"), 2);
  assertStringIncludes(wrong.stderr.text, "it can be auto, always, never");
});

Deno.test("--json is the engines as the API has them, in one document", async () => {
  const cli = new FakeCli({ answer: supervisorOf(VIEWS), terminal: 200 });
  await cli.run("status", "--json");
  assertEquals(cli.stdout.text, `${JSON.stringify({ schema: 1, engines: VIEWS })}\n`);
});

Deno.test("an engine named like its state is painted where the state stands", async () => {
  const answer = supervisorOf([readyView({ name: "ready" })]);
  const cli = new FakeCli({ answer, terminal: 200 });
  await cli.run("ps");
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

const BROKEN = `\
broken  failed
  since      23:00:00, 1 h ago
  in flight  0
  stops in   - (stops after 5 min without work)
  restarts   0
  kind       python
  socket     /run/ai-engine/engine-python.sock
  error      Socket startup timeout (00:00:00)
  cause      broken did not listen within 10 s.
  try        Raise --start-timeout.
`;

Deno.test("status of names shows those in full, and each once", async () => {
  const cli = new FakeCli({ answer: supervisorOf(VIEWS) });
  await cli.run("status", "broken", "kept", "broken");
  const text = cli.stdout.text.replace("23:00:00", HOURS_BEFORE).replace("00:00:00", MIDNIGHT);
  assertEquals(text.split("\n\n").length, 2);
  assertEquals(
    `${cli.stdout.text.split("\n\n")[0]}\n`,
    BROKEN.replace("23:00:00", HOURS_BEFORE).replace("00:00:00", MIDNIGHT),
  );
  assertStringIncludes(text, "kept  ready\n");
  assertStringIncludes(text, "  stops in   never\n");
});

Deno.test("status of the only engine is in full, with its replicas, and its lines fit", async () => {
  const instances = [0, 1].map((id) => ({
    ...{ id, state: "ready" as const, since: "2025-01-01T00:00:00.000Z", pid: 40 + id },
    ...{ readyAt: null, inflight: id, rssBytes: 1_000_000, lastError: null, socket: "/s" },
  }));
  const cli = new FakeCli({ answer: supervisorOf([readyView({ instances })]), terminal: 20 });
  assertEquals(await cli.run("status"), 0);
  const lines = cli.stdout.text.replaceAll(COLOURS, "").trimEnd().split("\n");
  assertEquals(lines[0], "python  ready");
  assert(lines.includes("replica 1:"));
  // The path of a socket is one word.
  for (const line of lines) assert(line.length <= 20 || line.includes("/"), line);
});
