/** `POST /api/profile`. */
import { assertEquals } from "@std/assert";
import { codeOf, problemOf, WebWorld } from "./support/web_world.ts";

Deno.test("a profile of the program comes as a file, of an engine too", async () => {
  const world = new WebWorld();
  const ours = await world.post("/api/profile?seconds=2");
  assertEquals([ours.status, await ours.text()], [200, '{"took":2000}']);
  assertEquals(
    ours.headers.get("content-disposition"),
    'attachment; filename="ai-engine.cpuprofile"',
  );
  const theirs = await world.post("/api/profile?engine=echo");
  assertEquals(await theirs.bytes(), new Uint8Array([1, 2, 3]));
  assertEquals(world.supervisor.calls, ["profile echo 5"]);
});

Deno.test("one profile is taken at a time, another one when that is done", async () => {
  const world = new WebWorld();
  const done = Promise.withResolvers<string>();
  world.takeProfile = () => done.promise;
  const first = world.post("/api/profile?seconds=30");
  await world.clock.advance(10_000);
  const second = await world.post("/api/profile?engine=echo");
  assertEquals(second.headers.get("retry-after"), "20");
  assertEquals((await problemOf(second)).code, "queue_full");
  const { limits } = await (await world.ask("/api/limits")).json();
  const bound = { name: "profiles", engine: null, limit: 1, used: 1, refused: 1 };
  assertEquals(limits.find(({ name }: { name: string }) => name === "profiles"), bound);
  done.reject(new TypeError("it failed"));
  assertEquals(await codeOf(await first), "500 internal");
  world.takeProfile = () => Promise.resolve("{}");
  const third = await world.post("/api/profile");
  assertEquals([third.status, await third.text()], [200, "{}"]);
});

Deno.test("a profile of no time, too much time, or of nobody is refused", async () => {
  const world = new WebWorld();
  for (const seconds of ["0", "61", "-1", "1.5", "x", "", "1e1"]) {
    const response = await world.post(`/api/profile?seconds=${seconds}`);
    assertEquals(await codeOf(response), "400 bad_request", seconds);
  }
  assertEquals(await codeOf(await world.post("/api/profile?engine=none")), "404 unknown_engine");
  assertEquals(await codeOf(await world.ask("/api/profile")), "405 method_not_allowed");
});
