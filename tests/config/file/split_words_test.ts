import { assertEquals } from "@std/assert";
import { splitWords } from "../../../src/config/file/split_words.ts";

Deno.test("splitWords() takes a line apart as a shell does", () => {
  const cases: readonly [string, readonly string[]][] = [
    ["a b  c", ["a", "b", "c"]],
    [" a\tb\n", ["a", "b"]],
    ["a 'b c' \"d e\" f'g'\"h\"i", ["a", "b c", "d e", "fghi"]],
    ["a '' \"\"", ["a", "", ""]],
    ['a\\ b \'c\\d\' "e\\"f" "g\\h" "i\\\\"', ["a b", "c\\d", 'e"f', "g\\h", "i\\"]],
    ["a \\\n  b", ["a", "b"]],
    ["# no\na --x=1\n  # no\n  -m y#z\n", ["a", "--x=1", "-m", "y#z"]],
    ["a ${SOCKET} $HOME | b > c && d", ["a", "${SOCKET}", "$HOME", "|", "b", ">", "c", "&&", "d"]],
  ];
  for (const [line, words] of cases) {
    assertEquals(splitWords(line), { ok: true, value: words }, line);
  }
});

Deno.test("splitWords() refuses a quote without its end, and a line without a word", () => {
  for (const line of ["a 'b", 'a "b', 'a "b\\"', "", "  ", "# a"]) {
    assertEquals(splitWords(line).ok, false, line);
  }
});
