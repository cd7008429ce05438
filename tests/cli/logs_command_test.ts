import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import type { FakeEvent } from "./support/fake_cli.ts";
import {
  type Answering,
  engineView,
  FakeCli,
  jsonAnswer,
  supervisorOf,
} from "./support/fake_cli.ts";

const VIEWS = [engineView({ name: "llm" }), engineView({ name: "whisper" })];
const T = "2025-01-01T00:00:00.000Z";

interface Line {
  readonly engine: string | null;
  readonly n: number;
  readonly t: string;
  readonly stream: string;
  readonly text: string;
}

function line(engine: string | null, n: number, text = `line ${n}`): Line {
  return { engine, n, t: T, stream: "stdout", text };
}

/** What `/api/logs` gives of `kept`, by the parameters that a follower uses. */
function logsOf(kept: readonly Line[]): Answering {
  return ({ target }) => {
    const query = new URL(target, "http://x").searchParams;
    const engines = query.get("engine")?.split(",") ?? null;
    const after = Number(query.get("after") ?? -1);
    const grep = query.get("grep") ?? "";
    const lines = kept.filter(({ engine, n, text }) =>
      (engines === null || engines.includes(engine ?? "")) && n > after && text.includes(grep)
    );
    return jsonAnswer({ lines: lines.slice(-Number(query.get("limit") ?? 500)) });
  };
}

/** A supervisor with these lines, whose event streams bring `feeds`, one after the other. */
function following(kept: readonly Line[], ...feeds: readonly Iterable<FakeEvent>[]): Answering {
  const left = [...feeds];
  const hello = { type: "hello", data: { boot: "b", lastId: "b.7" } };
  return supervisorOf(VIEWS, (request, options) => {
    if (!request.target.startsWith("/api/events")) return logsOf(kept)(request, options);
    return { events: chain([hello], left.shift() ?? []) };
  });
}

function* chain(...parts: readonly Iterable<FakeEvent>[]): Generator<FakeEvent> {
  for (const part of parts) yield* part;
}

function logEvent(...lines: readonly Line[]): FakeEvent {
  return { type: "log", data: { engine: lines[0]?.engine, lines } };
}

const BYE: FakeEvent = { type: "bye", data: { reason: "shutdown" } };

Deno.test("logs begin with the names of their engines, and end with the newest line", async () => {
  const kept = [line(null, 1, "hello"), line("llm", 1), line("whisper", 1), line("llm", 2)];
  const cli = new FakeCli({ answer: supervisorOf(VIEWS, logsOf(kept)) });
  assertEquals(await cli.run("logs"), 0);
  assertEquals(
    cli.stdout.text,
    "ai-engine | hello\nllm       | line 1\nwhisper   | line 1\nllm       | line 2\n",
  );
  assertEquals(cli.asked, ["GET /api/engines", "GET /api/logs?limit=100"]);
});

Deno.test("logs of one engine, and with --no-prefix, are the lines alone", async () => {
  const kept = [line("llm", 1), line("whisper", 1)];
  const answer = supervisorOf(VIEWS, logsOf(kept));
  const one = new FakeCli({ answer });
  await one.run("logs", "llm");
  assertEquals(one.stdout.text, "line 1\n");
  const plain = new FakeCli({ answer });
  await plain.run("logs", "--no-prefix", "whisper", "llm", "whisper");
  assertEquals(plain.stdout.text, "line 1\nline 1\n");
  assertEquals(plain.asked[1], "GET /api/logs?engine=whisper%2Cllm&limit=100");
});

Deno.test("every filter goes to the supervisor as it was given", async () => {
  const cli = new FakeCli({ answer: supervisorOf(VIEWS, logsOf([])) });
  const flags = "-n 5 --since 10m --until 5m --stream stderr --level warn --request r/1".split(" ");
  assertEquals(await cli.run("logs", ...flags, "--grep", "/a b&c/i"), 0);
  assertEquals(
    cli.asked[1],
    "GET /api/logs?since=10m&until=5m&stream=stderr&level=warn&grep=%2Fa+b%26c%2Fi&request=r%2F1&limit=5",
  );
});

