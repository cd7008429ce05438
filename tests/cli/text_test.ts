import { assertEquals, assertMatch } from "@std/assert";
import fc from "fast-check";
import { alignColumns, fit, formatBytes, oneLine, plain, wrap } from "../../src/cli/text.ts";

Deno.test("plain() takes out what would act on a terminal, and leaves the words", () => {
  const cases: readonly [string, string][] = [
    ["\x1b[31mred\x1b[0m", "red"],
    ["\x1b]0;title\x07text", "text"],
    ["\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\", "link"],
    ["\x9b2Jgone", "gone"],
    ["\x1bPdevice\x1b\\text", "text"],
    ["\x1bcreset", "reset"],
    ["line\r\nnext\n\ttab", "line\nnext\n\ttab"],
    ["progress\rover", "progressover"],
    ["\x00\x07\x08\x7f", ""],
    ["ad\u202emin", "admin"],
    ["\x1b", ""],
    ["\x1b[", ""],
    ["héllo ✓ 日本", "héllo ✓ 日本"],
  ];
  for (const [text, expected] of cases) {
    assertEquals(plain(text), expected, JSON.stringify(text));
  }
});

Deno.test("plain() of anything has no control but line breaks and tabs", () => {
  fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => {
    // deno-lint-ignore no-control-regex
    assertMatch(plain(text), /^[^\u0000-\u0008\u000b-\u001f\u007f-\u009f]*$/u);
  }));
});

Deno.test("oneLine() makes one line", () => {
  assertEquals(oneLine("  a\n\n b\tc \r\n"), "a b c");
});

Deno.test("fit() cuts with an ellipsis", () => {
  assertEquals([fit("hello", 5), fit("hello", 4), fit("hello", 1), fit("hello", 0)], [
    "hello",
    "hel…",
    "…",
    "",
  ]);
});

Deno.test("wrap() breaks between words, and leaves a long word whole", () => {
  assertEquals(wrap("one two three", { width: 9, indent: "  " }), ["  one two", "  three"]);
  assertEquals(wrap("a verylongword b", { width: 6, indent: "" }), ["a", "verylongword", "b"]);
  assertEquals(wrap("", { width: 6, indent: "" }), [""]);
});

Deno.test("alignColumns() pads to the widest cell and leaves no space at the end", () => {
  assertEquals(alignColumns([["A", "LONG", "C"], ["aaa", "b", ""]]), ["A    LONG  C", "aaa  b"]);
});

Deno.test("formatBytes() takes a unit that reads well", () => {
  assertEquals([0, 999_499, 999_500, 84_400_000, 1_240_000_000].map(formatBytes), [
    "0 kB",
    "999 kB",
    "1 MB",
    "84 MB",
    "1.2 GB",
  ]);
});
