/** `GET /api/requests` and `DELETE /api/requests/ID`. */
import { assertEquals } from "@std/assert";
import type { RequestRecord, RequestView } from "../../src/core/mod.ts";
import { toReceived } from "../support/request_records.ts";
import { codeOf, WebWorld } from "./support/web_world.ts";

function begin(world: WebWorld, id: string, engine = "echo"): RequestRecord {
  const headers = { "x-request-id": id };
  const request = new Request("http://localhost/upstream/echo/x", { headers });
  const record = world.records.of(toReceived(request));
  record.begin("upstream", engine);
  return record;
}

async function list(world: WebWorld, query = ""): Promise<string[]> {
  const response = await world.ask(`/api/requests${query}`);
  const { requests }: { requests: RequestView[] } = await response.json();
  return requests.map(({ id }) => id);
}

Deno.test("requests are listed: running first, then the newest, by engine and by failure", async () => {
  const world = new WebWorld(["echo", "other"]);
  begin(world, "ok").end("answered");
  const wrong = begin(world, "wrong", "other");
  wrong.answers(500);
  wrong.end("answered");
  begin(world, "cut").end("cut");
  begin(world, "left").end("left");
  begin(world, "runs");
  assertEquals(await list(world), ["runs", "left", "cut", "wrong", "ok"]);
  assertEquals(await list(world, "?engine=other"), ["wrong"]);
  assertEquals(await list(world, "?failed=true"), ["cut", "wrong"]);
  assertEquals(await list(world, "?limit=2"), ["runs", "left"]);
  assertEquals(await codeOf(await world.ask("/api/requests?engine=none")), "404 unknown_engine");
  for (const query of ["limit=x", "limit=-1", "failed=yes"]) {
    assertEquals(await codeOf(await world.ask(`/api/requests?${query}`)), "400 bad_request", query);
  }
});

Deno.test("a request is cancelled once; who is unknown or has ended can't be", async () => {
  const world = new WebWorld();
  const id = "a/b?c#%";
  const record = begin(world, id);
  record.canceller = { cancel: () => record.end("refused") };
  const path = `/api/requests/${encodeURIComponent(id)}`;
  const cancel = () => world.ask(path, { method: "DELETE" });
  const response = await cancel();
  assertEquals([response.status, await response.text()], [204, ""]);
  assertEquals(await codeOf(await cancel()), "404 not_found");
  assertEquals(
    await codeOf(await world.ask("/api/requests/none", { method: "DELETE" })),
    "404 not_found",
  );
  assertEquals(await codeOf(await world.ask(path)), "405 method_not_allowed");
});

Deno.test("an input is told of as a request; its client is told its name", async () => {
  const world = new WebWorld();
  world.supervisor.script.input = (_engine, _text, { record }) => {
    record?.begin("input", "echo");
    record?.end("answered");
    return Promise.reject(new TypeError("oh"));
  };
  const response = await world.input("hello", { headers: { "x-request-id": "mine" } });
  assertEquals([response.status, response.headers.get("x-request-id")], [500, "mine"]);
  assertEquals((await response.json()).requestId, "mine");
  assertEquals(await list(world), ["mine"]);
});
