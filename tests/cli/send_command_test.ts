import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import type { ControlRequest } from "../../src/cli/mod.ts";
import {
  engineView,
  FakeCli,
  type FakeCliOptions,
  jsonAnswer,
  problemAnswer,
  readyView,
  streamedAnswer,
  supervisorOf,
} from "./support/fake_cli.ts";

const ECHO = { input: "hello", message: "You said: hello", count: 3, timestamp: 1234567890.5 };
const MIB = 1_048_576;

/** The answer as it was asked for: as events, or whole. */
function echo({ accept }: ControlRequest) {
  return accept === "text/event-stream" ? streamedAnswer(ECHO, ECHO.message) : jsonAnswer(ECHO);
}

function echoing(options: FakeCliOptions = {}): FakeCli {
  return new FakeCli({ answer: supervisorOf([readyView()], echo), ...options });
}

Deno.test("send prints the message of the answer; --json the answer", async () => {
  const text = echoing();
  assertEquals(await text.run("send", "hello"), 0);
  assertEquals([text.stdout.text, text.stderr.text], ["You said: hello\n", ""]);
  assertEquals(text.asked, ["GET /api/engines", "POST /api/engines/python/input"]);
  assertEquals(text.bodies, [{ input: "hello" }]);
  const json = echoing();
  assertEquals(await json.run("send", "hello", "--json", "-e", "python"), 0);
  assertEquals(json.stdout.text, `${JSON.stringify(ECHO)}\n`);
});

Deno.test("send takes a file or standard input to the byte", async () => {
  const bytes = new TextEncoder().encode("\ufeffgrüße\r\n\n");
  const file = echoing({ files: { "in put.txt": bytes } });
  assertEquals(await file.run("send", "@in put.txt"), 0);
  assertEquals(file.bodies, [{ input: "\ufeffgrüße\r\n\n" }]);
  const stdin = echoing({ stdin: new TextEncoder().encode("@not a file") });
  assertEquals(await stdin.run("send", "-"), 0);
  assertEquals(stdin.bodies, [{ input: "@not a file" }]);
});

Deno.test("send prints pieces as they come, and ends the last line", async () => {
  const cases: readonly [readonly string[], string][] = [
    [["one ", "two"], "one two\n"],
    [["one\n"], "one\n"],
    [["one", ""], "one\n"],
    [[""], "\n"],
  ];
  for (const [texts, printed] of cases) {
    const chunks = texts.map((text) => ({ type: "chunk", data: { text } }));
    const events = [...chunks, { type: "done", data: { status: 200, answer: null } }];
    const cli = new FakeCli({ answer: supervisorOf([readyView()], () => ({ events })) });
    assertEquals(await cli.run("send", "x"), 0);
    assertEquals(cli.stdout.text, printed);
  }
  const text = { status: 200, text: "just text", json: undefined };
  const cli = new FakeCli({ answer: supervisorOf([readyView()], () => text) });
  assertEquals(await cli.run("send", "x", "--json"), 0);
  assertEquals(cli.stdout.text, '{"text":"just text"}\n');
});

Deno.test("a first piece is printed before the last one comes", async () => {
  const last = Promise.withResolvers<void>();
  async function* events() {
    yield { type: "chunk", data: { text: "one " } };
    await last.promise;
    yield { type: "chunk", data: { text: "two" } };
    yield { type: "done", data: { status: 200, answer: null } };
  }
  const cli = new FakeCli({
    answer: supervisorOf([readyView()], () => ({ events: events() })),
    terminal: 80,
  });
  const exit = cli.run("send", "x");
  await cli.clock.advance(5_000);
  assertEquals([cli.stdout.text, cli.stderr.text], ["one ", ""]);
  last.resolve();
  assertEquals(await exit, 0);
  assertEquals(cli.stdout.text, "one two\n");
});

Deno.test("an answer that breaks off exits with 4, and its text ends with a line", async () => {
  const events = [{ type: "chunk", data: { text: "half" } }];
  const cli = new FakeCli({ answer: supervisorOf([readyView()], () => ({ events })) });
  assertEquals(await cli.run("send", "x"), 4);
  assertEquals(cli.stdout.text, "half\n");
  assertStringIncludes(cli.stderr.text, "error: Supervisor not reachable\n");
});

