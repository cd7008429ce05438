/** Requests to the API that can't be served as they are: each its problem, and none does anything. */
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import type { JsonAnswer, RunningProgram } from "../support/program.ts";
import { act, assertProblem, BUILTIN, programTest, sendInput, viewOf } from "./support/harness.ts";
import { askRaw, readAll, sendRaw } from "./support/raw_http.ts";

const INPUT = "/api/engines/builtin/input";

interface BadRequest {
  readonly name: string;
  readonly status: number;
  readonly code: string;
  readonly ask: (program: RunningProgram) => Promise<JsonAnswer>;
}

function post(path: string, body?: BodyInit): BadRequest["ask"] {
  return (program) =>
    ask(program, path, { method: "POST", ...(body === undefined ? {} : { body }) });
}

async function ask(program: RunningProgram, path: string, init: RequestInit): Promise<JsonAnswer> {
  const response = await program.fetch(path, init);
  const { status, headers } = response;
  return { status, headers, body: await response.json() };
}

const BAD_INPUTS: readonly BadRequest[] = [
  { name: "no body", status: 422, code: "bad_input", ask: post(INPUT) },
  { name: "an empty body", status: 422, code: "bad_input", ask: post(INPUT, "") },
  { name: "not JSON", status: 400, code: "bad_request", ask: post(INPUT, '{"input":') },
  {
    name: "not UTF-8",
    status: 400,
    code: "bad_request",
    ask: post(INPUT, Uint8Array.of(34, 255, 34)),
  },
  ...['{"input":1}', '{"input":null}', "{}", "[]", '"hello"', "null", '{"Input":"x"}'].map((
    body,
  ) => ({
    name: `the wrong type: ${body}`,
    status: 422,
    code: "bad_input",
    ask: post(INPUT, body),
  })),
  {
    name: "2 MB",
    status: 413,
    code: "too_large",
    ask: post(INPUT, JSON.stringify({ input: "x".repeat(2_000_000) })),
  },
  {
    name: "2 MB that come in chunks, unannounced",
    status: 413,
    code: "too_large",
    ask: (program) => post(INPUT, chunks(new Uint8Array(100_000).fill(120), 20))(program),
  },
];

const BAD_PATHS: readonly BadRequest[] = [
  ...["../../etc/passwd", "%2e%2e%2fbuiltin", "Builtin", "built in", "-x"].map((name) => ({
    name: `the engine ${name}`,
    status: 404,
    code: "unknown_engine",
    ask: (program: RunningProgram) =>
      askRaw(program, [
        `POST /api/engines/${name.replaceAll("/", "%2F").replaceAll(" ", "%20")}/start HTTP/1.1`,
        `Host: ${new URL(program.url).host}`,
        "Content-Length: 0",
      ]),
  })),
  {
    name: "the engine ..",
    status: 404,
    code: "not_found",
    ask: (program) =>
      askRaw(program, [
        "POST /api/engines/../start HTTP/1.1",
        `Host: ${new URL(program.url).host}`,
        "Content-Length: 0",
      ]),
  },
  {
    name: "a name with ../ as it stands",
    status: 404,
    code: "not_found",
    ask: (program) =>
      askRaw(program, [
        "POST /api/engines/../../builtin/start HTTP/1.1",
        `Host: ${new URL(program.url).host}`,
        "Content-Length: 0",
      ]),
  },
  {
    name: "an unknown engine",
    status: 404,
    code: "unknown_engine",
    ask: post("/api/engines/no/start"),
  },
  {
    name: "an input to an unknown engine",
    status: 404,
    code: "unknown_engine",
    ask: post("/api/engines/no/input", '{"input":"hello"}'),
  },
  { name: "an unknown path", status: 404, code: "not_found", ask: post("/api/nothing") },
  {
    name: "neither true nor false",
    status: 400,
    code: "bad_request",
    ask: post("/api/engines/builtin/start?wait=perhaps"),
  },
  {
    name: "an unknown topic",
    status: 400,
    code: "bad_request",
    ask: (program) => ask(program, "/api/events?topics=weather", {}),
  },
  {
    name: "a shutdown that does not come over the control socket",
    status: 404,
    code: "not_found",
    ask: post("/api/shutdown"),
  },
];

