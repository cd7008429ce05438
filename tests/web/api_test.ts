import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { LifecycleError } from "../../src/core/mod.ts";
import { settle } from "../support/fake_clock.ts";
import { codeOf, CONTROL, problemOf, WebWorld } from "./support/web_world.ts";

Deno.test("GET /health says that the program is there", async () => {
  const response = await new WebWorld().ask("/health");
  assertEquals(response.status, 200);
  assertEquals(await response.json(), { status: "ok", version: "0.1.0" });
});

Deno.test("GET /api/engines lists the views in the order of the configuration", async () => {
  const world = new WebWorld(["b", "a"]);
  const response = await world.ask("/api/engines");
  assertEquals(response.status, 200);
  assertEquals(await response.json(), { engines: world.supervisor.views() });
});

Deno.test("GET /api/engines/NAME is one view", async () => {
  const world = new WebWorld(["b", "a"]);
  const response = await world.ask("/api/engines/a");
  assertEquals(await response.json(), world.supervisor.view("a"));
});

Deno.test("start, restart and stop answer with the view when it is done", async () => {
  const world = new WebWorld();
  for (const [action, state] of [["start", "ready"], ["restart", "ready"], ["stop", "stopped"]]) {
    const response = await world.post(`/api/engines/echo/${action}`);
    assertEquals(response.status, 200);
    assertEquals((await response.json()).state, state);
  }
  assertEquals(world.supervisor.calls, ["start echo", "restart echo", "stop echo"]);
});

Deno.test("?wait=false answers 202 at once, with the view as it is then", async () => {
  const world = new WebWorld();
  let listening = () => {};
  world.supervisor.script.start = () => new Promise((resolve) => listening = resolve);
  const response = await world.post("/api/engines/echo/start?wait=false");
  assertEquals(response.status, 202);
  assertEquals((await response.json()).state, "starting");
  listening();
  await settle();
  assertEquals(world.supervisor.view("echo").state, "ready");
});

Deno.test("?wait=false outlives its client and swallows what goes wrong later", async () => {
  const world = new WebWorld();
  let fail = (_: Error) => {};
  world.supervisor.script.start = () => new Promise((_, reject) => fail = reject);
  const client = new AbortController();
  const response = await world.post("/api/engines/echo/start?wait=false", { left: client.signal });
  assertEquals(response.status, 202);
  client.abort();
  fail(new Error("too late to be told"));
  await settle();
});

Deno.test("stop passes force and hold on", async () => {
  const world = new WebWorld();
  await world.post("/api/engines/echo/stop?force=true");
  await world.post("/api/engines/echo/stop?hold=true&force=false");
  await world.post("/api/engines/echo/stop?force=true&hold=true&wait=false");
  assertEquals(world.supervisor.calls, [
    "stop echo force",
    "stop echo hold",
    "stop echo force hold",
  ]);
});

for (const query of ["wait=maybe", "force=1", "hold=TRUE", "force=", "wait=false&force=yes"]) {
  Deno.test(`a flag that is neither true nor false is refused: ?${query}`, async () => {
    const world = new WebWorld();
    const response = await world.post(`/api/engines/echo/stop?${query}`);
    assertEquals(await codeOf(response), "400 bad_request");
    assertEquals(world.supervisor.calls, []);
  });
}

Deno.test("POST activity answers 204 without a body and is passed on", async () => {
  const world = new WebWorld();
  const response = await world.post("/api/engines/echo/activity");
  assertEquals([response.status, await response.text()], [204, ""]);
  assertEquals(world.supervisor.calls, ["touch echo"]);
});

Deno.test("POST /api/shutdown begins the close, over the control socket only", async () => {
  const world = new WebWorld();
  assertEquals(await codeOf(await world.post("/api/shutdown")), "404 not_found");
  assertEquals(world.closes, []);
  const response = await world.post("/api/shutdown", { listener: CONTROL });
  assertEquals([response.status, await response.json()], [202, { status: "closing" }]);
  await world.post("/api/shutdown?force=true", { listener: CONTROL });
  assertEquals(world.closes, [false, true]);
});

const UNKNOWN = [
  "/api/engines/nobody",
  "/api/engines/%2e%2e%2fetc",
  "/api/engines/..%2f..%2fpasswd",
  "/api/engines/%ff%fe",
  "/api/engines/%00",
  "/api/engines/%E0%A4%A",
  "/api/engines/UPPER",
  `/api/engines/${"a".repeat(64)}`,
  "/api/engines/%F0%9F%98%80",
  "/api/engines/a%20b",
];
for (const path of UNKNOWN) {
  Deno.test(`no engine is at ${path.slice(0, 40)}, whatever is asked of it`, async () => {
    const world = new WebWorld();
    assertEquals(await codeOf(await world.ask(path)), "404 unknown_engine");
    for (const action of ["start", "stop", "restart", "activity", "input", "stop?wait=false"]) {
      assertEquals(await codeOf(await world.post(`${path}/${action}`)), "404 unknown_engine");
      assertEquals(
        await codeOf(await world.post(`${path.replace("/api", "")}/${action}`)),
        "404 unknown_engine",
      );
    }
    assertEquals(world.supervisor.calls, []);
  });
}

for (
  const path of [
    ...["/nothing", "/api", "/api/", "/api/engines/", "/api/engines/echo/", "//api/engines"],
    ...["/api/engines/../engines/echo/x", "/API/engines", "/v2/models", "/upstream/echo/x", "/%"],
    ...["/metrics/", "/api/engines/echo/call", "/assets/0/main.js"],
  ]
) {
  Deno.test(`nothing is at ${path}`, async () => {
    assertEquals(await codeOf(await new WebWorld().ask(path)), "404 not_found");
  });
}

