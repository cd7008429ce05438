import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { findModelFaults } from "../../src/config/model_faults.ts";
import type { ModelEngine } from "../../src/config/model_names.ts";
import { ModelTable } from "../../src/config/model_table.ts";
import type { ModelSettings } from "../../src/config/settings.ts";
import { ConfigError, ModelError } from "../../src/core/mod.ts";

function engine(name: string, ...models: readonly ModelSettings[]): ModelEngine {
  return { name, models };
}

function model(name: string, ...aliases: readonly string[]): ModelSettings {
  return { name, aliases, upstreamModel: null };
}

function table(engines: readonly ModelEngine[], defaultModel: string | null = null): ModelTable {
  return new ModelTable(engines, { defaultModel });
}

Deno.test("an engine without models of its own serves one, called as the engine is", () => {
  const models = table([engine("echo"), engine("llama", model("Llama-3"))]);
  assertEquals(models.models.map(({ name, engine }) => [name, engine]), [
    ["echo", "echo"],
    ["Llama-3", "llama"],
  ]);
  assertEquals(models.find("ECHO").engine, "echo");
  assertThrows(() => models.find("llama"), ModelError);
});

Deno.test("a name comes before an alias, an alias before a wildcard, the longest of those first", () => {
  const models = table([
    engine("a", model("*"), model("qwen", "both")),
    engine("b", model("gpt-*", "x-*-z"), model("GPT-4o", "tiny")),
    engine("c", model("gpt-4*"), model("name", "qwen-alias")),
    engine("d", model("first", "second"), model("second")),
  ]);
  const cases: readonly (readonly [string, string, string])[] = [
    ["gpt-4o", "b", "GPT-4o"],
    ["gpt-4o-mini", "c", "gpt-4*"],
    ["gpt-4", "c", "gpt-4*"],
    ["Gpt-3.5", "b", "gpt-*"],
    ["gpt", "a", "*"],
    ["TINY", "b", "GPT-4o"],
    ["x--z", "b", "gpt-*"],
    ["x-z", "a", "*"],
    ["both", "a", "qwen"],
    ["second", "d", "second"],
    ["", "a", "*"],
  ];
  for (const [name, served, by] of cases) {
    const found = models.find(name);
    assertEquals([found.engine, found.name], [served, by], name);
  }
});

Deno.test("a wildcard fits what the same regular expression fits", () => {
  const piece = fc.string({ unit: fc.constantFrom("a", "b", "-", "*"), maxLength: 8 });
  fc.assert(fc.property(piece, piece, (pattern, text) => {
    if (!pattern.includes("*") || text.includes("*")) return;
    const models = table([engine("other", model("@")), engine("it", model(pattern))]);
    const isMatch = new RegExp(`^${pattern.replaceAll("*", ".*")}$`).test(text);
    let found = true;
    try {
      models.find(text);
    } catch {
      found = false;
    }
    assertEquals(found, isMatch, `${pattern} ${text}`);
  }));
});

Deno.test("a model that nobody serves is told with those that are served", () => {
  const models = table([engine("a", model("one", "eins")), engine("b", model("two"))]);
  const error = assertThrows(() => models.find("th\u202eree\n"), ModelError);
  assertEquals(error.code, "unknown_model");
  assertEquals(error.message, 'There is no model "th\\u202eree\\u000a".');
  assertEquals(error.remedy, 'Name one of these: "one", "two".');
  const many = table([engine("a", ...Array.from({ length: 60 }, (_, i) => model(`m${i}`)))]);
  const cut = assertThrows(() => many.find("x".repeat(100_000)), ModelError);
  assertEquals(cut.message.length < 200, true);
  assertEquals(cut.remedy.endsWith('"m49" and 10 more, which GET /v1/models lists.'), true);
});

Deno.test("a request without a model is the default model's, else the only engine's, else nobody's", () => {
  const two = [engine("a", model("one", "eins")), engine("b", model("two-*"))];
  assertEquals(table(two, "EINS").engineOfUnnamed(""), "a");
  assertEquals(table(two, "two-b").engineOfUnnamed(""), "b");
  assertEquals(table([engine("a", model("x"), model("y"))]).engineOfUnnamed(""), "a");
  const error = assertThrows(() => table(two).engineOfUnnamed("It names none."), ModelError);
  assertEquals([error.code, error.message], [
    "bad_request",
    "It names none. So it can't be told which engine is to answer.",
  ]);
  assertEquals(error.remedy.includes('"one", "two-*"'), true, error.remedy);
});

Deno.test("a model served by two engines is a fault of the settings, whatever its case and kind", () => {
  const engines = [
    engine("a", model("one", "eins"), model("One*")),
    engine("b", model("EINS"), model("two", "one*")),
    engine("One"),
  ];
  assertEquals(findModelFaults(engines, null).map(({ at }) => at), [
    { engine: "b", model: 0, alias: null },
    { engine: "b", model: 1, alias: 0 },
    { engine: "One", model: 0, alias: null },
  ]);
  const error = assertThrows(() => table(engines), ConfigError);
  assertEquals(error.message, 'The model "EINS" is served by two engines, a and b.');
});

Deno.test("a name given twice in one engine, and a default that nobody serves, are faults", () => {
  const engines = [engine("a", model("one", "x", "X"), model("ONE"), model("x"))];
  assertEquals(findModelFaults(engines, "three").map(({ at }) => at), [
    { engine: "a", model: 0, alias: 1 },
    { engine: "a", model: 1, alias: null },
    null,
  ]);
  assertEquals(findModelFaults([engine("a", model("t*"))], "three"), []);
});
