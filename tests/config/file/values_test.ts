import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { duration, integer, size } from "../../../src/config/file/values.ts";

const CONTEXT = { dir: "/etc" };
const SIZE = size({ min: 0, example: "1GiB" });
const DURATION = duration({ min: 0, example: "1s" });

Deno.test("sizes are bytes by thousands and by 1024, as people write them", () => {
  const cases: readonly [string, number][] = [
    ["0", 0],
    ["512", 512],
    ["512B", 512],
    ["1k", 1_024],
    ["1kB", 1_000],
    ["1KB", 1_000],
    ["1KiB", 1_024],
    ["512M", 536_870_912],
    ["1.5GB", 1_500_000_000],
    ["16 GiB", 17_179_869_184],
    ["2T", 2_199_023_255_552],
  ];
  for (const [text, bytes] of cases) {
    assertEquals(SIZE.read(text, CONTEXT), { ok: true, value: bytes }, text);
  }
  for (const text of ["", "-1", "GiB", "1 Gb", "1e9", "16 gigs", "9999999999999T", "1,5GB"]) {
    assertEquals(SIZE.read(text, CONTEXT).ok, false, text);
  }
});

Deno.test("what a size, a duration and a number is written as is read as the same", () => {
  const max = 24 * 86_400_000;
  for (
    const [schema, values] of [
      [SIZE, fc.maxSafeNat()],
      [DURATION, fc.integer({ min: 0, max })],
      [integer({ min: -20, max: 19, example: 1 }), fc.integer({ min: -20, max: 19 })],
    ] as const
  ) {
    fc.assert(fc.property(values, (value) => {
      const text = String(schema.write(value));
      assertEquals(schema.read(text, CONTEXT), { ok: true, value }, text);
    }));
  }
  assertEquals([SIZE.write(17_179_869_184), SIZE.write(1_500_000), SIZE.write(7)], [
    "16GiB",
    "1500kB",
    7,
  ]);
  assertEquals([300_000, 500, 90_000, 0].map((ms) => DURATION.write(ms)), [
    "5m",
    "500ms",
    "90s",
    0,
  ]);
});
