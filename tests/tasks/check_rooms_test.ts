import { assertEquals, assertStringIncludes } from "@std/assert";
import { checkRooms } from "../../tasks/check_rooms.ts";
import { MODULE } from "../../tasks/support/tree.ts";
import { findCycle } from "../../tasks/support/cycle.ts";

/** What is found in a tree of the given files. */
function check(modules: Record<string, string>): string[] {
  return checkRooms(new Map(Object.entries(modules)));
}

Deno.test("checkRooms() lets a well-built house stand", () => {
  const offences = check({
    "main.ts": 'import { run } from "./src/app.ts"; await import("./engine/builtin/main.ts");',
    "engine/builtin/main.ts":
      'import { serve } from "./serve.ts"; import type { A } from "./a.ts";',
    "src/app.ts":
      'import { a } from "./platform/mod.ts"; import { b } from "./supervisor/mod.ts"; import { c } from "./web/mod.ts"; import manifest from "../deno.json" with { type: "json" }; import { v } from "./app/voice.ts";',
    "src/app/voice.ts": 'import { a } from "../platform/mod.ts";',
    "src/access/decide.ts":
      'import { x } from "../core/mod.ts"; import type { S } from "../config/mod.ts"; import { h } from "../http1/mod.ts";',
    "src/access/mod.ts": 'export * from "./decide.ts";',
    "src/platform/net.ts": 'import { connect } from "node:net"; import { join } from "@std/path";',
    "src/shims/path.ts": 'export * from "npm:deno-std@1.4.0/path/mod.js";',
    "src/web/ui/page.tsx":
      'import { Hono } from "hono"; import { raw } from "hono/html"; import css from "./x.css" with { type: "text" };',
    "src/web/api.ts": 'import type { SupervisorApi } from "../supervisor/mod.ts";',
  });
  assertEquals(offences, []);
});

const FORBIDDEN: readonly [name: string, file: string, text: string, says: string][] = [
  ["an arrow upward", "src/core/a.ts", 'import "../config/mod.ts";', "no arrow core → config"],
  [
    "an arrow that is not in the table",
    "src/pool/a.ts",
    'import { x } from "../supervisor/mod.ts";',
    "no arrow pool → supervisor",
  ],
  [
    "a type over a missing arrow",
    "src/http1/a.ts",
    'import type { x } from "../pool/mod.ts";',
    "no arrow",
  ],
  ["a type by import()", "src/http1/a.ts", 'type A = import("../pool/mod.ts").A;', "no arrow"],
  ["a re-export", "src/lifecycle/a.ts", 'export { x } from "../events/mod.ts";', "no arrow"],
  [
    "a value over an interface",
    "src/web/a.ts",
    'import { SupervisorApi } from "../supervisor/mod.ts";',
    "`import type` only",
  ],
  [
    "an inline type, which leaves the module in the program",
    "src/pool/a.ts",
    'import { type S } from "../config/mod.ts";',
    "`import type` only",
  ],
  [
    "a dynamic import over an interface",
    "src/cli/a.ts",
    'await import("../web/mod.ts");',
    "`import type` only",
  ],
  [
    "another room's insides",
    "src/supervisor/a.ts",
    'import { x } from "../pool/pool.ts";',
    "past the door of pool: use src/pool/mod.ts",
  ],
  [
    "core's insides",
    "src/pool/a.ts",
    'import { x } from "../core/errors.ts";',
    "past the door of core",
  ],
  [
    "insides from app",
    "src/app.ts",
    'import { x } from "./pool/pool.ts";',
    "past the door of pool",
  ],
  [
    "insides from a part of app",
    "src/app/a.ts",
    'import { x } from "../pool/pool.ts";',
    "past the door of pool",
  ],
  [
    "app from a room",
    "src/cli/a.ts",
    'import { app } from "../app.ts";',
    "nothing in src imports src/app.ts",
  ],
  [
    "the built-in engine from src",
    "src/app.ts",
    'import("../engine/builtin/main.ts");',
    "nothing in src",
  ],
  [
    "src from the built-in engine",
    "engine/builtin/a.ts",
    'import "../../src/core/mod.ts";',
    "nothing of src",
  ],
  [
    "a package in the built-in engine",
    "engine/builtin/a.ts",
    'import "hono";',
    "nothing from outside",
  ],
  ["a room from main", "main.ts", 'import { x } from "./src/cli/mod.ts";', "main.ts may import"],
  [
    "the built-in engine at start",
    "main.ts",
    'import "./engine/builtin/main.ts";',
    "main.ts may import",
  ],
  ["a shim by its path", "src/cli/a.ts", 'import "../shims/cli.ts";', "by their @std names"],
  [
    "assertions in src",
    "src/cli/a.ts",
    'import { assert } from "@std/assert";',
    "may not import @std/assert",
  ],
  [
    "hono outside web",
    "src/front/a.ts",
    'import { Hono } from "hono";',
    "front may not import hono",
  ],
  [
    "a registry's name",
    "src/web/a.ts",
    'import z from "npm:zod@4";',
    "web may not import npm:zod@4",
  ],
  ["node: outside platform", "src/pool/a.ts", 'import "node:net";', "pool may not import node:net"],
  ["a computed import", "src/pool/a.ts", "await import(name);", "computed"],
  ["one in a browser's module", "src/web/ui/browser/a.js", "await import(name);", "computed"],
  [
    "an import in a file of another spelling",
    "src/core/a.mts",
    'import "../config/mod.ts";',
    "no arrow core → config",
  ],
  ["a require", "src/core/a.cts", 'import x = require("../pool/mod.ts");', "no arrow core → pool"],
  [
    "a type by require",
    "src/core/a.cts",
    'import type x = require("../pool/a.ts");',
    "past the door",
  ],
  ["a bare require", "src/core/a.cjs", 'const x = require("../pool/mod.ts");', "no arrow"],
  ["a path in a comment", "src/core/a.ts", '/// <reference path="../pool/mod.ts" />', "no arrow"],
  ["types in a comment", "src/core/a.ts", '/// <reference types="npm:zod" />', "npm:zod"],
  [
    "a worker",
    "src/core/a.ts",
    'new Worker(new URL("../pool/mod.ts", import.meta.url), { type: "module" });',
    "no arrow core → pool",
  ],
  [
    "a worker by import.meta.resolve()",
    "src/core/a.ts",
    'new Worker(import.meta.resolve("../pool/mod.ts"));',
    "no arrow core → pool",
  ],
  ["a worker that is computed", "src/core/a.ts", "new Worker(place);", "computed"],
  [
    "the address of a module",
    "src/core/a.ts",
    'const at = new URL("../pool/mod.ts", import.meta.url);',
    "no arrow core → pool",
  ],
  [
    "a specifier that is resolved",
    "src/core/a.ts",
    'const at = import.meta.resolve("npm:zod");',
    "core may not import npm:zod",
  ],
  ["an address that is computed", "src/core/a.ts", "new URL(name, import.meta.url);", "computed"],
  [
    "a JSDoc import",
    "src/core/a.js",
    '/** @import { Pool } from "../pool/mod.ts" */\nexport const a = 1;',
    "no arrow core → pool",
  ],
  ["a room that is not in the table", "src/attic/a.ts", "", "in no room"],
  [
    "a path out of the house",
    "src/pool/a.ts",
    'import "../../tests/x.ts";',
    "tests/x.ts is in no room",
  ],
  [
    "the supervisor in the pages",
    "src/web/ui/page.tsx",
    'import type { SupervisorApi } from "../../supervisor/mod.ts";',
    "must not know supervisor",
  ],
];

