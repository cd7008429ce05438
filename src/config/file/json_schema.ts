/** The JSON Schema (2020-12) of the file, for editors. */
import type { Field, GroupSchema, JsonSchema, ListSchema, Schema } from "./schema.ts";
import { fieldsByKey } from "./schema.ts";
import { FILE_SCHEMA } from "./settings_schema.ts";

/** A value may be, or hold, what is filled in later. */
const FILLED: JsonSchema = { type: "string", pattern: "\\$\\{" };

export function configJsonSchema(): JsonSchema {
  const { properties, ...rest } = groupSchema(FILE_SCHEMA) as { properties: JsonSchema };
  const macros = {
    description: "Texts by name, for ${NAME} in values.",
    type: "object",
    additionalProperties: { type: ["string", "number", "boolean"] },
  };
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: "AI Engine's configuration",
    ...rest,
    properties: { ...properties, macros },
  };
}

function toJsonSchema(schema: Schema): JsonSchema {
  switch (schema.kind) {
    case "value":
      return { anyOf: [schema.json, FILLED] };
    case "list":
      return listSchema(schema);
    case "map":
      return { type: "object", additionalProperties: toJsonSchema(schema.values) };
    case "group":
      return schema.short === undefined
        ? groupSchema(schema)
        : { anyOf: [{ type: "string" }, groupSchema(schema)] };
  }
}

function listSchema({ item, word, split }: ListSchema): JsonSchema {
  const one = split === undefined ? toJsonSchema(item) : { type: "string" };
  const words = word === undefined ? [] : [{ const: word }];
  return { anyOf: [{ type: "array", items: toJsonSchema(item), minItems: 1 }, one, ...words] };
}

function groupSchema(schema: GroupSchema): JsonSchema {
  const fields = Array.from(fieldsByKey(schema), ([key, { field }]) => [key, field] as const);
  return levelSchema(fields);
}

/** Keys with a dot go one level down. */
function levelSchema(fields: readonly (readonly [string, Field])[]): JsonSchema {
  const properties: Record<string, JsonSchema> = {};
  const required: string[] = [];
  for (const [key, field] of fields) {
    const [level = "", ...rest] = key.split(".");
    if (rest.length === 0) {
      properties[key] = { description: `${field.summary}.`, ...toJsonSchema(field.schema) };
      if (field.isNeeded === true) required.push(key);
    } else if (properties[level] === undefined) {
      const below = fields.filter(([one]) => one.startsWith(`${level}.`));
      properties[level] = levelSchema(
        below.map(([one, inner]) => [one.slice(level.length + 1), inner] as const),
      );
    }
  }
  const needs = required.length === 0 ? {} : { required };
  return { type: "object", properties, ...needs, additionalProperties: false };
}
