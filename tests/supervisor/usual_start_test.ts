import { assertEquals } from "@std/assert";
import { settle } from "../support/fake_clock.ts";
import { World } from "./world.ts";

Deno.test("the view tells how long a start usually takes, once one was seen", async () => {
  const world = new World();
  assertEquals(world.supervisor.view("echo").usualStartMs, null);
  world.machine.next.health = null;
  const started = world.supervisor.start("echo");
  await world.clock.advance(2_000);
  assertEquals(world.supervisor.view("echo").usualStartMs, null);
  for (const { behaviour } of world.machine.trees) behaviour.health = 200;
  await world.clock.advance(1_000);
  await started;
  const usual = world.supervisor.view("echo").usualStartMs ?? 0;
  assertEquals(usual >= 2_000 && usual <= 3_000, true, `${usual} ms`);
  const closed = world.supervisor.shutdown({ force: true });
  await settle();
  await closed;
  assertEquals(world.supervisor.view("echo").usualStartMs, usual);
});
