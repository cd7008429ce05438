import { assertEquals } from "@std/assert";
import { Pace } from "../../src/supervisor/pace.ts";

Deno.test("Pace: whoever is sent away is told to come when all before it are likely to be done", () => {
  const pace = new Pace();
  assertEquals(pace.retryAfterS(10, 2), 1);
  pace.ended(4_000);
  assertEquals([pace.retryAfterS(0, 1), pace.retryAfterS(9, 2)], [4, 20]);
  assertEquals(pace.retryAfterS(1_000_000, 1), 600);
  pace.ended(1_000);
  assertEquals(pace.retryAfterS(0, 1), 4);
  assertEquals([pace.retryAfterS(0, 1, 60_000), pace.retryAfterS(2, 4, 60_000)], [60, 45]);
});

Deno.test("Pace: while nothing is ready it goes by how long a start takes", () => {
  const pace = new Pace();
  assertEquals(pace.retryAfterS(3, 0), 1);
  pace.started(7_200);
  assertEquals(pace.retryAfterS(3, 0), 8);
});
