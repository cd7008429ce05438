/** The JSON Schema (2020-12) of the file, for editors. */
import type { Field, GroupSchema, JsonSchema, ListSchema, Schema } from "./schema.ts";
import { fieldsByKey } from "./schema.ts";
import { FILE_SCHEMA } from "./settings_schema.ts";

type KeyedFields = readonly (readonly [key: string, field: Field])[];

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
function levelSchema(fields: KeyedFields): JsonSchema {
  const properties: Record<string, JsonSchema> = {};
  const required: string[] = [];
  for (const [key, field] of fields) {
    const [level = "", ...rest] = key.split(".");
    if (rest.length === 0) {
      properties[key] = fieldSchema(field, fields);
      if (field.isNeeded === true) required.push(key);
    } else if (properties[level] === undefined) {
      properties[level] = levelSchema(fieldsBelow(level, fields));
    }
  }
  const needs = required.length === 0 ? {} : { required };
  return { type: "object", properties, ...needs, additionalProperties: false };
}

/** A field by itself, or with what else stands below its key. */
function fieldSchema({ key, below, summary, schema }: Field, fields: KeyedFields): JsonSchema {
  const description = `${summary}.`;
  const alone = { description, ...toJsonSchema(schema) };
  if (below === undefined) return alone;
  const inside = levelSchema([
    [below, { key: below, summary, schema }],
    ...fieldsBelow(key, fields),
  ]);
  const { anyOf, ...one } = toJsonSchema(schema);
  return { description, anyOf: [...Array.isArray(anyOf) ? anyOf : [one], inside] };
}

function fieldsBelow(level: string, fields: KeyedFields): KeyedFields {
  return fields.filter(([one]) => one.startsWith(`${level}.`))
    .map(([one, inner]) => [one.slice(level.length + 1), inner]);
}
