/** Bad input: each file with all that is wrong with it, where, and what to do. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { faultsOf, tell } from "./support/load.ts";

const ENGINE = "engines: {a: {kind: builtin}}\n";

Deno.test("an empty file says what to write", () => {
  for (const text of ["", "# nothing yet\n", "\n\n", "---\n", "null\n"]) {
    const [fault, ...more] = faultsOf(text);
    assertEquals(more, []);
    assertEquals(fault?.detail, "There is no setting in this file.");
    assertStringIncludes(fault?.fix ?? "", "listen: 127.0.0.1:7411");
  }
});

Deno.test("a file of 10 MB is refused before it is looked into", () => {
  assertEquals(tell(new Uint8Array(10_000_000).fill(35)), [
    "1:1 The file is larger than 512 KiB. | " +
    "Name the file with the settings, and keep prompts and models out of it.",
  ]);
});

Deno.test("an anchors bomb is one error, with its place", () => {
  const level = (name: string, of: string) =>
    `${name}: &${name} [${Array.from({ length: 9 }, () => `*${of}`)}]\n`;
  const names = "abcdefghij".split("");
  const bomb = 'a: &a ["lol"]\n' + names.slice(1).map((name, i) => level(name, names[i] ?? ""))
    .join("");
  const faults = faultsOf(bomb).filter(({ detail }) => detail.includes("aliases counted"));
  assertEquals(faults.length, 1);
  assert((faults[0]?.line ?? 0) > 1);
});

Deno.test("an alias inside of what it stands for, and deep nesting, come to an end", () => {
  assertStringIncludes(tell("engines: &a {b: *a}\n").join(), "levels are nested");
  assertStringIncludes(tell("[".repeat(100_000)).join(), "This is not YAML");
  assertStringIncludes(tell(`a: ${"[".repeat(60)}${"]".repeat(60)}`).join(), "levels are nested");
});

Deno.test("tabs are told as such", () => {
  assertEquals(
    tell("engines:\n\ta: {kind: builtin}\n")[0],
    [
      "2:1 This is not YAML: Tabs are not allowed as indentation.",
      "Indent with spaces; YAML takes no tabs.",
    ].join(" | "),
  );
});

Deno.test("a name that stands twice is told with both places", () => {
  assertEquals(
    tell("engines:\n  a: {kind: builtin}\n  b: {kind: builtin}\n  a: {kind: python}\n"),
    [
      '4:3 "a" stands in line 2 already. | Take one of the two out, or give it another name.',
    ],
  );
});

Deno.test("two engines with one socket are told, and a socket that is listened on", () => {
  assertEquals(
    tell(`
listen: unix:/tmp/x.sock
engines:
  a: {kind: builtin, socket: /tmp/e.sock}
  b: {kind: builtin, socket: /tmp/../tmp/e.sock}
  c: {kind: builtin, socket: /tmp/x.sock}
`),
    [
      "5:30 engines.b.socket is /tmp/e.sock, and so is engines.a.socket in line 4. | " +
      "Give each a place of its own.",
      "6:30 engines.c.socket is /tmp/x.sock, and so is listen in line 2. | " +
      "Give each a place of its own.",
    ],
  );
});

Deno.test("a circle of macros is told once, with the way round it", () => {
  const text = 'macros: {a: "${b}", b: "${c}", c: "${a}"}\n' + ENGINE;
  assertEquals(tell(text), [
    "1:35 These macros never end: a → b → c → a. | Write the text of one of them out.",
  ]);
});

Deno.test("macros that grow without end are cut off", () => {
  const lines = Array.from({ length: 40 }, (_, i) => `  m${i + 1}: "\${m${i}}\${m${i}}"\n`);
  const text = `macros:\n  m0: ${"x".repeat(100)}\n${lines.join("")}${ENGINE}`;
  assertStringIncludes(tell(text).join("\n"), "too long");
});

Deno.test("a variable that is not set, and a macro that is none, are told with a remedy", () => {
  assertEquals(
    tell(`
engines:
  a:
    command: [srv, "\${env.HF_TOKEN}", "\${modle}"]
`),
    [
      "4:20 The environment has no HF_TOKEN. | " +
      "Set HF_TOKEN where ai-engine is started, or write the value itself.",
      "4:39 ${modle} is no macro of this file. | " +
      "Write it below macros, or $${ for a ${ that stays.",
    ],
  );
});

Deno.test("names that every object has are no variables, macros or settings", () => {
  const told = tell(`
constructor: 1
engines:
  a: {command: "srv \${env.constructor} \${toString}", __proto__: {x: 1}, hasOwnProperty: 2}
  __proto__: {kind: builtin}
`);
  assertEquals(told.length, 6, told.join("\n"));
});

Deno.test("a model that two engines serve is told", () => {
  const told = tell(`
engines:
  a: {kind: builtin, models: [llama]}
  b:
    kind: builtin
    models:
      - qwen
      - {name: phi, aliases: [x, Llama]}
`);
  assertEquals(told.length, 1);
  assert(told[0]?.startsWith("8:"), told[0]);
});

Deno.test("no replicas at all is told, in both ways to write it", () => {
  for (const replicas of ["0", "{min: 0}"]) {
    const [told = ""] = tell(`engines: {a: {kind: builtin, replicas: ${replicas}}}`);
    assertStringIncludes(told, "where a whole number from 1 to 64 is expected");
  }
});

Deno.test("unknown settings are told with what was meant, here or elsewhere called so", () => {
  const told = tell(`
listne: 127.0.0.1:1
engines:
  a:
    cmd: srv
    ttl: 5
    Idletimeout: 5
    drain: {timout: 5}
    queue: {maxx: 1}
    xyzzy: 1
`);
  const meant = ["listen", "command", "idleTimeout", "idleTimeout", "drain.timeout", "max"];
  assertEquals(told.length, 7);
  for (const name of meant) {
    assert(told.some((line) => line.endsWith(`Did you mean ${name}?`)), `${name}: ${told}`);
  }
  assert(told.some((line) => line.includes('"xyzzy"') && line.includes("see docs/config.md")));
});

Deno.test("all errors come at once, in the order of the file, with what was expected", () => {
  const faults = faultsOf(`
listen: 7411
logs: {level: loud}
engines:
  Bad Name: {kind: builtin}
  a: {kind: magic, idleTimeout: soon, nice: 99, memory: {max: lots}}
  b: {}
  c: {kind: builtin, command: x}
  d:
  e: [1]
  f: {command: "it's"}
`);
  assertEquals(
    faults.map(({ line, setting, expected }) => [line, setting, expected]),
    [
      [2, "listen", "HOST:PORT or unix:PATH"],
      [3, "logs.level", "one of debug, info, warn, error"],
      [5, "engines", null],
      [6, "engines.a.kind", "one of builtin, python, command, remote"],
      [6, "engines.a.idleTimeout", "a duration, or -1 for never"],
      [6, "engines.a.nice", "a whole number from -20 to 19"],
      [6, "engines.a.memory.max", "a size"],
      [7, "engines.b", null],
      [8, "engines.c", null],
      [9, "engines.d", "settings of an engine"],
      [10, "engines.e", "settings of an engine"],
      [11, "engines.f.command", "a program and its arguments"],
    ],
  );
  for (const { fix, column } of faults) assert(fix !== "" && column > 0);
});

Deno.test("what is known only when an engine starts is refused where it can't be known", () => {
  const told = tell(`
engines:
  a: {command: srv, healthPath: "/\${SOCKET}"}
`);
  assertEquals(told.length, 1);
  assertStringIncludes(told[0] ?? "", "known only when an engine starts");
});

Deno.test("text that is not UTF-8, a list, a tag, several documents: each its own sentence", () => {
  assertEquals(tell(new Uint8Array([0xff, 0xfe, 0x61])), [
    "1:1 The file is not text in UTF-8. | Save it as UTF-8.",
  ]);
  assertStringIncludes(tell("- a\n- b\n").join(), "not a list of settings");
  assertStringIncludes(tell("listen: !secret x\n").join(), "Unresolved tag");
  assertStringIncludes(tell("listen: 127.0.0.1:1\n---\na: 1\n").join(), "Leave one document");
});

Deno.test("no more than 50 errors are told", () => {
  const text = Array.from({ length: 500 }, (_, i) => `x${i}: 1\n`).join("");
  assertEquals(faultsOf(text).length, 51);
});

Deno.test("many aliases and many settings are read in good time", () => {
  assertStringIncludes(
    tell(`a: &a [1]\nb: [${"*a,".repeat(100_000)}]\n`).join(),
    "aliases counted",
  );
  const engines = Array.from({ length: 5_000 }, (_, i) => `  e${i}: {kind: builtin, grace: 1s}\n`);
  const told = tell(`engines:\n${engines.join("")}  oops: 1\n`);
  assertEquals(told.length, 1);
});

Deno.test("a model is for our Python engine only, and one name for one of them", () => {
  assertEquals(
    tell("engines:\n  a: {kind: builtin, model: a.gguf}\n  b: {command: [x], model: b.gguf}\n"),
    [
      "2:29 engines.a has a model, and kind: builtin. | " +
      "Take kind: python for it, or leave model out.",
      "3:28 engines.b has a model, and a command. | " +
      "Take kind: python for it, or leave model out.",
    ],
  );
  const twice = "engines:\n  a: {kind: python, model: /m/x.gguf}\n" +
    "  b: {kind: python, model: /n/X.gguf}\n";
  assertStringIncludes(tell(twice).join(), 'The model "X" is served by two engines, a and b.');
});
