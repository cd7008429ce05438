import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  MAX_DURATION_MS,
  parseIdleTimeout,
  parseStartTimeout,
} from "../../src/config/parse_duration.ts";

Deno.test("parseStartTimeout() takes a number and a unit, seconds without one", () => {
  const cases: readonly [string, number][] = [
    ["500ms", 500],
    ["2s", 2_000],
    ["2", 2_000],
    ["1.5", 1_500],
    ["5m", 300_000],
    ["1h", 3_600_000],
    ["24d", MAX_DURATION_MS],
    [" 2s ", 2_000],
  ];
  for (const [text, value] of cases) {
    assertEquals(parseStartTimeout(text), { ok: true, value }, text);
  }
});

Deno.test("parseStartTimeout() says why it refuses", () => {
  const cases: readonly [string, string][] = [
    ["", "which is not a duration"],
    ["soon", "which is not a duration"],
    ["-1", "which is not a duration"],
    ["5 m", "which is not a duration"],
    ["5M", "which is not a duration"],
    ["1e3", "which is not a duration"],
    ["Infinity", "which is not a duration"],
    ["NaN", "which is not a duration"],
    ["2s\0", "which is not a duration"],
    ["9".repeat(400), "which is not a duration"],
    ["0", "which leaves no time to start"],
    ["0ms", "which leaves no time to start"],
    ["0.0001ms", "which leaves no time to start"],
    ["25d", "which is over 24 days"],
    ["999999999999d", "which is over 24 days"],
  ];
  for (const [text, why] of cases) {
    const parsed = parseStartTimeout(text);
    assert(!parsed.ok, text);
    assertEquals(parsed.why, why, text);
  }
});

Deno.test("parseIdleTimeout() knows 0, as soon as idle, and -1, never", () => {
  for (const [text, value] of [["0", 0], ["0s", 0], ["-1", -1], ["5m", 300_000]] as const) {
    assertEquals(parseIdleTimeout(text), { ok: true, value }, text);
  }
  for (const text of ["-1s", "-2", "-0", "--1", "never", "25d", ""]) {
    assert(!parseIdleTimeout(text).ok, text);
  }
});

Deno.test("durations that are taken fit a 32-bit timer, and are whole milliseconds", () => {
  const number = fc.oneof(fc.nat().map(String), fc.double({ min: 0, noNaN: true }).map(String));
  const unit = fc.constantFrom("", "ms", "s", "m", "h", "d");
  fc.assert(fc.property(number, unit, (number, unit) => {
    const parsed = parseIdleTimeout(number + unit);
    if (!parsed.ok) return;
    assert(Number.isInteger(parsed.value) && parsed.value >= 0 && parsed.value < 2 ** 31);
  }));
});
