import { assertEquals, assertStringIncludes } from "@std/assert";
import type { RequestView } from "../../src/core/mod.ts";
import { FakeCli, jsonAnswer, problemAnswer } from "./support/fake_cli.ts";

const AT = "2025-01-01T00:00:00.000Z";
const TIME = new Date(AT).toTimeString().slice(0, 8);

function request(changes: Partial<RequestView>): RequestView {
  return {
    id: "7f3a",
    traceId: "0".repeat(32),
    way: "model",
    engine: "llm",
    model: "qwen",
    method: "POST",
    path: "/v1/chat/completions",
    progress: { phase: "ended", outcome: "answered" },
    place: null,
    startedAt: AT,
    status: 200,
    errorCode: null,
    heldMs: 0,
    firstByteMs: 310,
    totalMs: 1_240,
    bytesIn: 10,
    bytesOut: 20,
    tokensIn: 3,
    tokensOut: 214,
    ...changes,
  };
}

const VIEWS = [
  request({
    id: "live",
    progress: { phase: "answering" },
    totalMs: null,
    tokensOut: null,
  }),
  request({}),
  request({
    id: "late",
    engine: null,
    progress: { phase: "ended", outcome: "refused" },
    status: 504,
    errorCode: "queue_timeout",
    firstByteMs: null,
  }),
];

const PIPED = `\
ID    ENGINE  STATUS                 STARTED   REQUEST                    HELD  FIRST-BYTE  TOTAL  TOKENS
live  llm     answering              ${TIME}  POST /v1/chat/completions  0 ms  310 ms      -      -
7f3a  llm     200                    ${TIME}  POST /v1/chat/completions  0 ms  310 ms      1.2 s  214
late  -       refused queue_timeout  ${TIME}  POST /v1/chat/completions  0 ms  -           1.2 s  214
`;

const NARROW = `\
ID    ENGINE  STATUS
live  llm     answering
7f3a  llm     200
late  -       refused queue_timeout
`;

// deno-lint-ignore no-control-regex
const COLOURS = /\x1b\[[0-9]+m/g;

function listing() {
  return { answer: () => jsonAnswer({ requests: VIEWS }) };
}

Deno.test("requests are a table, whole when piped, and in what fits on a terminal", async () => {
  const piped = new FakeCli(listing());
  assertEquals(await piped.run("requests"), 0);
  assertEquals([piped.stdout.text, piped.stderr.text], [PIPED, ""]);
  const narrow = new FakeCli({ ...listing(), terminal: 40 });
  await narrow.run("requests");
  assertEquals(narrow.stdout.text.replaceAll(COLOURS, ""), NARROW);
  const medium = new FakeCli({ ...listing(), terminal: 72 });
  await medium.run("requests");
  assertStringIncludes(medium.stdout.text.replaceAll(COLOURS, ""), "POST /v1/chat/com…  ");
});

Deno.test("--json is the requests as the API has them", async () => {
  const cli = new FakeCli(listing());
  await cli.run("requests", "--json");
  assertEquals(JSON.parse(cli.stdout.text), { schema: 1, requests: VIEWS });
});

Deno.test("which requests are wanted is asked of the supervisor", async () => {
  const cli = new FakeCli(listing());
  await cli.run("requests", "-e", "llm", "--failed", "-n", "3");
  await cli.run("requests");
  assertEquals(cli.asked, [
    "GET /api/requests?engine=llm&failed=true&limit=3",
    "GET /api/requests?limit=20",
  ]);
});

Deno.test("no requests are nothing on a pipe; a terminal is told what to do", async () => {
  const answer = () => jsonAnswer({ requests: [] });
  const pipe = new FakeCli({ answer });
  assertEquals(await pipe.run("requests"), 0);
  assertEquals([pipe.stdout.text, pipe.stderr.text], ["", ""]);
  const terminal = new FakeCli({ answer, terminal: 80 });
  await terminal.run("requests");
  assertEquals(terminal.stderr.text, 'no requests; try: ai-engine send "hello"\n');
});

Deno.test("requests cancel takes one back", async () => {
  const answer = () => ({ status: 204, text: "", json: undefined });
  const text = new FakeCli({ answer });
  assertEquals(await text.run("requests", "cancel", "a/../b"), 0);
  assertEquals([text.stdout.text, text.asked], [
    "cancelled a/../b\n",
    ["DELETE /api/requests/a%2F..%2Fb"],
  ]);
  const json = new FakeCli({ answer });
  await json.run("requests", "cancel", "7f3a", "--json");
  assertEquals(json.stdout.text, '{"schema":1,"cancelled":"7f3a"}\n');
});

Deno.test("a request that is not known exits with 5", async () => {
  const problem = { code: "not_found", title: "Not found", detail: "D.", remedy: "R." };
  const cli = new FakeCli({ answer: () => problemAnswer(404, problem) });
  assertEquals(await cli.run("requests", "cancel", "gone"), 5);
  assertEquals(cli.stderr.text, "error: Not found\ncause: D.\ntry: R.\n");
});

Deno.test("anything else than cancel is a usage error", async () => {
  for (const args of [["cancel"], ["stop", "7f3a"], ["7f3a"]]) {
    const cli = new FakeCli();
    assertEquals(await cli.run("requests", ...args), 2);
    assertStringIncludes(cli.stderr.text, "try: ai-engine requests cancel ID\n");
  }
});

Deno.test("the place of a request that waits in line stands beside its phase", async () => {
  const held = request({ progress: { phase: "held" }, place: 3, heldMs: null, totalMs: null });
  const cli = new FakeCli({ answer: () => jsonAnswer({ requests: [held] }), terminal: 40 });
  await cli.run("requests");
  assertStringIncludes(cli.stdout.text, "held, place 3");
});