Deno.test("-t puts the time in front of the line", async () => {
  const cli = new FakeCli({ answer: supervisorOf(VIEWS, logsOf([line("llm", 1)])) });
  await cli.run("logs", "llm", "-t");
  assertEquals(cli.stdout.text, `${new Date(T).toTimeString().slice(0, 8)} line 1\n`);
});

Deno.test("--json is one document; with -f each line is one", async () => {
  const kept = [line("llm", 1), line(null, 1)];
  const whole = new FakeCli({ answer: supervisorOf(VIEWS, logsOf(kept)) });
  await whole.run("logs", "--json");
  assertEquals(JSON.parse(whole.stdout.text), { schema: 1, lines: kept });
  const followed = new FakeCli({ answer: following(kept, [BYE]) });
  assertEquals(await followed.run("logs", "--json", "-f"), 0);
  assertEquals(followed.stdout.text.trimEnd().split("\n").map((text) => JSON.parse(text)), kept);
});

Deno.test("a line can't act on a terminal, however it is made", async () => {
  const evil = "\x1b[2J\x1b]0;owned\x07<b>\r\nfake | line\u202e \x9b31mred";
  const cli = new FakeCli({
    answer: supervisorOf(VIEWS, logsOf([line("llm", 1, evil)])),
    terminal: 20,
  });
  await cli.run("logs", "llm");
  assertEquals(cli.stdout.text, "<b> fake | line red\n");
});

Deno.test("a line of a megabyte is shown whole", async () => {
  const text = "x".repeat(1_048_576);
  const cli = new FakeCli({ answer: supervisorOf(VIEWS, logsOf([line("llm", 1, text)])) });
  await cli.run("logs", "llm");
  assertEquals(cli.stdout.text.length, text.length + 1);
});

Deno.test("what can't be asked for is refused before anything is asked, with exit code 2", async () => {
  const cases: readonly [string, string][] = [
    ["-n 0", '--lines is "0"; it takes a whole number from 1 to 10000'],
    ["-n ten", "it takes a whole number"],
    ["--stream stdin", "it can be stdout, stderr, program"],
    ["--level wran", "--level warn"],
    ["-f --until 5m", "--until ends it"],
  ];
  for (const [flags, says] of cases) {
    const cli = new FakeCli();
    assertEquals(await cli.run("logs", ...flags.split(" ")), 2, flags);
    assertStringIncludes(cli.stderr.text, says);
  }
});

Deno.test("an engine that is not there exits with 5", async () => {
  const cli = new FakeCli({ answer: supervisorOf(VIEWS) });
  assertEquals(await cli.run("logs", "whispr"), 5);
  assertStringIncludes(cli.stderr.text, "Did you mean whisper?");
});

Deno.test("no lines are nothing on a pipe; a terminal is told what to do", async () => {
  const answer = supervisorOf(VIEWS, logsOf([]));
  const pipe = new FakeCli({ answer });
  assertEquals(await pipe.run("logs"), 0);
  assertEquals([pipe.stdout.text, pipe.stderr.text], ["", ""]);
  const terminal = new FakeCli({ answer, terminal: 80 });
  await terminal.run("logs");
  assertStringIncludes(terminal.stderr.text, "no lines; try: ");
});

Deno.test("-f goes on after the last lines, with none twice and none left out", async () => {
  const kept = [1, 2, 3, 4, 5, 6].map((n) => line("llm", n));
  // Line 3 was there already; 5 was never told.
  const feed = [logEvent(line("llm", 2), line("llm", 3), line("llm", 4)), logEvent(line("llm", 6))];
  const past = kept.slice(0, 3);
  let asked = 0;
  const answer = following(kept, [...feed, BYE]);
  const cli = new FakeCli({
    answer: (request, options) =>
      request.target.startsWith("/api/logs") && asked++ === 0
        ? jsonAnswer({ lines: past })
        : answer(request, options),
  });
  assertEquals(await cli.run("logs", "-f", "llm"), 0);
  assertEquals(cli.stdout.text, [1, 2, 3, 4, 5, 6].map((n) => `line ${n}\n`).join(""));
  assertEquals(cli.stderr.text, "the supervisor has closed\n");
  assertEquals(cli.asked, [
    "GET /api/engines",
    "GET /api/events?topics=log&engine=llm",
    "GET /api/logs?engine=llm&limit=100",
    "GET /api/logs?engine=llm&after=4&limit=1000",
  ]);
  assertEquals(cli.open, 0);
});

