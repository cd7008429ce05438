import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import {
  engineView,
  FakeCli,
  type FakeCliOptions,
  jsonAnswer,
  problemAnswer,
  readyView,
  supervisorOf,
} from "./support/fake_cli.ts";

const ECHO = { input: "hello", message: "You said: hello", count: 3, timestamp: 1234567890.5 };
const MIB = 1_048_576;

function echoing(options: FakeCliOptions = {}): FakeCli {
  return new FakeCli({ answer: supervisorOf([readyView()], () => jsonAnswer(ECHO)), ...options });
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

Deno.test("an answer without a message is printed as it came", async () => {
  const answers = [
    [jsonAnswer({ output: 1 }), '{"output":1}\n'],
    [{ status: 200, text: "just text", json: undefined }, "just text\n"],
    [jsonAnswer({ message: 7 }), '{"message":7}\n'],
  ] as const;
  for (const [answer, printed] of answers) {
    const cli = new FakeCli({ answer: supervisorOf([readyView()], () => answer) });
    assertEquals(await cli.run("send", "x"), 0);
    assertEquals(cli.stdout.text, printed);
  }
  const text = { status: 200, text: "just text", json: undefined };
  const cli = new FakeCli({ answer: supervisorOf([readyView()], () => text) });
  assertEquals(await cli.run("send", "x", "--json"), 0);
  assertEquals(cli.stdout.text, '{"text":"just text"}\n');
});

Deno.test("a terminal gets an answer without control sequences, a pipe the whole of it", async () => {
  const message = "\x1b]0;owned\x07a\n\tb\x1b[2J";
  const answer = supervisorOf([readyView()], () => jsonAnswer({ message }));
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

Deno.test("an error of the supervisor's has its own exit code", async () => {
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
    const answer = supervisorOf([readyView()], () => problemAnswer(status, problem));
    const cli = new FakeCli({ answer });
    assertEquals(await cli.run("send", "x"), exit, code);
    assertEquals(cli.stderr.text, "error: python: T\ncause: D.\ntry: R.\n");
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
    const text = new FakeCli({ answer: supervisor });
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

Deno.test("a stopped engine is said to be started first", async () => {
  const waiting = Promise.withResolvers<ReturnType<typeof jsonAnswer>>();
  const cli = new FakeCli({
    answer: supervisorOf([engineView()], () => waiting.promise),
    terminal: 80,
  });
  const exit = cli.run("send", "hello");
  await cli.clock.advance(1_000);
  assertEquals(cli.stderr.text, "\r\x1b[Kstarting python and waiting for its answer… 1.0 s");
  waiting.resolve(jsonAnswer(ECHO));
  assertEquals(await exit, 0);
  assertEquals(cli.stdout.text, "You said: hello\n");
});

Deno.test("Ctrl-C ends the wait for standard input", async () => {
  const cli = echoing({ stdin: "never" });
  const exit = cli.run("send", "-");
  await cli.clock.advance(10);
  cli.interrupt("SIGINT");
  assertEquals(await exit, 130);
  assertEquals(cli.asked, []);
});