for (const [name, file, text, says] of FORBIDDEN) {
  Deno.test(`checkRooms() finds ${name}`, () => {
    const offences = check({ [file]: `\n${text}` });
    assertEquals(offences.length, 1, offences.join("\n"));
    assertStringIncludes(offences[0] ?? "", says);
    assertEquals(offences[0]?.startsWith(file), true);
  });
}

Deno.test("checkRooms() leaves addresses alone that are no modules of ours", () => {
  const text = 'new URL("/status", base); new URL(`http://[${host}]/`); file.resolve("x");';
  assertEquals(check({ "src/core/a.ts": text }), []);
});

Deno.test("modules are known in all the spellings that Deno runs", () => {
  const names = ["a.ts", "a.tsx", "a.mts", "a.cts", "a.js", "a.jsx", "a.mjs", "a.cjs"];
  assertEquals([...names, "a.css", "ts", "a.ts~"].filter((name) => MODULE.test(name)), names);
});

Deno.test("checkRooms() says the line", () => {
  const [offence] = check({ "src/pool/a.ts": '// one\n\nimport "../web/mod.ts";' });
  assertEquals(offence, "src/pool/a.ts:3: there is no arrow pool → web");
});

Deno.test("checkRooms() finds modules that need each other, and lets types go around", () => {
  const around = (kind: string) =>
    check({
      "src/pool/mod.ts": 'export * from "./a.ts";',
      "src/pool/a.ts": 'import { b } from "./b.ts";',
      "src/pool/b.ts": `import ${kind} { a } from "./mod.ts";`,
    });
  assertEquals(around("type"), []);
  assertEquals(around("").length, 1);
  assertStringIncludes(around("")[0] ?? "", "src/pool/a.ts → src/pool/b.ts → src/pool/mod.ts");
});

Deno.test("findCycle() gives the cycle without the way to it", () => {
  const edges = { a: ["b"], b: ["c", "d"], c: [], d: ["b"] };
  assertEquals(findCycle(new Map(Object.entries(edges))), ["b", "d", "b"]);
  assertEquals(findCycle(new Map(Object.entries({ ...edges, d: ["c"] }))), null);
});
