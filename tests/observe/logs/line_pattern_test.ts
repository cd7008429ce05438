import { assert, assertEquals, assertLess, assertThrows } from "@std/assert";
import fc from "fast-check";
import { LinePattern, TURN_STEPS } from "../../../src/observe/logs/line_pattern.ts";
import { PatternError } from "../../../src/observe/logs/pattern_syntax.ts";

/** Patterns of which the runtime's own expressions say the same. */
const patterns: fc.Arbitrary<string> = fc.letrec<{ pattern: string }>((tie) => ({
  pattern: fc.oneof(
    { depthSize: "small", maxDepth: 3 },
    fc.constantFrom("a", "b", ".", "\\d", "\\w", "[ab]", "[^a]", "[a-c1]", "\\.", "é", "A", "\\S"),
    fc.constantFrom("^", "$", "\\b", "\\B", "", "\\t", "\\x61", "\\u0062", "[\\d-]"),
    fc.tuple(tie("pattern"), tie("pattern")).map(([one, two]) => one + two),
    fc.tuple(tie("pattern"), tie("pattern")).map(([one, two]) => `(?:${one}|${two})`),
    fc.tuple(tie("pattern"), fc.constantFrom("*", "+", "?", "{2}", "{1,}", "{0,2}", "*?"))
      .map(([one, count]) => `(${one})${count}`),
  ),
})).pattern;
const lines = fc.string({ unit: fc.constantFrom("a", "b", "c", "A", "1", ".", " ", "é", "\t") });

/** Whether it matches, however often it pauses. */
function isIn(pattern: LinePattern, line: string): boolean {
  const search = pattern.search(line);
  for (let step = search.next();; step = search.next()) if (step.done === true) return step.value;
}

Deno.test("a pattern matches the lines that the runtime's own expression matches", () => {
  fc.assert(
    fc.property(patterns, lines, fc.boolean(), (source, line, ignoresCase) => {
      const expected = new RegExp(source, ignoresCase ? "i" : "").test(line);
      assertEquals(isIn(new LinePattern(source, { ignoresCase }), line), expected);
    }),
    { numRuns: 3_000 },
  );
});

Deno.test("what would hold up a matcher that tries every way is done in one pass", () => {
  const line = `${"a".repeat(4_000)}!`;
  for (const source of ["(a+)+$", "(a|a)+$", "(a*)*b", "a*a*a*a*a*b", "(.*)(.*)(.*)[bc]"]) {
    const pattern = new LinePattern(source);
    assertEquals(isIn(pattern, line), false);
    assertLess(pattern.steps, 40 * line.length, source);
  }
});

Deno.test("a search pauses in the midst of a long line, and goes on where it was", () => {
  const pattern = new LinePattern("(a?){100}(a?){100}b$");
  const search = pattern.search(`${"a".repeat(4_000)}b`);
  let before = 0;
  let pauses = 0;
  for (; search.next().done !== true; pauses++) {
    assertLess(pattern.steps - before, 2 * TURN_STEPS);
    before = pattern.steps;
  }
  assert(pauses > 50, `${pauses} pauses`);
  assertEquals(isIn(pattern, `${"a".repeat(4_000)}b`), true);
  assertEquals(isIn(pattern, `${"a".repeat(4_000)}c`), false);
});

const REFUSED = [
  ["a)", "has a ) without its ("],
  ["(a", "has a ( without its )"],
  ["[a", "has a [ without its ]"],
  ["[a-", "has a [ without its ]"],
  ["[b-a]", "has a range in [] that runs backwards"],
  ["*a", "has a * with nothing before it to repeat"],
  ["a\\", "ends with a backslash"],
  ["(a)\\1", "refers back to a group"],
  ["(?=a)", "looks around"],
  ["a{3,2}", "whose first number is the larger one"],
  ["a{1000}", "repeats more than 100 times"],
  ["((a{100}){100}){100}", "repeats too much"],
  ["\\q", "has a \\q, which is not known here"],
  ["x".repeat(501), "is longer than 500 characters"],
  ["(".repeat(400), "has too many groups in groups"],
] as const;

for (const [source, words] of REFUSED) {
  Deno.test(`a pattern is refused in words that ${words}`, () => {
    const error = assertThrows(() => new LinePattern(source), PatternError);
    assert(error.message.includes(words), error.message);
  });
}
