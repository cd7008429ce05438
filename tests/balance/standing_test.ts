import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  afterChoice,
  afterFailure,
  afterSuccess,
  type FailureKind,
  mayTake,
  type Standing,
  TRUSTED,
} from "../../src/balance/mod.ts";

/** `standing` after failures of one kind, all at `now`. */
function fail(standing: Standing, kind: FailureKind, times = 1, now = 0, chance = 0): Standing {
  let after = standing;
  for (let i = 0; i < times; i++) after = afterFailure(after, kind, { now, chance });
  return after;
}

Deno.test("three local failures in a row eject, or five answers of a broken gateway", () => {
  assertEquals(fail(TRUSTED, "local", 2).name, "trusted");
  assertEquals(fail(TRUSTED, "local", 3).name, "ejected");
  assertEquals(fail(TRUSTED, "gateway", 4).name, "trusted");
  assertEquals(fail(TRUSTED, "gateway", 5).name, "ejected");
  assertEquals(fail(fail(TRUSTED, "gateway", 4), "local", 2).name, "trusted");
});

Deno.test("a success in between begins the count anew", () => {
  const mended = afterSuccess(fail(TRUSTED, "local", 2));
  assertEquals(mended, TRUSTED);
  assertEquals(fail(mended, "local", 2).name, "trusted");
});

Deno.test("an ejection ends with one probe; the second request waits for what it tells", () => {
  const out = fail(TRUSTED, "local", 3, 100, 1 - Number.EPSILON);
  assert(!mayTake(out, 1_099) && mayTake(out, 1_100));
  const probed = afterChoice(out, 1_100);
  assertEquals(probed.name, "probed");
  assert(!mayTake(probed, 9_999));
  assertEquals(afterSuccess(probed), TRUSTED);
});

Deno.test("each probe that fails doubles the ejection, up to 30 s", () => {
  const lengths: number[] = [];
  let standing = fail(TRUSTED, "local", 3);
  for (let now = 0; lengths.length < 8;) {
    assert(standing.name === "ejected");
    lengths.push(standing.until - now);
    now = standing.until;
    standing = fail(afterChoice(standing, now), "gateway", 1, now);
  }
  assertEquals(lengths, [500, 1_000, 2_000, 4_000, 8_000, 15_000, 15_000, 15_000]);
});

Deno.test("what was sent before the ejection neither ends nor prolongs it", () => {
  const out = fail(TRUSTED, "local", 3);
  assertEquals(afterSuccess(out), out);
  assertEquals(fail(out, "local", 5, 400), out);
});

Deno.test("whatever happens, an instance may be asked again after 30 s at most, unless it is probed", () => {
  const step = fc.record({
    what: fc.constantFrom("choice", "success", "local", "gateway"),
    waitMs: fc.nat(5_000),
    chance: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
  });
  fc.assert(fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
    let standing: Standing = TRUSTED;
    let now = 0;
    for (const { what, waitMs, chance } of steps) {
      now += waitMs;
      if (what === "choice") standing = afterChoice(standing, now);
      else if (what === "success") standing = afterSuccess(standing);
      else standing = afterFailure(standing, what as FailureKind, { now, chance });
      assert(standing.name === "probed" || mayTake(standing, now + 30_000));
      if (standing.name === "ejected") assert(standing.until > now - 30_000);
    }
  }));
});
