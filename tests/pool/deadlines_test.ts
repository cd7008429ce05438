import { assertEquals } from "@std/assert";
import { Deadlines } from "../../src/pool/deadlines.ts";
import { FakeClock } from "../support/fake_clock.ts";

/** Deadlines that write their names down when they are reached. */
function setup() {
  const clock = new FakeClock();
  const deadlines = new Deadlines(clock);
  const reached: string[] = [];
  const add = (name: string, at: number) => deadlines.add(at, () => reached.push(name));
  return { clock, deadlines, reached, add };
}

Deno.test("deadlines share one timer and are reached each at its time", async () => {
  const { clock, reached, add } = setup();
  add("late", 300);
  add("early", 100);
  add("middle", 200);
  assertEquals(clock.timers, 1);
  for (const expected of [["early"], ["early", "middle"], ["early", "middle", "late"]]) {
    await clock.advance(99);
    assertEquals(reached.length, expected.length - 1);
    await clock.advance(1);
    assertEquals(reached, expected);
  }
  assertEquals(clock.timers, 0);
});

Deno.test("a deadline that moves away is reached later, one that moves near earlier", async () => {
  const { clock, deadlines, reached, add } = setup();
  const away = add("away", 100);
  const near = add("near", 500);
  deadlines.move(away, 400);
  deadlines.move(near, 150);
  await clock.advance(149);
  assertEquals(reached, []);
  await clock.advance(1);
  assertEquals(reached, ["near"]);
  await clock.advance(249);
  assertEquals(reached, ["near"]);
  await clock.advance(1);
  assertEquals(reached, ["near", "away"]);
});

Deno.test("a removed deadline is not reached, and the last one takes the timer with it", async () => {
  const { clock, deadlines, reached, add } = setup();
  const first = add("first", 100);
  const second = add("second", 200);
  deadlines.remove(first);
  await clock.advance(150);
  assertEquals([reached, clock.timers], [[], 1]);
  deadlines.remove(second);
  assertEquals(clock.timers, 0);
  await clock.advance(100);
  assertEquals(reached, []);
});

Deno.test("a deadline without end sets no timer", () => {
  const { clock, add } = setup();
  add("never", Infinity);
  assertEquals(clock.timers, 0);
});

Deno.test("a deadline that was reached stays quiet when it is moved", async () => {
  const { clock, deadlines, reached, add } = setup();
  const deadline = add("once", 100);
  await clock.advance(100);
  deadlines.move(deadline, 200);
  await clock.advance(500);
  assertEquals([reached, clock.timers], [["once"], 0]);
});

Deno.test("a deadline may be removed by another that is reached with it", async () => {
  const { clock, deadlines, reached } = setup();
  deadlines.add(100, () => {
    reached.push("first");
    deadlines.remove(second);
  });
  const second = deadlines.add(100, () => reached.push("second"));
  await clock.advance(100);
  assertEquals([reached, clock.timers], [["first"], 0]);
});