Deno.test("-f with a filter asks the supervisor which of the new lines it lets through", async () => {
  const kept = ["a 1", "b 2", "a 3", "b 4"].map((text, i) => line("llm", i + 1, text));
  const feed = [logEvent(...kept.slice(1, 2)), logEvent(...kept.slice(2)), BYE];
  const answer = following(kept, feed);
  const cli = new FakeCli({
    answer: (request, options) =>
      request.target.includes("limit=100&") || request.target.endsWith("limit=100")
        ? jsonAnswer({ lines: kept.slice(0, 1) })
        : answer(request, options),
  });
  assertEquals(await cli.run("logs", "-f", "--grep", "a"), 0);
  assertEquals(cli.stdout.text, "llm       | a 1\nllm       | a 3\n");
});

Deno.test("-f fills a gap, and comes back when it was too slow", async () => {
  for (
    const first of [{ type: "gap", data: { missed: 9 } }, { type: "bye", data: { reason: "slow" } }]
  ) {
    const kept = [1, 2, 3].map((n) => line("llm", n));
    const told = logEvent(line("llm", 3));
    const feeds = first.type === "gap" ? [[first, told, BYE]] : [[first], [told, BYE]];
    const answer = following(kept, ...feeds);
    const cli = new FakeCli({
      answer: (request, options) =>
        request.target.endsWith("limit=100")
          ? jsonAnswer({ lines: [line("llm", 1)] })
          : answer(request, options),
    });
    assertEquals(await cli.run("logs", "-f", "llm"), 0);
    assertEquals(cli.stdout.text, "line 1\nline 2\nline 3\n", first.type);
  }
});

Deno.test("-f ends quietly when nobody reads any more", async () => {
  function* flood(): Generator<FakeEvent> {
    for (let n = 1; n < 1_000_000; n++) yield logEvent(line("llm", n));
    throw new Error("it went on for ever");
  }
  const cli = new FakeCli({ answer: following([], flood()), readsOfStdout: 3 });
  assertEquals(await cli.run("logs", "-f"), 0);
  assertEquals(cli.stdout.text, [1, 2, 3].map((n) => `llm       | line ${n}\n`).join(""));
  assertEquals([cli.stderr.text, cli.open], ["", 0]);
});

Deno.test("Ctrl-C ends -f with 130, without a word", async () => {
  async function* silence(): AsyncGenerator<FakeEvent> {
    yield { type: "hello", data: { boot: "b", lastId: "b.0" } };
    await new Promise(() => {});
  }
  const cli = new FakeCli({
    answer: supervisorOf(
      VIEWS,
      (request, options) =>
        request.target.startsWith("/api/events")
          ? { events: silence() }
          : logsOf([line("llm", 1)])(request, options),
    ),
  });
  const exit = cli.run("logs", "-f");
  await cli.clock.advance(1_000);
  cli.interrupt("SIGINT");
  assertEquals(await exit, 130);
  assertEquals([cli.stdout.text, cli.stderr.text], ["llm       | line 1\n", ""]);
});

Deno.test("a supervisor of another kind is told from ours", async () => {
  for (const answer of [jsonAnswer({}), jsonAnswer({ lines: [{ text: 7 }] })]) {
    const cli = new FakeCli({ answer: supervisorOf(VIEWS, () => answer) });
    assertEquals(await cli.run("logs"), 4);
    assert(cli.stderr.text.includes("does not speak as AI Engine does"));
  }
});
