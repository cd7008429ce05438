import { assertEquals, assertStringIncludes } from "@std/assert";
import { codeOf, CONTROL, HOST, WebWorld } from "./support/web_world.ts";

const PATHS = ["/", "/api/engines", "/api/events", "/health", "/nothing", "/assets/0/style.css"];

Deno.test("a foreign host gets 421 at every path, before anything is dispatched", async () => {
  const world = new WebWorld();
  for (const path of PATHS) {
    const response = await world.ask(path, { headers: { host: "evil.example" } });
    assertEquals(await codeOf(response), "421 wrong_host", path);
  }
  const response = await world.post("/api/engines/echo/start", {
    headers: { host: "evil.example:7411", origin: "http://evil.example:7411" },
  });
  assertEquals(await codeOf(response), "421 wrong_host");
  assertEquals([world.supervisor.calls, world.events.subscribers], [[], 0]);
});

Deno.test("a host that is none gets 400", async () => {
  const world = new WebWorld();
  for (const host of ["", "a, b", "u@localhost", "localhost/x"]) {
    const request = new Request(`http://${HOST}/health`, { headers: { host } });
    assertEquals(await codeOf(await world.handle(request)), "400 bad_request", host);
  }
  const bare = new Request(`http://${HOST}/health`);
  assertEquals(await codeOf(await world.handle(bare)), "400 bad_request");
});

Deno.test("an absolute target to another host gets 421, whatever its Host says", async () => {
  const request = new Request("http://evil.example/health", { headers: { host: HOST } });
  assertEquals(await codeOf(await new WebWorld().handle(request)), "421 wrong_host");
});

for (
  const [says, headers] of [
    ["another site", { origin: "http://evil.example" }],
    ["an origin that is hidden", { origin: "null" }],
    ["another program of this machine", { origin: "http://127.0.0.1:3000" }],
    ["another site, by its browser", { "sec-fetch-site": "cross-site" }],
    ["the same site, by its browser", { "sec-fetch-site": "same-site" }],
  ] as const
) {
  Deno.test(`a request from ${says} gets 403 and changes nothing`, async () => {
    const world = new WebWorld();
    for (const path of PATHS) {
      assertEquals(await codeOf(await world.ask(path, { headers })), "403 forbidden_origin");
    }
    for (const path of ["/api/engines/echo/start", "/engines/echo/stop"]) {
      assertEquals(await codeOf(await world.post(path, { headers })), "403 forbidden_origin");
    }
    assertEquals([world.supervisor.calls, world.events.subscribers], [[], 0]);
  });
}

Deno.test("our own page may do everything", async () => {
  const world = new WebWorld();
  const headers = { origin: `http://${HOST}`, "sec-fetch-site": "same-origin" };
  assertEquals((await world.post("/api/engines/echo/start", { headers })).status, 200);
});

Deno.test("another site may link to the page, and to nothing else", async () => {
  const world = new WebWorld();
  const headers = {
    ...{ "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate" },
    "sec-fetch-dest": "document",
  };
  assertEquals((await world.ask("/?from=there", { headers })).status, 200);
  assertEquals((await world.ask("/api/engines", { headers })).status, 403);
  assertEquals((await world.post("/", { headers })).status, 403);
});

Deno.test("the control socket asks neither for a host nor for an origin", async () => {
  const world = new WebWorld();
  const request = new Request("http+unix://%2Frun%2Fcontrol.sock/api/engines", {
    headers: { host: "localhost", origin: "null", "sec-fetch-site": "cross-site" },
  });
  assertEquals((await world.handle(request, CONTROL)).status, 200);
  const bare = new Request("http+unix://%2Frun%2Fcontrol.sock/health");
  assertEquals((await world.handle(bare, CONTROL)).status, 200);
});

Deno.test("a person on a wrong host reads where to go", async () => {
  const response = await new WebWorld().ask("/", {
    headers: { host: "evil.example", accept: "text/html" },
  });
  assertEquals(response.status, 421);
  assertStringIncludes(await response.text(), "Open http://127.0.0.1:7411/ instead.");
});
