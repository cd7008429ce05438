import { assertEquals, assertThrows } from "@std/assert";
import { mean, median, percentile, spread } from "../../tasks/bench/stats.ts";

Deno.test("median() is the middle of the sorted samples, and leaves them as they were", () => {
  const samples = [10, 9, 100];
  assertEquals(median(samples), 10);
  assertEquals(samples, [10, 9, 100]);
});

Deno.test("median() of an even number of samples lies between the two in the middle", () => {
  assertEquals(median([4, 1, 2, 100]), 3);
  assertEquals(median([7]), 7);
});

Deno.test("percentile() is a sample that enough others do not exceed", () => {
  const samples = Array.from({ length: 100 }, (_, at) => 100 - at);
  assertEquals(percentile(samples, 95), 95);
  assertEquals(percentile(samples, 100), 100);
  assertEquals(percentile(samples, 0), 1);
  assertEquals(percentile([1, 2, 3], 50), 2);
});

Deno.test("mean() weighs every sample", () => {
  assertEquals(mean([1, 2, 9]), 4);
});

Deno.test("nothing is made up where there are no samples", () => {
  assertThrows(() => median([]), RangeError);
  assertThrows(() => percentile([], 95), RangeError);
  assertThrows(() => mean([]), RangeError);
});

Deno.test("spread() is the range of few samples and the 95th percentile of many", () => {
  const format = (value: number) => `<${value}>`;
  assertEquals(spread([3, 1, 2], format), "<1>–<3>");
  assertEquals(spread(Array.from({ length: 20 }, (_, at) => at + 1), format), "p95 <19>");
  assertEquals(spread([1], format), "");
});
