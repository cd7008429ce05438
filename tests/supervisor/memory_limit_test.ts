/** What becomes of an engine that has more memory than it may. */
import { assertEquals, assertMatch } from "@std/assert";
import type { MemoryHold } from "../../src/core/mod.ts";
// Loaded by then: what comes of it is to need no time but the fake clock's.
import "../../src/supervisor/memory_watch.ts";
import { settle } from "../support/fake_clock.ts";
import { World } from "./world.ts";

function limitedWorld(hold: MemoryHold): World {
  const world = new World({ memory: { maxBytes: 1_000_000_000 } });
  const { machine } = world;
  const spawn = machine.spawn.bind(machine);
  machine.spawn = (spec) => Object.assign(spawn(spec), { memoryHold: hold });
  return world;
}

async function started(world: World): Promise<void> {
  const start = world.supervisor.start("echo");
  await world.clock.advance(10);
  await start;
}

const noticesOf = (world: World) =>
  world.published.flatMap((event) =>
    event.type === "notice" && event.title === "Memory limit" ? [event.detail] : []
  );

Deno.test("a watched engine that has too much is killed; the error says how much, and by what", async () => {
  let excess: number | null = null;
  const world = limitedWorld({
    by: "watch",
    why: "there is no cgroup",
    excess: () => Promise.resolve(excess),
  });
  await started(world);
  await world.clock.advance(60_000);
  assertEquals([world.state, world.machine.newest.signals], ["ready", []]);
  excess = 1_234_567_890;
  await world.clock.advance(300);
  assertEquals(world.machine.newest.signals[0], "SIGKILL");
  await world.clock.advance(100);
  assertEquals(world.state, "stopped");
  const { reason, lastError } = world.supervisor.view("echo");
  assertEquals([reason, lastError?.code], ["crash", "crashed"]);
  assertMatch(lastError?.detail ?? "", /had 1235 MB .*own watch.* more than the 1000 MB/);
  assertMatch(lastError?.remedy ?? "", /Raise memory\.max/);
});

Deno.test("it is watched while it starts, too", async () => {
  const world = limitedWorld({
    by: "watch",
    why: "",
    excess: () => Promise.resolve(2_000_000_000),
  });
  world.machine.next.health = null;
  const start = world.supervisor.start("echo").catch((error) => error.message);
  await world.clock.advance(400);
  assertEquals(world.machine.trees[0]?.signals[0], "SIGKILL");
  await world.clock.advance(60_000);
  assertMatch(await start, /had 2000 MB of memory/);
  assertEquals(world.state, "failed");
});

Deno.test("an engine that its cgroup has ended says so", async () => {
  let wasOver = false;
  const world = limitedWorld({ by: "cgroup", wasOver: () => wasOver });
  await started(world);
  wasOver = true;
  world.machine.newest.exit(137, "SIGKILL");
  await world.clock.advance(100);
  const { lastError } = world.supervisor.view("echo");
  assertMatch(lastError?.detail ?? "", /ended by the kernel .* more memory than the 1000 MB/);
});

Deno.test("a crash of an engine that is held by a cgroup is an ordinary crash", async () => {
  const world = limitedWorld({ by: "cgroup", wasOver: () => false });
  await started(world);
  world.machine.newest.exit(137, "SIGKILL");
  await world.clock.advance(100);
  assertMatch(world.supervisor.view("echo").lastError?.detail ?? "", /was ended by SIGKILL/);
});

for (
  const [hold, text] of [
    [{ by: "cgroup", wasOver: () => false }, /1000 MB \(memory\.max of its cgroup\)/],
    [
      { by: "watch", why: "there is no cgroup", excess: () => Promise.resolve(null) },
      /kept by a watch: .*over it in between.*can't keep the limit: there is no cgroup\./,
    ],
  ] as const
) {
  Deno.test(`who keeps the limit is told once: ${hold.by}`, async () => {
    const world = limitedWorld(hold);
    for (let i = 0; i < 2; i++) {
      await started(world);
      const stop = world.supervisor.stop("echo");
      await world.clock.advance(100);
      await stop;
    }
    await settle();
    const notices = noticesOf(world);
    assertEquals(notices.length, 1);
    assertMatch(notices[0] ?? "", text);
  });
}
