/** What a start holds, for how long, and what becomes of it when nobody waits any more. */
import { assertEquals } from "@std/assert";
import { outcome, World } from "./world.ts";

Deno.test("a request waits for a start as long as the start may take, however long that is", async () => {
  const world = new World({ startTimeoutMs: 900_000, queue: { max: 10, timeoutMs: 1_000 } });
  world.machine.next.health = null;
  const asked = outcome((async () => await world.supervisor.lease("echo"))());
  const input = outcome(world.supervisor.input("echo", "hello"));
  await world.clock.advance(899_000);
  assertEquals([world.state, world.supervisor.view("echo").queued], ["starting", 2]);
  await world.clock.advance(1_100);
  assertEquals([await asked, await input], ["start_timeout", "start_timeout"]);
});

Deno.test("the time-out of the queue begins where a start ends", async () => {
  const world = new World({ slots: 1, queue: { max: 10, timeoutMs: 5_000 } });
  world.machine.next.health = null;
  const asked = Array.from({ length: 2 }, () => {
    return outcome((async () => {
      await world.supervisor.lease("echo");
      return "has it";
    })());
  });
  await world.clock.advance(8_000);
  world.machine.newest.behaviour.health = 200;
  await world.clock.advance(100);
  assertEquals([world.state, world.supervisor.view("echo").queued], ["ready", 1]);
  await world.clock.advance(4_800);
  assertEquals(world.supervisor.view("echo").queued, 1);
  await world.clock.advance(200);
  assertEquals(await Promise.all(asked), ["has it", "queue_timeout"]);
});

Deno.test("all who wait have left: the start goes on, and idles out from its ready on", async () => {
  const world = new World({ idleTimeoutMs: 5_000 });
  world.machine.next.health = null;
  const left = new AbortController();
  const asked = Array.from({ length: 3 }, () => {
    return outcome((async () => {
      return await world.supervisor.lease("echo", { signal: left.signal });
    })());
  });
  await world.clock.advance(1_000);
  left.abort();
  assertEquals(await Promise.all(asked), ["AbortError", "AbortError", "AbortError"]);
  assertEquals([world.state, world.supervisor.view("echo").queued], ["starting", 0]);
  await world.clock.advance(7_000);
  world.machine.newest.behaviour.health = 200;
  await world.clock.advance(100);
  assertEquals(world.state, "ready");
  await world.clock.advance(4_800);
  assertEquals(world.state, "ready");
  await world.clock.advance(300);
  assertEquals([world.state, world.machine.trees.length], ["stopped", 1]);
});

Deno.test("a request that says so stops the engine after it, or keeps it, until another one says", async () => {
  const world = new World({ idleTimeoutMs: 5_000 });
  const input = async (keepAliveMs?: number) => {
    const wishes = keepAliveMs === undefined ? {} : { keepAliveMs };
    await Promise.all([world.supervisor.input("echo", "hello", wishes), world.clock.advance(10)]);
  };
  await input(-1);
  const { stopsAt, idleTimeoutMs } = world.supervisor.view("echo");
  assertEquals([stopsAt, idleTimeoutMs], [null, -1]);
  await input();
  await world.clock.advance(1_000_000);
  assertEquals(world.state, "ready");
  await input(60_000);
  const view = world.supervisor.view("echo");
  assertEquals(Date.parse(view.stopsAt ?? "") - Date.parse(view.lastActivityAt ?? ""), 60_000);
  await world.clock.advance(59_000);
  assertEquals(world.state, "ready");
  await input(0);
  await world.clock.advance(100);
  assertEquals([world.state, world.changes.at(-1)], ["stopped", "stopping>stopped(idle)"]);
  await input();
  assertEquals(world.supervisor.view("echo").idleTimeoutMs, 5_000);
});
