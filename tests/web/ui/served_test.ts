import { assertEquals } from "@std/assert";
import {
  choosePacked,
  hashOf,
  joinModules,
  packedHead,
  slim,
  slimStyle,
  toServed,
} from "../../../src/web/ui/served.ts";

Deno.test("slim() takes out comments on lines of their own, indentation and empty lines", () => {
  const text = `// @ts-check
/**
 * Says more.
 */

export function a(x) {
  // why
  const y = /** @type {number} */ (x); // stays
  /** @type {string} */
  return y * 2;
}
`;
  assertEquals(
    slim(text),
    "export function a(x) {\nconst y = /** @type {number} */ (x); // stays\nreturn y * 2;\n}\n",
  );
});

Deno.test("slim() leaves a comment alone that shares its line with code", () => {
  const text = "/** @type {A} */ (a).b();\nconst c = 1;\n/* own */\n";
  assertEquals(slim(text), "/** @type {A} */ (a).b();\nconst c = 1;\n");
});

Deno.test("slimStyle() keeps the spaces that mean something", () => {
  const style = `/* Tokens */
:root {
  --control: 36px;
  font: 13px / 19px var(--mono);
}

.a > .b:is(.c, .d) .e,
.f {
  width: calc(2 * var(--x) + 1px);
}

@media (max-width: 30rem) {
  .g {
    gap: 8px 16px;
  }
}
`;
  assertEquals(
    slimStyle(style),
    ":root{--control:36px;font:13px / 19px var(--mono)}" +
      ".a>.b:is(.c,.d) .e,.f{width:calc(2 * var(--x) + 1px)}" +
      "@media (max-width:30rem){.g{gap:8px 16px}}",
  );
});

Deno.test("joinModules() drops imports, over several lines too, and keeps exports", () => {
  const b =
    'import { a } from "./a.js";\nimport {\n  c,\n  d,\n} from "../c.js";\nexport const b = a;\n';
  assertEquals(
    joinModules(["export const a = 1;\n", b]),
    "export const a = 1;\nexport const b = a;\n",
  );
});

Deno.test("toServed() leads imports to where the served modules are", () => {
  const modules = {
    list: 'import { a } from "../words.js";\nimport { b } from "./rows.js";\na(b);\n',
  };
  assertEquals(toServed(modules, ["words"]), {
    "list.js": 'import { a } from "./main.js";\nimport { b } from "./rows.js";\na(b);\n',
  });
});

Deno.test("choosePacked() takes only what was made of the same modules", () => {
  const packed = `${packedHead("long form")}short`;
  assertEquals(choosePacked(packed, "long form"), "short");
  assertEquals(choosePacked(packed, "another form"), "another form");
  assertEquals(choosePacked("", "long form"), "long form");
});

Deno.test("hashOf() tells texts apart that differ by a letter", () => {
  assertEquals(hashOf("a").length, 16);
  assertEquals(new Set(["", "a", "b", "ab", "ba"].map(hashOf)).size, 5);
});
