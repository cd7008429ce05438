/** The engine protocol (contract section 2), the same rows for both engines of our own. */
import { assert, assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import { EngineProcess, within } from "./support/engine_process.ts";
import { forBoth } from "./support/engines.ts";
import { RawConnection, requestHead } from "./support/raw_http.ts";

const MIB = 1024 * 1024;
const HELLO = '{"input":"hello"}';

/** What is wrong, and what it gets. */
const WRONG: readonly (readonly [
  name: string,
  request: readonly [method: string, path: string, body?: string | Uint8Array],
  expected: readonly [status: number, code: string],
])[] = [
  ["no body", ["POST", "/input"], [422, "bad_input"]],
  ["an empty object", ["POST", "/input", "{}"], [422, "bad_input"]],
  ["an input of null", ["POST", "/input", '{"input":null}'], [422, "bad_input"]],
  ["an input that is a number", ["POST", "/input", '{"input":1}'], [422, "bad_input"]],
  ["an input that is a list", ["POST", "/input", '{"input":["hello"]}'], [422, "bad_input"]],
  ["a list", ["POST", "/input", "[]"], [422, "bad_input"]],
  ["a bare string", ["POST", "/input", '"hello"'], [422, "bad_input"]],
  ["null", ["POST", "/input", "null"], [422, "bad_input"]],
  ["plain text", ["POST", "/input", "hello"], [400, "bad_request"]],
  ["a blank", ["POST", "/input", " "], [400, "bad_request"]],
  ["cut JSON", ["POST", "/input", '{"input":"hello"'], [400, "bad_request"]],
  ["NaN", ["POST", "/input", '{"input":NaN}'], [400, "bad_request"]],
  ["invalid UTF-8", [
    "POST",
    "/input",
    Uint8Array.of(0x7b, 0x22, 0xff, 0x22, 0x7d),
  ], [400, "bad_request"]],
  ["a byte order mark", ["POST", "/input", "\ufeff" + HELLO], [400, "bad_request"]],
  ["deep nesting, unclosed", ["POST", "/input", "[".repeat(100_000)], [400, "bad_request"]],
  ["one byte over 1 MiB", ["POST", "/input", new Uint8Array(MIB + 1)], [413, "too_large"]],
  ["2 MiB", ["POST", "/input", new Uint8Array(2 * MIB)], [413, "too_large"]],
  ["GET /input", ["GET", "/input"], [405, "method_not_allowed"]],
  ["GET /stop", ["GET", "/stop"], [405, "method_not_allowed"]],
  ["PUT /health", ["PUT", "/health", HELLO], [405, "method_not_allowed"]],
  ["DELETE /status", ["DELETE", "/status"], [405, "method_not_allowed"]],
  ["an unknown path", ["GET", "/nothing"], [404, "not_found"]],
  ["the root", ["GET", "/"], [404, "not_found"]],
  ["a slash too many", ["GET", "/health/"], [404, "not_found"]],
];

forBoth("what is wrong gets its JSON error and is not counted", async (engine, t) => {
  await using running = await EngineProcess.start(engine);
  for (const [name, request, [status, code]] of WRONG) {
    await t.step(`${name}: ${status}`, async () => {
      const answer = await running.ask(...request);
      assertEquals([answer.status, answer.json.error.code], [status, code]);
      assertEquals(answer.headers.get("content-type"), "application/json");
      assertNotEquals(answer.json.error.message, "");
      if (status === 405) assertMatch(answer.headers.get("allow") ?? "", /^(GET, HEAD|POST)$/);
    });
  }
  assertEquals((await running.ask("GET", "/status")).json.count, 0);
});

forBoth("health is ok, for HEAD too", async (engine) => {
  await using running = await EngineProcess.start(engine);
  const health = await running.ask("GET", "/health");
  assertEquals([health.status, health.json], [200, { status: "ok" }]);
  assertEquals((await running.ask("HEAD", "/health?a=b")).status, 200);
});

forBoth("an input is said back, counted and dated", async (engine) => {
  await using running = await EngineProcess.start(engine);
  for (const [index, input] of ["hello", "", "é😀", "\ud800", "</script>\u0000"].entries()) {
    const answer = await running.ask("POST", "/input", JSON.stringify({ input }));
    assertEquals(answer.status, 200);
    const { timestamp, ...rest } = answer.json;
    assertEquals(rest, { input, message: `You said: ${input}`, count: index + 1 });
    assertIsNow(timestamp);
  }
});

forBoth("status has every field", async (engine) => {
  await using running = await EngineProcess.start(engine);
  await running.ask("POST", "/input", HELLO);
  const { status, json } = await running.ask("GET", "/status");
  assertEquals(status, 200);
  const { uptime, timestamp, models, jobs = 0, ...rest } = json;
  // Only the engine with models has any work in the background.
  assertEquals(jobs, 0);
  assertEquals(rest, { status: "running", count: 1, busy: false });
  assert(Array.isArray(models));
  assert(uptime > 0 && uptime < 60, `${uptime} s`);
  assertIsNow(timestamp);
});

forBoth("an input of exactly 1 MiB is answered", async (engine) => {
  await using running = await EngineProcess.start(engine);
  const input = "a".repeat(MIB - '{"input":""}'.length);
  const answer = await running.ask("POST", "/input", JSON.stringify({ input }));
  assertEquals([answer.status, answer.json.input.length], [200, input.length]);
});

forBoth("a body over the limit that never ends is answered all the same", async (engine) => {
  await using running = await EngineProcess.start(engine);
  using connection = await RawConnection.open(running.socket);
  await connection.write(requestHead("POST", "/input", 1_000 * MIB));
  await connection.write(new Uint8Array(MIB + 1));
  assertEquals((await within(connection.readAnswer(), "413")).status, 413);
});

forBoth("100 inputs side by side are each counted once", async (engine) => {
  await using running = await EngineProcess.start(engine);
  const asked = Array.from({ length: 100 }, () => running.ask("POST", "/input", HELLO));
  const counts = (await Promise.all(asked)).map((answer) => answer.json.count);
  assertEquals(counts.toSorted((a, b) => a - b), Array.from({ length: 100 }, (_, i) => i + 1));
});

forBoth("one connection serves many requests, errors in between", async (engine) => {
  await using running = await EngineProcess.start(engine);
  using connection = await RawConnection.open(running.socket);
  for (let count = 1; count <= 20; count++) {
    assertEquals((await connection.ask("POST", "/input", "no")).status, 400);
    assertEquals((await connection.ask("POST", "/nothing", HELLO)).status, 404);
    assertEquals((await connection.ask("POST", "/input", HELLO)).json.count, count);
  }
});

forBoth("only its user may connect", async (engine) => {
  await using running = await EngineProcess.start(engine);
  const info = await Deno.lstat(running.socket);
  assertEquals([info.isSocket, (info.mode ?? 0) & 0o777], [true, 0o600]);
});

function assertIsNow(timestamp: number): void {
  assert(Math.abs(timestamp - Date.now() / 1_000) < 60, `${timestamp} is not now`);
}
