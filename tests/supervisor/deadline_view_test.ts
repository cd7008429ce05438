import { assertEquals } from "@std/assert";
import { settle } from "../support/fake_clock.ts";
import { World } from "./world.ts";

/** How far ahead the view says that the state goes on by itself. */
function aheadMs(world: World): number | null {
  const { deadlineAt } = world.supervisor.view("echo");
  return deadlineAt === undefined ? null : Date.parse(deadlineAt) - world.clock.wall();
}

Deno.test("the view tells when a state that does not last goes on by itself", async () => {
  const world = new World();
  assertEquals([world.state, aheadMs(world)], ["stopped", null]);
  world.machine.next.health = null;
  const started = world.supervisor.start("echo");
  await settle();
  assertEquals([world.state, aheadMs(world)], ["starting", 10_000]);
  for (const { behaviour } of world.machine.trees) behaviour.health = 200;
  await world.clock.advance(1_000);
  await started;
  assertEquals([world.state, aheadMs(world)], ["ready", null]);
  for (const { behaviour } of world.machine.trees) behaviour.input = "hangs";
  const cut = world.supervisor.input("echo", "a").catch(() => null);
  await world.clock.advance(10);
  const stopped = world.supervisor.stop("echo");
  await world.clock.advance(1_000);
  assertEquals([world.state, aheadMs(world)], ["draining", 4_000]);
  await world.clock.advance(5_000);
  await Promise.all([cut, stopped]);
  assertEquals([world.state, aheadMs(world)], ["stopped", null]);
});
