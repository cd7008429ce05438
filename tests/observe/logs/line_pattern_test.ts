import { assert, assertEquals, assertLess, assertThrows } from "@std/assert";
import fc from "fast-check";
import { LinePattern } from "../../../src/observe/logs/line_pattern.ts";
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

Deno.test("a pattern matches the lines that the runtime's own expression matches", () => {
  fc.assert(
    fc.property(patterns, lines, fc.boolean(), (source, line, ignoresCase) => {
      const expected = new RegExp(source, ignoresCase ? "i" : "").test(line);
      assertEquals(new LinePattern(source, { ignoresCase }).test(line), expected);
    }),
    { numRuns: 3_000 },
  );
});

Deno.test("what would hold up a matcher that tries every way is done in one pass", () => {
  const line = `${"a".repeat(4_000)}!`;
  for (const source of ["(a+)+$", "(a|a)+$", "(a*)*b", "a*a*a*a*a*b", "(.*)(.*)(.*)[bc]"]) {
    const pattern = new LinePattern(source);
    assertEquals(pattern.test(line), false);
    assertLess(pattern.steps, 40 * line.length, source);
  }
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
