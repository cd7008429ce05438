import { assert, assertEquals } from "@std/assert";
import { configJsonSchema } from "../../../src/config/file/mod.ts";
import { fieldsByKey, type GroupSchema, type Schema } from "../../../src/config/file/schema.ts";
import { FILE_SCHEMA } from "../../../src/config/file/settings_schema.ts";

// deno-lint-ignore no-explicit-any
type Json = any;

/** Compares the properties of a group with those of its JSON Schema, level by level. */
function compare(schema: GroupSchema, json: Json, path: string): number {
  let count = 0;
  const levels = new Set<string>();
  for (const [key, { field }] of fieldsByKey(schema)) {
    const steps = key.split(".");
    levels.add(steps[0] ?? "");
    let at = json;
    for (const step of steps) {
      // What has a value of its own, or others below it.
      at = at.anyOf?.find(({ type }: Json) => type === "object") ?? at;
      assertEquals(at.additionalProperties, false, path);
      at = at.properties?.[step];
    }
    assert(at !== undefined, `${path}.${key}`);
    assertEquals(at.description, `${field.summary}.`);
    count += 1 + below(field.schema, at, `${path}.${key}`);
  }
  const others = Object.keys(json.properties).filter((name) => !levels.has(name));
  assertEquals(others, path === "" ? ["macros"] : []);
  return count;
}

function below(schema: Schema, json: Json, path: string): number {
  if (schema.kind === "group" && schema.short === undefined) return compare(schema, json, path);
  if (schema.kind === "map") return below(schema.values, json.additionalProperties, path);
  return 0;
}

Deno.test("the JSON Schema has every setting, and nothing else", () => {
  assert(compare(FILE_SCHEMA, configJsonSchema(), "") > 60);
});

Deno.test("addresses may stand by themselves, or as `address` beside TLS", () => {
  const { listen } = (configJsonSchema() as Json).properties;
  const [list, one, inside, ...more] = listen.anyOf;
  assertEquals([list.type, one.anyOf[0].type, inside.type, more], [
    "array",
    "string",
    "object",
    [],
  ]);
  assertEquals(Object.keys(inside.properties), ["address", "tls"]);
  assertEquals(inside.properties.address.anyOf, [list, one]);
  assertEquals(inside.properties.tls.required, ["cert", "key"]);
});

Deno.test("a value in the JSON Schema may be a macro instead", () => {
  const { properties } = configJsonSchema() as Json;
  const { startTimeout } = properties.engines.additionalProperties.properties;
  const patterns = startTimeout.anyOf.map(({ pattern }: Json) => pattern).filter(Boolean);
  assert(patterns.some((pattern: string) => new RegExp(pattern).test("${start}")));
});