Deno.test("--timings says on stderr how long it took, and how fast tokens came", async () => {
  const cli = echoing();
  assertEquals(await cli.run("send", "hi", "--timings"), 0);
  assertEquals(cli.stdout.text, "You said: hello\n");
  assertEquals(cli.stderr.text, "total 0 ms, first byte 0 ms\n");
  let step = Promise.withResolvers<void>();
  async function* events() {
    await step.promise;
    step = Promise.withResolvers();
    yield { type: "chunk", data: { text: "t" } };
    await step.promise;
    const answer = { usage: { completion_tokens: 50 } };
    yield { type: "done", data: { status: 200, answer } };
  }
  const slow = new FakeCli({
    answer: supervisorOf([readyView()], () => ({ events: events() })),
  });
  const exit = slow.run("send", "hi", "--timings");
  await slow.clock.advance(300);
  step.resolve();
  await slow.clock.advance(2_000);
  step.resolve();
  assertEquals(await exit, 0);
  assertEquals(slow.stderr.text, "total 2.3 s, first byte 300 ms, 50 tokens, 25.0/s\n");
});

Deno.test("--curl prints what a shell would have to run, and sends nothing", async () => {
  const cli = echoing();
  assertEquals(await cli.run("send", "it's $HOME", "--curl"), 0);
  assertEquals(
    cli.stdout.text,
    "curl --unix-socket /run/c.sock -H 'content-type: application/json' -d " +
      `'{"input":"it'\\''s $HOME"}' http://localhost/api/engines/python/input\n`,
  );
  assertEquals(cli.asked, ["GET /api/engines"]);
});

Deno.test("without a TEXT standard input is sent, unless somebody would have to type it", async () => {
  const piped = echoing({ stdin: new TextEncoder().encode("piped") });
  assertEquals(await piped.run("send"), 0);
  assertEquals(piped.bodies, [{ input: "piped" }]);
  const typed = echoing({ typed: true, stdin: "never" });
  assertEquals(await typed.run("send"), 2);
  assertStringIncludes(typed.stderr.text, "standard input is a terminal");
  assertEquals(typed.asked, []);
});

Deno.test("a terminal gets an answer without control sequences, a pipe the whole of it", async () => {
  const message = "\x1b]0;owned\x07a\n\tb\x1b[2J";
  const answer = supervisorOf([readyView()], () => streamedAnswer({ message }, message));
  const terminal = new FakeCli({ answer, terminal: 80 });
  await terminal.run("send", "x");
  assertEquals(terminal.stdout.text, "a\n\tb\n");
  const pipe = new FakeCli({ answer });
  await pipe.run("send", "x");
  assertEquals(pipe.stdout.text, `${message}\n`);
});

