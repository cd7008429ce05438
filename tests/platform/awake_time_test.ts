import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { AwakeTime, BEAT_MS, GAP_MS } from "../../src/platform/awake_time.ts";

function open(raw = 0) {
  const gaps: number[] = [];
  const time = new AwakeTime(raw, (gapMs) => gaps.push(gapMs));
  return { time, gaps };
}

Deno.test("time goes on as its source does while somebody looks at it", () => {
  const { time, gaps } = open(1_000);
  assertEquals([1_000, 1_000.25, 2_000, 6_999].map((raw) => time.at(raw)), [
    1_000,
    1_000.25,
    2_000,
    6_999,
  ]);
  assertEquals(gaps, []);
});

Deno.test("many small steps never make a gap, however far they go", () => {
  const { time, gaps } = open();
  let raw = 0;
  for (let i = 0; i < 10_000; i++) assertEquals(time.at(raw += BEAT_MS), raw);
  assertEquals(gaps, []);
});

Deno.test("a step of just the limit passed; one over it did not, but for a beat", () => {
  const { time, gaps } = open();
  assertEquals(time.at(GAP_MS), GAP_MS);
  assertEquals(gaps, []);
  assertEquals(time.at(2 * GAP_MS + 1), GAP_MS + BEAT_MS);
  assertEquals(gaps, [GAP_MS + 1]);
});

Deno.test("a gap is told once, and what comes after it counts from there", () => {
  const { time, gaps } = open();
  time.at(1_000);
  assertEquals(time.at(3_601_000), 2_000);
  assertEquals(time.at(3_601_000), 2_000);
  assertEquals(time.at(3_602_500), 3_500);
  assertEquals(gaps, [3_600_000]);
});

Deno.test("two suspends add up", () => {
  const { time, gaps } = open();
  assertEquals(time.at(10_000), 1_000);
  assertEquals(time.at(11_000), 2_000);
  assertEquals(time.at(31_000), 3_000);
  assertEquals(gaps, [10_000, 20_000]);
});

Deno.test("whoever is told of a gap may look at the time", () => {
  const seen: number[] = [];
  const time: AwakeTime = new AwakeTime(0, () => seen.push(time.at(60_000)));
  assertEquals(time.at(60_000), 1_000);
  assertEquals(seen, [1_000]);
});

Deno.test("time never goes back, and never faster than its source", () => {
  fc.assert(fc.property(fc.array(fc.double({ min: 0, max: 20_000, noNaN: true })), (steps) => {
    const { time } = open();
    let raw = 0;
    let last = 0;
    for (const step of steps) {
      const now = time.at(raw += step);
      const passed = now - last;
      const allowed = step > GAP_MS ? BEAT_MS : step;
      assertEquals(Math.abs(passed - allowed) < 1e-6, true, `${step} let ${passed} pass`);
      last = now;
    }
  }));
});
