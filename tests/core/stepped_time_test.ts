import { assert, assertEquals } from "@std/assert";
import { SteppedTime } from "../../src/core/mod.ts";
import { FakeClock } from "../support/fake_clock.ts";

/** Asks as often as a busy program; gives how far ahead the last answer was. */
function askOften(time: SteppedTime, clock: FakeClock): number {
  for (let count = 0; count < 100; count++) time.now();
  return time.now() - clock.now();
}

Deno.test("who asks rarely is told the time exactly, and no timer is set for that", async () => {
  const clock = new FakeClock();
  const time = new SteppedTime(clock);
  for (let count = 0; count < 1_000; count++) {
    assertEquals([time.now() - clock.now(), clock.timers], [0, 0]);
    await clock.advance(10);
  }
});

Deno.test("who asks often is told a time at most 100 ms ahead, also after a pause of any length", async () => {
  const clock = new FakeClock();
  const time = new SteppedTime(clock);
  assertEquals([askOften(time, clock), clock.timers], [100, 1]);
  for (const pauseMs of [0, 1, 99, 100, 101, 5_000, 3_600_000]) {
    await clock.advance(pauseMs);
    for (const ahead of [time.now() - clock.now(), askOften(time, clock)]) {
      assert(ahead >= 0 && ahead <= 100, `${ahead} ms after ${pauseMs} ms`);
    }
  }
});

Deno.test("it leaves no timer behind, neither after a step nor when it is stopped", async () => {
  const clock = new FakeClock();
  const time = new SteppedTime(clock);
  askOften(time, clock);
  await clock.advance(100);
  assertEquals(clock.timers, 0);
  askOften(time, clock);
  time.stop();
  assertEquals(clock.timers, 0);
});
