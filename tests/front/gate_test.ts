/** Requests that wait for their turn, as many run already. */
import { assertEquals } from "@std/assert";
import { FrontWorld, get } from "./support/front_world.ts";

/** So many may be in their first milliseconds at once. */
const SLOTS = 32;

Deno.test("a connection that is closed while its request waits for its turn is not served", async () => {
  let served = 0;
  const world = new FrontWorld({
    forward: (exchange) => {
      served++;
      return new Promise((resolve) => exchange.onGone(resolve));
    },
  });
  for (let client = 0; client < SLOTS; client++) await world.ask(get("/upstream/x"));
  const waiting = await world.ask(get("/upstream/x"));
  assertEquals([served, waiting.isClosed], [SLOTS, false]);
  const drained = world.front.drain(0);
  // The gate looks around once more.
  await world.clock.advance(10);
  await drained;
  assertEquals([served, waiting.isClosed, waiting.writtenText], [SLOTS, true, ""]);
  assertEquals([world.faults, world.clock.timers], [[], 0]);
});