for (
  const [method, path, allow] of [
    ["POST", "/health", "GET, HEAD"],
    ["DELETE", "/api/engines/echo", "GET, HEAD"],
    ["GET", "/api/engines/echo/start", "POST"],
    ["GET", "/api/engines/echo/input", "POST"],
    ["PUT", "/api/engines/echo/activity", "POST"],
    ["GET", "/api/shutdown", "POST"],
    ["OPTIONS", "/api/engines", "GET, HEAD"],
    ["POST", "/api/events", "GET, HEAD"],
    ["HEAD", "/api/events", "GET"],
    ["POST", "/", "GET, HEAD"],
    ["GET", "/engines/echo/stop", "POST"],
  ] as const
) {
  Deno.test(`${method} ${path} is no method of the path`, async () => {
    const world = new WebWorld();
    const response = await world.ask(path, { method });
    assertEquals([response.status, response.headers.get("allow")], [405, allow]);
    if (method !== "HEAD") assertEquals(await codeOf(response), "405 method_not_allowed");
    assertEquals([world.supervisor.calls, world.events.subscribers], [[], 0]);
  });
}

Deno.test("HEAD answers as GET does, with the length and without the body", async () => {
  const world = new WebWorld();
  for (const path of ["/api/engines", "/v1/models", "/", "/metrics"]) {
    const { byteLength } = await (await world.ask(path)).arrayBuffer();
    const response = await world.ask(path, { method: "HEAD" });
    assertEquals([response.status, await response.text()], [200, ""], path);
    assertEquals(response.headers.get("content-length"), String(byteLength), path);
  }
});

Deno.test("an error carries every field of the contract and the engine's last lines", async () => {
  const world = new WebWorld();
  world.supervisor.script.start = () =>
    Promise.reject(
      new LifecycleError("start_timeout", {
        detail: "It did not listen within 10 s.",
        remedy: "Raise --start-timeout.",
        engine: "echo",
        retryAfterS: 30,
      }, ["first", "last"]),
    );
  const response = await world.post("/api/engines/echo/start");
  assertEquals(response.headers.get("retry-after"), "30");
  assertEquals(await problemOf(response), {
    type: "urn:ai-engine:error:start_timeout",
    title: "Socket startup timeout",
    status: 502,
    detail: "It did not listen within 10 s.",
    remedy: "Raise --start-timeout.",
    code: "start_timeout",
    engine: "echo",
    source: "supervisor",
    requestId: "0101010101010101",
    lastLines: ["first", "last"],
  });
});

Deno.test("a foreign error becomes an internal one, thrown things that are no errors too", async () => {
  for (const thrown of [new TypeError("x is not a function"), "a string", undefined]) {
    const world = new WebWorld();
    world.supervisor.script.start = () => Promise.reject(thrown);
    const response = await world.post("/api/engines/echo/start");
    assertEquals(await codeOf(response), "500 internal");
  }
});

Deno.test("who would rather read HTML gets a page of the same content", async () => {
  const world = new WebWorld();
  const response = await world.ask("/nothing<b>", {
    headers: { accept: "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8" },
  });
  assertEquals(response.status, 404);
  assertEquals(response.headers.get("content-type"), "text/html; charset=utf-8");
  assertEquals(response.headers.get("ai-engine-error-source"), "supervisor");
  const html = await response.text();
  for (
    const said of ["Not found", "There is nothing at this path.", "not_found", "0101010101010101"]
  ) {
    assertStringIncludes(html, said);
  }
  assert(!html.includes("<script"));
});

Deno.test("no answer of the API is kept, sniffed, framed or read by another site", async () => {
  const world = new WebWorld();
  for (const path of ["/api/engines", "/nothing", "/health"]) {
    const { headers } = await world.ask(path);
    assertEquals(headers.get("x-content-type-options"), "nosniff");
    assertEquals(headers.get("cross-origin-resource-policy"), "same-origin");
    assertStringIncludes(headers.get("content-security-policy") ?? "", "default-src 'none'");
    assertEquals(headers.get("access-control-allow-origin"), null);
  }
});

Deno.test("GET /api/limits tells each bound with what was refused", async () => {
  const world = new WebWorld(["echo"], { mailboxSize: 2 });
  const large = await world.input("x".repeat(1024 * 1024));
  assertEquals(await codeOf(large), "413 too_large");
  const form = new URLSearchParams({ input: "x".repeat(1024 * 1024) });
  const large2 = await world.post("/engines/echo/input", { body: form });
  assertEquals(large2.status, 413);
  await large2.body?.cancel();
  const stream = await world.ask("/api/events");
  const notice = { type: "notice", level: "warn", title: "a", detail: "b", at: "" } as const;
  for (let i = 0; i < 5; i++) world.events.publish(notice);
  const response = await world.ask("/api/limits");
  const own = { engine: null, used: null };
  assertEquals(await response.json(), {
    limits: [
      { ...own, name: "event_mailbox", limit: 2, refused: 3 },
      { ...own, name: "event_log_chars", limit: 256 * 1024, refused: 0 },
      { ...own, name: "event_streams", limit: 64, used: 1, refused: 0 },
      { ...own, name: "event_stall_ms", limit: 10_000, refused: 0 },
      { ...own, name: "input_bytes", limit: 1024 * 1024, refused: 2 },
      { ...own, name: "call_bytes", limit: 4 * 1024 * 1024, refused: 0 },
      { ...own, name: "profiles", limit: 1, used: 0, refused: 0 },
    ],
  });
  await stream.body?.cancel();
});
