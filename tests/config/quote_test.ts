import { assertEquals, assertMatch } from "@std/assert";
import fc from "fast-check";
import { quote } from "../../src/config/mod.ts";

Deno.test("quote() makes what can't be seen visible", () => {
  assertEquals(quote("plain ✓"), '"plain ✓"');
  assertEquals(quote("\x1b[31m\0\n\u202e"), '"\\u001b[31m\\u0000\\u000a\\u202e"');
});

Deno.test("quote() cuts what is long and says how long it was", () => {
  assertEquals(quote("x".repeat(5_000)), `"${"x".repeat(80)}…" (5000 characters)`);
});

Deno.test("quote() of anything is one short line without controls", () => {
  fc.assert(fc.property(fc.string({ unit: "binary", maxLength: 300 }), (text) => {
    // deno-lint-ignore no-control-regex
    assertMatch(quote(text), /^[^\u0000-\u001f\u007f-\u009f\u2028\u2029]{2,520}$/u);
  }));
});