Deno.test("what can't be sent is refused with exit code 2 before anything is sent", async () => {
  const cases: readonly [FakeCliOptions, string, RegExp][] = [
    [
      {},
      "@missing",
      /cause: The file "missing" can't be read: No such file.*\ntry: Check the path/,
    ],
    [{}, "@", /cause: The file "" can't be read/],
    [{}, "-", /cause: Standard input can't be read/],
    [
      { files: { bin: Uint8Array.of(0xff, 0xfe, 0) } },
      "@bin",
      /error: Bad input\ncause: The file "bin" is not text in UTF-8\.\ntry: .*iconv/,
    ],
    [{ stdin: Uint8Array.of(0xc3) }, "-", /Standard input is not text in UTF-8/],
    [
      { files: { big: new Uint8Array(MIB + 1) } },
      "@big",
      /error: Too large\ncause: The file "big"/,
    ],
    [{ stdin: new Uint8Array(3 * MIB) }, "-", /error: Too large\ncause: Standard input/],
    [{ stdin: new Uint8Array(MIB / 2) }, "-", /error: Too large/], // NULs take six bytes in JSON
    [{}, "x".repeat(MIB), /error: Too large\ncause: The text makes/],
  ];
  for (const [options, arg, said] of cases) {
    const cli = echoing(options);
    assertEquals(await cli.run("send", arg), 2);
    assertMatch(cli.stderr.text, said);
    assertEquals([cli.asked, cli.stdout.text], [[], ""]);
  }
});

Deno.test("an input of exactly 1 MiB as a request is sent", async () => {
  const text = "x".repeat(MIB - '{"input":""}'.length);
  assertEquals(await echoing().run("send", text), 0);
  assertEquals(await echoing().run("send", `${text}x`), 2);
});

Deno.test("an error of the supervisor's has its own exit code, whenever it comes", async () => {
  const cases: readonly [number, string, number][] = [
    [503, "stopped_by_user", 1],
    [504, "upstream_timeout", 7],
    [413, "too_large", 2],
    [404, "unknown_engine", 5],
    [421, "wrong_host", 8],
    [500, "a_code_of_the_future", 1],
    [500, "toString", 1],
  ];
  for (const [status, code, exit] of cases) {
    const problem = { code, title: "T", detail: "D.", remedy: "R." };
    const fail = { type: "fail", data: { source: "supervisor", status, ...problem } };
    for (const answer of [problemAnswer(status, problem), { events: [fail] }]) {
      const cli = new FakeCli({ answer: supervisorOf([readyView()], () => answer) });
      assertEquals(await cli.run("send", "x"), exit, code);
      assertEquals(cli.stderr.text, "error: python: T\ncause: D.\ntry: R.\n");
    }
  }
});

Deno.test("an error of the engine's own is told as such, and exits with 1", async () => {
  const cases = [
    [jsonAnswer({ error: "no\nGPU" }, 500), "cause: no GPU\n"],
    [jsonAnswer({ detail: "no GPU" }, 422), "cause: no GPU\n"],
    [{ status: 500, text: "<h1>no</h1>", json: undefined }, "cause: <h1>no</h1>\n"],
    [{ status: 302, text: "", json: undefined }, "cause: The answer says nothing more.\n"],
  ] as const;
  for (const [answer, cause] of cases) {
    const supervisor = supervisorOf([readyView()], () => answer);
    const data = { source: "engine", status: answer.status, body: answer.text };
    const events = [{ type: "fail", data }];
    const text = new FakeCli({ answer: supervisorOf([readyView()], () => ({ events })) });
    assertEquals(await text.run("send", "x"), 1);
    assertStringIncludes(
      text.stderr.text,
      `error: python: The answer has status ${answer.status}\n`,
    );
    assertStringIncludes(text.stderr.text, cause);
    const json = new FakeCli({ answer: supervisor });
    assertEquals(await json.run("send", "x", "--json"), 1);
    const { source, status, engine } = JSON.parse(json.stderr.text);
    assertEquals([source, status, engine], ["engine", answer.status, "python"]);
  }
});

Deno.test("a progress follows the phases, and says how long a start usually takes", async () => {
  let step = Promise.withResolvers<void>();
  const next = () => {
    step.resolve();
    step = Promise.withResolvers();
  };
  async function* events() {
    yield { type: "phase", data: { phase: "queued" } };
    await step.promise;
    yield { type: "phase", data: { phase: "starting" } };
    await step.promise;
    yield { type: "phase", data: { phase: "answering" } };
    await step.promise;
    yield { type: "chunk", data: { text: "done" } };
    yield { type: "done", data: { status: 200, answer: null } };
  }
  const cli = new FakeCli({
    answer: supervisorOf([engineView({ usualStartMs: 6_000 })], () => ({ events: events() })),
    terminal: 80,
  });
  const exit = cli.run("send", "hello");
  await cli.clock.advance(1_000);
  assertStringIncludes(cli.stderr.text, "\r\x1b[Kwaiting for python to have room… 1.0 s");
  next();
  await cli.clock.advance(2_100);
  assertStringIncludes(cli.stderr.text, "\x1b[Kstarting python… 2.0 s (usually 6 s)");
  next();
  await cli.clock.advance(1_000);
  assertStringIncludes(cli.stderr.text, "\x1b[Kwaiting for python… ");
  next();
  assertEquals(await exit, 0);
  assert(cli.stderr.text.endsWith("\r\x1b[K"));
  assertEquals([cli.stdout.text, cli.clock.timers], ["done\n", 0]);
});

Deno.test("Ctrl-C ends the wait for standard input", async () => {
  const cli = echoing({ stdin: "never" });
  const exit = cli.run("send", "-");
  await cli.clock.advance(10);
  cli.interrupt("SIGINT");
  assertEquals(await exit, 130);
  assertEquals(cli.asked, []);
});
