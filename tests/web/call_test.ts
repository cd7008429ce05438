/** `POST /api/engines/NAME/call/FUNCTION`. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { CallError, RequestError } from "../../src/core/mod.ts";
import { MAX_PAYLOAD_BYTES } from "../../src/frames/mod.ts";
import { codeOf, problemOf, WebWorld } from "./support/web_world.ts";

const PATH = "/api/engines/echo/call/f";
const RAW = { "content-type": "application/octet-stream" };

Deno.test("a call carries JSON there and back, and starts the engine", async () => {
  const world = new WebWorld();
  const headers = { "content-type": "application/json; charset=utf-8" };
  const response = await world.post(PATH, { headers, body: '{"a": 1}' });
  assertEquals([response.status, await response.text()], [200, '{"a": 1}']);
  assertEquals(response.headers.get("content-type"), "application/json");
  assertEquals(response.headers.get("cache-control"), "no-store");
  assertEquals(world.supervisor.calls, ["call echo f"]);
});

Deno.test("a call carries raw bytes there and back", async () => {
  const body = Uint8Array.from({ length: 256 }, (_, at) => at);
  const response = await new WebWorld().post(PATH, { headers: RAW, body });
  assertEquals(response.headers.get("content-type"), "application/octet-stream");
  assertEquals(await response.bytes(), body);
});

Deno.test("no body is an empty object", async () => {
  assertEquals(await (await new WebWorld().post(PATH)).json(), {});
});

Deno.test("what is wrong is told before an engine is started", async () => {
  const world = new WebWorld();
  const wrong: readonly (readonly [init: RequestInit, expected: string, path?: string])[] = [
    [{ body: "{" }, "400 bad_request"],
    [{ body: Uint8Array.of(0x22, 0xff, 0x22) }, "400 bad_request"],
    [{ headers: { "content-type": "text/html" }, body: "1" }, "400 bad_request"],
    [{ headers: RAW, body: new Uint8Array(MAX_PAYLOAD_BYTES + 1) }, "413 too_large"],
    [{}, "400 bad_request", `${PATH}?timeoutMs=soon`],
    [{}, "400 bad_request", `${PATH}?timeoutMs=0`],
    [{}, "404 unknown_engine", "/api/engines/nobody/call/f"],
    [{}, "404 not_found", "/api/engines/echo/call"],
  ];
  for (const [init, expected, path = PATH] of wrong) {
    assertEquals(await codeOf(await world.post(path, init)), expected);
  }
  assertEquals(await codeOf(await world.ask(PATH)), "405 method_not_allowed");
  assertEquals(world.supervisor.calls, []);
  const { limits } = await (await world.ask("/api/limits")).json();
  const bound = limits.find(({ name }: { name: string }) => name === "call_bytes");
  assertEquals([bound.limit, bound.refused], [MAX_PAYLOAD_BYTES, 1]);
});

Deno.test("the largest argument passes", async () => {
  const body = new Uint8Array(MAX_PAYLOAD_BYTES);
  const response = await new WebWorld().post(PATH, { headers: RAW, body });
  assertEquals((await response.bytes()).length, MAX_PAYLOAD_BYTES);
});

Deno.test("the time that a caller gives goes with the call, and so does its leaving", async () => {
  const world = new WebWorld();
  const client = new AbortController();
  world.supervisor.script.call = (_engine, call, { timeoutMs, signal }) => {
    assertEquals([timeoutMs, signal?.aborted], [250, false]);
    client.abort();
    assertEquals(signal?.aborted, true);
    return Promise.resolve(call.argument);
  };
  const response = await world.post(`${PATH}?timeoutMs=250`, { left: client.signal });
  assertEquals(response.status, 200);
});

Deno.test("a call may have wishes, as an input may", async () => {
  const world = new WebWorld();
  world.supervisor.script.call = (_engine, call, { priority, keepAliveMs }) => {
    assertEquals([priority, keepAliveMs], [3, 0]);
    return Promise.resolve(call.argument);
  };
  const headers = { "ai-engine-priority": "3", "ai-engine-keep-alive": "0" };
  assertEquals((await world.post(PATH, { headers })).status, 200);
});

Deno.test("what a function raised is told as it was", async () => {
  const world = new WebWorld();
  const raised = { type: "ValueError", message: "no" };
  const details = { engine: "echo", detail: "f failed with ValueError: no", remedy: "Mend it." };
  world.supervisor.script.call = () => Promise.reject(new CallError(raised, details));
  const problem = await problemOf(await world.post(PATH));
  assertEquals([problem.status, problem.code, problem.raised], [502, "call_failed", raised]);
});

Deno.test("an unknown function is told with those there are", async () => {
  const world = new WebWorld();
  const details = { engine: "echo", detail: "No f.", remedy: "Call one of: echo." };
  world.supervisor.script.call = () => Promise.reject(new RequestError("not_found", details));
  const problem = await problemOf(await world.post(PATH));
  assertEquals([problem.status, problem.code], [404, "not_found"]);
  assertStringIncludes(problem.remedy, "echo");
});
