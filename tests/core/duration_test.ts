import { assert, assertEquals, assertMatch } from "@std/assert";
import fc from "fast-check";
import { formatDuration, parseDuration } from "../../src/core/mod.ts";

const UNITS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

const READABLE: readonly (readonly [text: string, ms: number])[] = [
  ["500ms", 500],
  ["2s", 2_000],
  ["5m", 300_000],
  ["1.5h", 5_400_000],
  ["1d", 86_400_000],
  ["7", 7_000],
  ["0.5", 500],
  ["0", 0],
  ["0ms", 0],
  ["0.4ms", 0],
  ["007s", 7_000],
  ["  3s\n", 3_000],
];

for (const [text, ms] of READABLE) {
  Deno.test(`parseDuration() reads ${JSON.stringify(text)} as ${ms} ms`, () => {
    assertEquals(parseDuration(text), ms);
  });
}

// deno-fmt-ignore
const UNREADABLE = [
  "", " ", "s", "-1", "-1s", "+1", "1 s", "1e3", "Infinity", "NaN", "0x10", "1,5s", ".5s", "1.",
  "1.s", "5min", "5M", "5S", "1s2", "1s 2m", "1s\n2s", "1\u0000s", "１s", "5µs", "1.1234567s",
  "1".repeat(13), "1".repeat(100_000),
];

Deno.test("parseDuration() refuses everything else", () => {
  for (const text of UNREADABLE) assertEquals(parseDuration(text), undefined, JSON.stringify(text));
});

Deno.test("parseDuration() multiplies any number by its unit", () => {
  const units = fc.constantFrom(...Object.keys(UNITS) as (keyof typeof UNITS)[]);
  fc.assert(fc.property(fc.nat(), units, (number, unit) => {
    assertEquals(parseDuration(`${number}${unit}`), number * UNITS[unit]);
  }));
});

Deno.test("parseDuration() gives whole milliseconds from 0 up or nothing, whatever it is given", () => {
  const almost = fc.stringMatching(/^[-+ ]?\d{0,14}\.?\d{0,7}(ms|s|m|h|d|x)?$/);
  fc.assert(fc.property(fc.oneof(almost, fc.string({ unit: "binary" })), (text) => {
    const ms = parseDuration(text);
    assert(ms === undefined || (Number.isInteger(ms) && ms >= 0), `${text}: ${ms}`);
  }));
});

const SAID: readonly (readonly [ms: number, text: string])[] = [
  [0, "0 ms"],
  [0.4, "0 ms"],
  [320, "320 ms"],
  [999.4, "999 ms"],
  [999.5, "1 s"],
  [1_000, "1 s"],
  [2_140, "2.1 s"],
  [59_949, "59.9 s"],
  [59_950, "1 min"],
  [59_999, "1 min"],
  [60_000, "1 min"],
  [61_000, "1 min 1 s"],
  [119_999, "2 min"],
  [300_000, "5 min"],
  [3_599_499, "59 min 59 s"],
  [3_599_500, "1 h"],
  [3_600_000, "1 h"],
  [7_500_000, "2 h 5 min"],
  [86_400_000, "24 h"],
];

for (const [ms, text] of SAID) {
  Deno.test(`formatDuration() says ${ms} ms as ${JSON.stringify(text)}`, () => {
    assertEquals(formatDuration(ms), text);
  });
}

/** What a person reads out of `text`, and how far off it may be: half of its last digit. */
function readBack(text: string): { readonly ms: number; readonly offMs: number } {
  const [, hours, minutes, seconds, ms] =
    /^(?:(\d+) h)? ?(?:(\d+) min)? ?(?:([\d.]+) s)?(?:(\d+) ms)?$/.exec(text) ?? [];
  const value = (part: string | undefined, unit: number) => Number(part ?? 0) * unit;
  assert(Number(minutes ?? 0) < 60 && Number(seconds ?? 0) < 60 && Number(ms ?? 0) < 1_000, text);
  return {
    ms: value(hours, 3_600_000) + value(minutes, 60_000) + value(seconds, 1_000) + value(ms, 1),
    offMs: hours !== undefined ? 60_000 : minutes !== undefined ? 500 : seconds ? 50 : 0.5,
  };
}

Deno.test("formatDuration() is never further off than it shows, and never carries a full unit", () => {
  const anyMs = fc.oneof(
    fc.double({ min: 0, max: 2_000, noNaN: true }),
    fc.double({ min: 0, max: 130_000, noNaN: true }),
    fc.double({ min: 0, max: 30 * 86_400_000, noNaN: true }),
  );
  fc.assert(
    fc.property(anyMs, (ms) => {
      const text = formatDuration(ms);
      assertMatch(text, /^(\d+ ms|\d+(\.\d)? s|\d+ min( \d+ s)?|\d+ h( \d+ min)?)$/);
      const read = readBack(text);
      assert(Math.abs(read.ms - ms) <= read.offMs + 1e-6, `${ms} is said as ${text}`);
    }),
    { numRuns: 2_000 },
  );
});
