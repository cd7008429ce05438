import { assert, assertEquals, assertFalse } from "@std/assert";
import fc from "fast-check";
import { isEngineName, toEngineName } from "../../src/core/mod.ts";

Deno.test("isEngineName() takes what the contract allows", () => {
  for (const name of ["a", "0", "builtin", "my.server_2-b", "a".repeat(63), "a-", "a."]) {
    assert(isEngineName(name), name);
  }
});

Deno.test("isEngineName() refuses paths, upper case, line ends and what is too long", () => {
  // deno-fmt-ignore
  const names = [
    "", "A", "-a", ".a", "_a", "..", "../x", "a/b", "a\\b", "a b", "a\n", "\na", "a\u0000", "é",
    "a%2f", "a".repeat(64),
  ];
  for (const name of names) assertFalse(isEngineName(name), JSON.stringify(name));
});

const NAMED: readonly (readonly [baseName: string, name: string])[] = [
  ["My Server.py", "my-server"],
  ["engine", "engine"],
  ["llama-server", "llama-server"],
  ["x.tar.gz", "x.tar"],
  [".py", "py"],
  [".hidden.sh", "hidden"],
  ["--..__", "engine"],
  ["", "engine"],
  ["日本語", "engine"],
  ["日本語 2", "2"],
  ["İstanbul.exe", "i-stanbul"],
  ["a".repeat(100), "a".repeat(63)],
  ["a".repeat(62) + "--b", "a".repeat(62)],
  ["../../etc/passwd", "etc-passwd"],
];

Deno.test("toEngineName() makes a base name fit", () => {
  for (const [baseName, name] of NAMED) assertEquals(toEngineName(baseName), name, baseName);
});

Deno.test("toEngineName() always gives a name that is allowed", () => {
  const anyText = fc.oneof(
    fc.string({ unit: "binary", maxLength: 200 }),
    fc.stringMatching(/^[-._aZ09 /]{0,200}$/),
  );
  fc.assert(
    fc.property(anyText, (text) => {
      const name = toEngineName(text);
      assert(isEngineName(name), `${JSON.stringify(text)} became ${JSON.stringify(name)}`);
    }),
    { numRuns: 500 },
  );
});

Deno.test("toEngineName() leaves its own names without an extension alone", () => {
  fc.assert(fc.property(fc.stringMatching(/^[a-z0-9][a-z0-9_-]{0,60}[a-z0-9]$/), (name) => {
    assertEquals(toEngineName(name), name);
  }));
});
