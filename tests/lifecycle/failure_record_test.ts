import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  afterFailure,
  backoffMs,
  type FailureRecord,
  GOOD_RUN_MS,
  HALF_LIFE_MS,
  MAX_BACKOFF_MS,
  MIN_BACKOFF_MS,
  NO_FAILURES,
  scoreAt,
} from "../../src/lifecycle/mod.ts";

const chance = fc.double({ min: 0, max: 0.999_999, noNaN: true });
const score = fc.double({ min: 1, max: 2_000, noNaN: true });

Deno.test("backoffMs() stays between 0.5 s and 30 s, whatever the score and chance", () => {
  fc.assert(fc.property(score, chance, (score, chance) => {
    const ms = backoffMs(score, chance);
    assert(ms >= MIN_BACKOFF_MS && ms <= MAX_BACKOFF_MS, `${ms}`);
  }));
});

Deno.test("backoffMs() grows with the score and is drawn from a range, not fixed", () => {
  fc.assert(fc.property(score, score, chance, (a, b, chance) => {
    assert(backoffMs(Math.min(a, b), chance) <= backoffMs(Math.max(a, b), chance));
  }));
  assertEquals([1, 2, 3, 4, 5, 6, 7].map((score) => backoffMs(score, 0)), [
    500,
    1_000,
    2_000,
    4_000,
    8_000,
    15_000,
    15_000,
  ]);
  fc.assert(fc.property(score, (score) => {
    assert(backoffMs(score, 0.9) >= backoffMs(score, 0.1) * 1.5);
  }));
});

Deno.test("scoreAt() halves with each half-life and never rises by time alone", () => {
  const record: FailureRecord = { ...NO_FAILURES, score: 4, at: 1_000 };
  assertEquals(scoreAt(record, 1_000 + HALF_LIFE_MS), 2);
  assertEquals(scoreAt(record, 1_000 + 2 * HALF_LIFE_MS), 1);
  fc.assert(fc.property(score, fc.nat(1e7), fc.nat(1e7), (score, a, b) => {
    const record = { ...NO_FAILURES, score, at: 0 };
    assert(scoreAt(record, a + b) <= scoreAt(record, a));
  }));
});

Deno.test("afterFailure() adds one, and forgets what was before a good run", () => {
  let record = NO_FAILURES;
  for (let i = 0; i < 3; i++) record = afterFailure(record, { now: 0, chance: 0, readyMs: 10 });
  assertAlmostEquals(record.score, 3);
  assertEquals(record.retryAt, 2_000);
  const soon = afterFailure(record, { now: 0, chance: 0, readyMs: GOOD_RUN_MS - 1 });
  assertAlmostEquals(soon.score, 4);
  const good = afterFailure(record, { now: 0, chance: 0, readyMs: GOOD_RUN_MS });
  assertEquals([good.score, good.retryAt], [1, MIN_BACKOFF_MS]);
});

Deno.test("afterFailure() reaches the longest wait in a crash loop without end, and stays there", () => {
  fc.assert(
    fc.property(chance, (chance) => {
      let record = NO_FAILURES;
      let longestMs = 0;
      for (let i = 0; i < 60; i++) {
        const now = record.retryAt + 100;
        record = afterFailure(record, { now, chance, readyMs: 100 });
        longestMs = Math.max(longestMs, record.retryAt - now);
      }
      assert(longestMs >= 0.45 * MAX_BACKOFF_MS, `${longestMs}`);
    }),
    { numRuns: 50 },
  );
});

Deno.test("afterFailure() counts processes that die before they are ready, in a row", () => {
  const dead = { now: 0, chance: 0, readyMs: null };
  const twice = afterFailure(afterFailure(NO_FAILURES, dead), dead);
  assertEquals(twice.deadStarts, 2);
  assertEquals(afterFailure(twice, { ...dead, readyMs: 1 }).deadStarts, 0);
});