programTest("bad inputs are refused, and start no engine", BUILTIN, async (program, t) => {
  for (const { name, ask, ...expected } of BAD_INPUTS) {
    await t.step(name, async () => void assertProblem(await ask(program), expected));
  }
  const { state, reason, restarts, lastActivityAt } = await viewOf(program, "builtin");
  assertEquals([state, reason, restarts, lastActivityAt], ["stopped", null, 0, null]);
});

programTest("bad inputs do not reach a running engine", BUILTIN, async (program, t) => {
  await act(program, "start", "builtin");
  for (const { name, ask, ...expected } of BAD_INPUTS) {
    await t.step(name, async () => void assertProblem(await ask(program), expected));
  }
  assertEquals((await sendInput(program, "hello", "builtin")).body.count, 1);
});

programTest("bad names, paths and parameters do nothing", BUILTIN, async (program, t) => {
  for (const { name, ask, ...expected } of BAD_PATHS) {
    await t.step(name, async () => void assertProblem(await ask(program), expected));
  }
  const { state, reason } = await viewOf(program, "builtin");
  assertEquals([state, reason], ["stopped", null]);
});

programTest("a wrong method is told which ones there are", BUILTIN, async (program, t) => {
  const wrong = [
    ["GET", "/api/engines/builtin/start", "POST"],
    ["GET", INPUT, "POST"],
    ["DELETE", "/api/engines/builtin", "GET, HEAD"],
    ["POST", "/api/engines", "GET, HEAD"],
    ["POST", "/api/events", "GET"],
    ["PUT", "/health", "GET, HEAD"],
    ["GET", "/engines/builtin/stop", "POST"],
  ] as const;
  for (const [method, path, allow] of wrong) {
    await t.step(`${method} ${path}`, async () => {
      const answer = await ask(program, path, { method });
      const { detail } = assertProblem(answer, { status: 405, code: "method_not_allowed" });
      assertStringIncludes(detail, method);
      assertMatch(answer.headers.get("allow") ?? "", new RegExp(`^${allow}`));
    });
  }
  assertEquals((await viewOf(program, "builtin")).state, "stopped");
});

programTest("an error that a browser meets is a page", BUILTIN, async (program) => {
  const response = await program.fetch("/nothing", { headers: { accept: "text/html" } });
  assertEquals(response.status, 404);
  assertMatch(response.headers.get("content-type") ?? "", /^text\/html/);
  assertMatch(await response.text(), /There is nothing at this path\./);
});

programTest(
  "bytes that are no HTTP are cut off, and the next client is served",
  BUILTIN,
  async (program) => {
    for (
      const bytes of [
        "\x00\x01\x02\r\n\r\n",
        "GET / HTTP/9.9\r\n\r\n",
        `GET /${"x".repeat(200_000)}`,
      ]
    ) {
      const conn = await sendRaw(program, bytes);
      await conn.closeWrite().catch(() => {});
      const answer = await readAll(conn).catch(() => "");
      assertMatch(answer, /^$|^HTTP\/1\.[01] (4|5)\d\d /);
    }
    assertEquals((await program.json("/health")).body.status, "ok");
  },
);

programTest(
  "an answer to a body that nobody wanted leaves the connection fit for the next request",
  BUILTIN,
  async (program) => {
    const { host } = new URL(program.url);
    const refused =
      `POST /api/engines/no/input HTTP/1.1\r\nHost: ${host}\r\nContent-Length: 5\r\n\r\nhello`;
    const next = `GET /health HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`;
    const answers = await readAll(await sendRaw(program, refused + next));
    assertMatch(answers, /^HTTP\/1\.1 404 [^]*HTTP\/1\.1 200 /);
  },
);

programTest("an input that breaks off in the middle starts nothing", BUILTIN, async (program) => {
  const conn = await sendRaw(
    program,
    `POST ${INPUT} HTTP/1.1\r\nHost: ${
      new URL(program.url).host
    }\r\nContent-Length: 50\r\n\r\n{"inp`,
  );
  conn.close();
  assertEquals((await program.json("/health")).status, 200);
  assertEquals((await viewOf(program, "builtin")).state, "stopped");
});

function chunks(chunk: Uint8Array<ArrayBuffer>, count: number): ReadableStream<Uint8Array> {
  return ReadableStream.from(Array.from({ length: count }, () => chunk));
}
