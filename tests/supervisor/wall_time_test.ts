import { assertEquals } from "@std/assert";
import { WallTime } from "../../src/supervisor/wall_time.ts";
import { FakeClock } from "../support/fake_clock.ts";

Deno.test("a shown time stands still while the clocks drift by up to a second, then moves", () => {
  const clock = new FakeClock();
  const wallTime = new WallTime(clock);
  const begun = wallTime.show(500);
  assertEquals(begun, "2025-01-01T00:00:00.500Z");
  for (const drift of [600, 400, -2_000]) {
    clock.wallStart += drift;
    assertEquals(wallTime.show(500), begun);
  }
  clock.wallStart -= 1;
  assertEquals(wallTime.show(500), "2024-12-31T23:59:59.499Z");
  // The offset of now is the one that is kept from here on.
  clock.wallStart += 1_000;
  assertEquals(wallTime.show(500), "2024-12-31T23:59:59.499Z");
  clock.wallStart += 1;
  assertEquals(wallTime.show(500), "2025-01-01T00:00:00.500Z");
});
