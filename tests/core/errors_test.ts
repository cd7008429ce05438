import { assert, assertEquals, assertInstanceOf, assertStrictEquals } from "@std/assert";
import {
  AccessError,
  AdmissionError,
  type AiEngineError,
  CallError,
  ConfigError,
  ConnectError,
  ERROR_TABLE,
  type ErrorCode,
  InternalError,
  LifecycleError,
  ProtocolError,
  RequestError,
  SpawnError,
  StorageError,
  TimeoutError,
  toAiEngineError,
  UsageError,
} from "../../src/core/mod.ts";

/** Contract section 5, the table under *Errors*, row by row; `null` = never over HTTP. */
const CONTRACT: Readonly<Record<string, readonly [status: number | null, exit: number]>> = {
  bad_request: [400, 2],
  bad_input: [422, 2],
  unauthorized: [401, 8],
  forbidden_origin: [403, 8],
  unknown_engine: [404, 5],
  unknown_model: [404, 5],
  not_found: [404, 5],
  method_not_allowed: [405, 2],
  not_managed: [409, 1],
  too_large: [413, 2],
  head_too_large: [431, 2],
  wrong_host: [421, 8],
  queue_full: [429, 1],
  too_many_streams: [503, 1],
  too_many_connections: [503, 1],
  over_budget: [503, 1],
  start_timeout: [502, 1],
  health_failed: [502, 1],
  spawn_failed: [502, 1],
  crashed: [502, 1],
  upstream_failed: [502, 1],
  stopped_by_user: [503, 1],
  backoff: [503, 1],
  shutting_down: [503, 1],
  upstream_timeout: [504, 7],
  queue_timeout: [504, 7],
  config_invalid: [422, 6],
  binary_missing: [422, 6],
  port_in_use: [null, 9],
  already_running: [null, 10],
  unclean_close: [null, 11],
  loop_detected: [508, 1],
  internal: [500, 1],
  // "The other exit codes": 2 usage, 4 supervisor not reachable.
  usage: [null, 2],
  unreachable: [null, 4],
  // Not in the table: a function that was called and failed.
  call_failed: [502, 1],
  // Not in the table: a token that is not good for what is asked for.
  forbidden_role: [403, 8],
};

for (const [code, { status, exit, title }] of Object.entries(ERROR_TABLE)) {
  Deno.test(`ERROR_TABLE gives ${code} the status and exit code of the contract`, () => {
    assertEquals([status, exit], [...CONTRACT[code] ?? []]);
    assert(title.length > 0);
  });
}

Deno.test("the two errors that the contract names by title have it", () => {
  assertEquals(ERROR_TABLE.start_timeout.title, "Socket startup timeout");
  assertEquals(ERROR_TABLE.health_failed.title, "Health check failed");
});

const DETAILS = { detail: "It broke.", remedy: "Mend it.", engine: "a", retryAfterS: 3, cause: 7 };

const MADE: readonly (readonly [error: AiEngineError, name: string, code: ErrorCode])[] = [
  [new ConfigError("port_in_use", DETAILS), "ConfigError", "port_in_use"],
  [new UsageError(DETAILS), "UsageError", "usage"],
  [new RequestError("bad_input", DETAILS), "RequestError", "bad_input"],
  [new AccessError("wrong_host", DETAILS), "AccessError", "wrong_host"],
  [new AdmissionError("shutting_down", DETAILS), "AdmissionError", "shutting_down"],
  [new SpawnError(DETAILS), "SpawnError", "spawn_failed"],
  [new LifecycleError("crashed", DETAILS, ["x"]), "LifecycleError", "crashed"],
  [new ProtocolError("remote", "BAD_STATUS", DETAILS), "ProtocolError", "upstream_failed"],
  [new ProtocolError("local", "BAD_TARGET", DETAILS), "ProtocolError", "internal"],
  [new ConnectError("unreachable", "before_send", DETAILS), "ConnectError", "unreachable"],
  [new CallError({ type: null, message: "x" }, DETAILS), "CallError", "call_failed"],
  [new TimeoutError("head", DETAILS), "TimeoutError", "upstream_timeout"],
  [new StorageError("/x", "open", DETAILS), "StorageError", "internal"],
  [new InternalError(DETAILS), "InternalError", "internal"],
];

for (const [error, name, code] of MADE) {
  Deno.test(`a ${name} of ${code} carries name, code, title, detail, remedy and cause`, () => {
    assertEquals(error.name, name);
    assertEquals(error.code, code);
    assertEquals(error.title, ERROR_TABLE[code].title);
    assertEquals(error.message, "It broke.");
    assertEquals(error.remedy, "Mend it.");
    assertEquals(error.engine, "a");
    assertEquals(error.retryAfterS, 3);
    assertEquals(error.cause, 7);
    assertStrictEquals(toAiEngineError(error), error);
  });
}

Deno.test("an error without a cause has no property of that name", () => {
  assert(!("cause" in new UsageError({ detail: "d", remedy: "r" })));
});

Deno.test("toAiEngineError() wraps whatever was thrown, and says it", () => {
  const thrown: readonly (readonly [unknown, string])[] = [
    [new RangeError("too far"), "RangeError: too far"],
    ["a text", "a text"],
    [undefined, "undefined"],
    [null, "null"],
    [Symbol("s"), "Symbol(s)"],
    [{ a: 1 }, "[object Object]"],
  ];
  for (const [value, said] of thrown) {
    const error = toAiEngineError(value);
    assertInstanceOf(error, InternalError);
    assert(error.message.includes(said), error.message);
    assertStrictEquals(error.cause, value);
  }
});
