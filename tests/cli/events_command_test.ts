import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import {
  type Answering,
  engineView,
  FakeCli,
  type FakeEvent,
  supervisorOf,
} from "./support/fake_cli.ts";

const VIEWS = [engineView({ name: "llm" }), engineView({ name: "whisper" })];
const AT = "2025-01-01T00:00:00.000Z";
const TIME = new Date(AT).toTimeString().slice(0, 8);

function state(n: number, engine: string, from: string, to: string, more = {}): FakeEvent {
  const data = {
    engine,
    from,
    to,
    reason: "requested",
    tookMs: 1_500,
    view: { since: AT },
    ...more,
  };
  return { type: "state", id: `b.${n}`, data };
}

const PAST: readonly FakeEvent[] = [
  state(1, "llm", "stopped", "starting"),
  state(2, "llm", "starting", "failed", { reason: "crash", exitCode: 3 }),
  {
    type: "notice",
    id: "b.3",
    data: { level: "warn", title: "No room", detail: "It is full.", remedy: "Stop one.", at: AT },
  },
  {
    type: "python_input",
    id: "b.4",
    data: {
      engine: "whisper",
      input: "a\x1b[2J",
      message: "b\n",
      cut: [],
      count: 1,
      at: AT,
      tookMs: 12,
    },
  },
];

const TOLD = [
  `${TIME}  llm  stopped → starting (requested, stopped for 1.5 s)`,
  `${TIME}  llm  starting → failed (crash, exit code 3, starting for 1.5 s)`,
  `${TIME}  ai-engine  No room: It is full. Stop one.`,
  `${TIME}  whisper  answered in 12 ms: "a" → "b"`,
];

const SNAPSHOT: FakeEvent = { type: "snapshot", data: { engines: [] } };

/** A supervisor that has `past` and whose streams go on with `feeds`, one after the other. */
function supervisor(
  past: readonly FakeEvent[],
  ...feeds: readonly Iterable<FakeEvent>[]
): Answering {
  const left = [...feeds];
  const hello = { type: "hello", data: { boot: "b", lastId: past.at(-1)?.id ?? "b.0" } };
  return supervisorOf(VIEWS, ({ target }) => {
    const after = new URL(target, "http://x").searchParams.get("after");
    if (after === null) return { events: [hello, SNAPSHOT] };
    const replay = past.filter(({ id = "" }) => Number(id.slice(2)) > Number(after.slice(2)));
    return { events: chain([hello, SNAPSHOT, ...replay], left.shift() ?? []) };
  });
}

function* chain(...parts: readonly Iterable<FakeEvent>[]): Generator<FakeEvent> {
  for (const part of parts) yield* part;
}

Deno.test("events tell what happened, a line each, the newest last", async () => {
  const cli = new FakeCli({ answer: supervisor(PAST) });
  assertEquals(await cli.run("events"), 0);
  assertEquals(cli.stdout.text, `${TOLD.join("\n")}\n`);
  assertEquals([cli.stderr.text, cli.open], ["", 0]);
});

Deno.test("-n and -e leave out what is not wanted", async () => {
  const cases: readonly [string, readonly string[]][] = [
    ["-n 2", TOLD.slice(2)],
    ["-e llm", TOLD.slice(0, 2)],
    ["-e llm -e whisper -n 2", [TOLD[1] ?? "", TOLD[3] ?? ""]],
  ];
  for (const [flags, told] of cases) {
    const cli = new FakeCli({ answer: supervisor(PAST) });
    assertEquals(await cli.run("events", ...flags.split(" ")), 0);
    assertEquals(cli.stdout.text, `${told.join("\n")}\n`, flags);
  }
  const unknown = new FakeCli({ answer: supervisor(PAST) });
  assertEquals(await unknown.run("events", "-e", "lm"), 5);
  assertStringIncludes(unknown.stderr.text, "Did you mean llm?");
});

Deno.test("--json is one document with type and id among the fields; with -f a line each", async () => {
  const documents = PAST.map(({ type, id, data }) => ({ id, type, ...data as object }));
  const whole = new FakeCli({ answer: supervisor(PAST) });
  await whole.run("events", "--json");
  assertEquals(JSON.parse(whole.stdout.text), { schema: 1, events: documents });
  const followed = new FakeCli({ answer: supervisor(PAST, [{ type: "bye", data: {} }]) });
  await followed.run("events", "--json", "-f");
  const lines = followed.stdout.text.trimEnd().split("\n").map((text) => JSON.parse(text));
  assertEquals(lines, documents);
  const none = new FakeCli({ answer: supervisor([]) });
  assertEquals(await none.run("events", "--json"), 0);
  assertEquals(none.stdout.text, '{"schema":1,"events":[]}\n');
});

Deno.test("-f goes on with what happens, until the supervisor closes", async () => {
  const more = [
    { type: "python_status", data: { engine: "llm", status: {} } },
    state(5, "llm", "failed", "starting"),
    { type: "bye", data: { reason: "shutdown" } },
  ];
  const cli = new FakeCli({ answer: supervisor(PAST, more) });
  assertEquals(await cli.run("events", "-f", "-n", "1"), 0);
  assertEquals(
    cli.stdout.text,
    `${TOLD[3]}\n${TIME}  llm  failed → starting (requested, failed for 1.5 s)\n`,
  );
  assertEquals(cli.stderr.text, "the supervisor has closed\n");
});

Deno.test("-f that was too slow comes back for the rest", async () => {
  const slow = [state(5, "llm", "failed", "starting"), { type: "bye", data: { reason: "slow" } }];
  const rest = [state(6, "llm", "starting", "ready"), { type: "bye", data: {} }];
  const cli = new FakeCli({ answer: supervisor(PAST, slow, rest) });
  assertEquals(await cli.run("events", "-f", "-e", "llm", "-n", "1"), 0);
  assertMatch(cli.stdout.text, /→ failed .*\n.*→ starting .*\n.*→ ready .*\n$/);
  assertEquals(cli.asked.at(-1), "GET /api/events?after=b.5");
});

Deno.test("when nothing has happened yet, a terminal is told what to do", async () => {
  const cli = new FakeCli({ answer: supervisor([]), terminal: 80 });
  assertEquals(await cli.run("events"), 0);
  assertEquals([cli.stdout.text, cli.stderr.text], [
    "",
    "nothing has happened yet; try: ai-engine events -f\n",
  ]);
});

Deno.test("-f ends quietly when nobody reads any more", async () => {
  function* flood(): Generator<FakeEvent> {
    for (let n = 5; n < 100_000; n++) yield state(n, "llm", "a", "b");
    throw new Error("it went on for ever");
  }
  const cli = new FakeCli({ answer: supervisor(PAST, flood()), readsOfStdout: 5 });
  assertEquals(await cli.run("events", "-f"), 0);
  assertEquals(cli.stdout.text.split("\n").length, 6);
  assertEquals([cli.stderr.text, cli.open], ["", 0]);
});
