/**
 * A tree and a schema to values, with what is wrong and where each value stands.
 *
 * @module
 */
import { nearest } from "../../core/mod.ts";
import type { Accepted, Parsed } from "../parsed.ts";
import { PLACEHOLDERS } from "../placeholders.ts";
import { quote } from "../quote.ts";
import type { FileOrigin, FileOrigins } from "../loaded_config.ts";
import type { ConfigNode, Entry, FaultList, MapNode, Place, ScalarNode } from "./node.ts";
import {
  fieldsByKey,
  type GroupSchema,
  type ListSchema,
  type MapSchema,
  type PlacedField,
  type ReadContext,
  type Schema,
  type ValueSchema,
} from "./schema.ts";

export interface ReadOptions extends ReadContext {
  readonly faults: FaultList;
}

/** What could be read. A group has the fields that were set; `undefined` = nothing could. */
type Read = unknown;

export class SchemaReader {
  readonly #origins: Record<string, FileOrigin> = {};
  readonly #options: ReadOptions;

  constructor(options: ReadOptions) {
    this.#options = options;
  }

  /** Where what was read stands. */
  get origins(): FileOrigins {
    return this.#origins;
  }

  /** Reads what stands for `setting`; `""` is the whole file. */
  read(node: ConfigNode, schema: Schema, setting: string): Read {
    if (node.kind === "scalar" && node.text === null) {
      const expected = expectation(schema);
      return this.#fault(node, setting, { detail: "has no value", expected, fix: EMPTY_FIX });
    }
    this.#note(node, setting);
    switch (schema.kind) {
      case "value":
        return this.#readValue(node, schema, setting);
      case "list":
        return this.#readList(node, schema, setting);
      case "map":
        return this.#readMap(node, schema, setting);
      case "group":
        return this.#readGroup(node, schema, setting);
    }
  }

  #readValue(node: ConfigNode, schema: ValueSchema, setting: string): Read {
    if (node.kind !== "scalar") return this.#wrongKind(node, schema, setting);
    const { text } = node;
    if (text === null) return undefined;
    const early = PLACEHOLDERS.find((name) => text.includes(`\${${name}}`));
    if (early !== undefined && schema.isFilledAtStart !== true) {
      return this.#fault(node, setting, {
        detail: `has \${${early}}, which is known only when an engine starts`,
        expected: schema.expects,
        fix: `Use \${${early}} in a command or in environment.set only.`,
      });
    }
    return this.#take(node, setting, { parsed: schema.read(text, this.#options), schema });
  }

  #take(
    node: ScalarNode,
    setting: string,
    { parsed, schema }: { readonly parsed: Parsed<unknown>; readonly schema: Schema },
  ): Read {
    if (parsed.ok) return parsed.value;
    return this.#fault(node, setting, {
      detail: `is ${quote(node.shown ?? node.text ?? "")}, ${parsed.why}`,
      expected: expectation(schema),
      fix: `${parsed.fix}, for example ${parsed.example}.`,
    });
  }

  #readList(node: ConfigNode, schema: ListSchema, setting: string): Read {
    if (node.kind === "scalar") return this.#readLine(node, schema, setting);
    if (node.kind === "map") return this.#wrongKind(node, schema, setting);
    if (node.items.length === 0) {
      const expected = schema.expects;
      return this.#fault(node, setting, { detail: "is empty", expected, fix: EMPTY_FIX });
    }
    const items = node.items.map((item, i) => this.read(item, schema.item, `${setting}[${i}]`));
    return items.includes(undefined) ? undefined : items;
  }

  /** One text in the place of a list. */
  #readLine(node: ScalarNode, schema: ListSchema, setting: string): Read {
    if (node.text !== null && node.text === schema.word) return node.text;
    if (schema.split === undefined) {
      const item = this.read(node, schema.item, setting);
      return item === undefined ? undefined : [item];
    }
    const parsed = schema.split(node.text ?? "");
    if (node.shown !== undefined && parsed.ok) this.#noteWords(node, setting, { parsed, schema });
    return this.#take(node, setting, { parsed, schema });
  }

  /** What may be shown of each word of a line; of the line as one where words came from outside. */
  #noteWords(
    node: ScalarNode,
    setting: string,
    { parsed, schema }: {
      readonly parsed: Accepted<readonly string[]>;
      readonly schema: ListSchema;
    },
  ): void {
    const shown = schema.split?.(node.shown ?? "");
    if (shown?.ok !== true || shown.value.length !== parsed.value.length) return;
    const { line, column } = node;
    this.#origins[setting] = { line, column };
    for (const [i, word] of shown.value.entries()) {
      const isSame = word === parsed.value[i];
      this.#origins[`${setting}[${i}]`] = { line, column, ...(isSame ? {} : { shown: word }) };
    }
  }

  #readMap(node: ConfigNode, schema: MapSchema, setting: string): Read {
    if (node.kind !== "map") return this.#wrongKind(node, schema, setting);
    if (node.entries.length === 0 && schema.isNeeded === true) {
      const expected = expectation(schema);
      return this.#fault(node, setting, { detail: "is empty", expected, fix: EMPTY_FIX });
    }
    const values: Record<string, unknown> = Object.create(null);
    for (const { key, place, value } of node.entries) {
      const refused = schema.check(key);
      if (refused === null) values[key] = this.read(value, schema.values, join(setting, key));
      else {
        this.#fault(place, setting, {
          detail: `has ${quote(key)}, ${refused.why}`,
          fix: `${refused.fix}, for example ${refused.example}.`,
        });
      }
    }
    return { ...values };
  }

  #readGroup(node: ConfigNode, schema: GroupSchema, setting: string): Read {
    const fields = fieldsByKey(schema);
    const { short } = schema;
    const shortField = short === undefined ? undefined : schema.fields[short];
    if (node.kind === "scalar" && short !== undefined && shortField !== undefined) {
      return { [short]: this.read(node, shortField.schema, setting) };
    }
    if (node.kind !== "map") return this.#wrongKind(node, schema, setting);
    const values: Values = {};
    const seen = new Set<string>();
    for (const { key, place, value } of this.#unfold(node, fields, setting)) {
      const found = fields.get(key);
      if (found === undefined) {
        this.#unknown(place, { key, schema, setting });
        continue;
      }
      seen.add(key);
      const read = this.read(value, found.field.schema, join(setting, key));
      if (read !== undefined) put(values, found.names, read);
    }
    for (const [key, { field }] of fields) {
      if (field.isNeeded !== true || seen.has(key)) continue;
      const expected = expectation(field.schema);
      this.#fault(node, setting, { detail: `has no ${key}`, expected, fix: `Add ${key}.` });
    }
    return values;
  }

  /** What stands one level down, where keys have levels, is brought up. */
  #unfold(
    node: MapNode,
    fields: ReadonlyMap<string, PlacedField>,
    setting: string,
  ): readonly Entry[] {
    const levels = new Set(Array.from(fields.keys(), (key) => key.split(".")[0] ?? ""));
    return node.entries.flatMap((entry): readonly Entry[] => {
      const { key, value } = entry;
      const below = fields.get(key)?.field.below;
      if ((fields.has(key) && below === undefined) || !levels.has(key)) return [entry];
      if (value.kind === "map") {
        return value.entries.map((inner) => ({
          ...inner,
          key: inner.key === below ? key : `${key}.${inner.key}`,
        }));
      }
      if (below !== undefined) return [entry];
      const names = Array.from(fields.keys()).filter((one) => one.startsWith(`${key}.`));
      this.#fault(value, join(setting, key), {
        detail: "has no settings below it",
        expected: names.join(", "),
        fix: `Write one of them below it, for example ${names[0]?.slice(key.length + 1)}.`,
      });
      return [];
    });
  }

  #unknown(
    place: Place,
    { key, schema, setting }: {
      readonly key: string;
      readonly schema: GroupSchema;
      readonly setting: string;
    },
  ): void {
    const fields = fieldsByKey(schema);
    const keys = Array.from(fields).flatMap(([one, { field: { below } }]) =>
      below === undefined ? [one] : [one, `${one}.${below}`]
    );
    const isSame = (name: string) => name.toLowerCase() === key.toLowerCase();
    const other = keys.find((one) => fields.get(one)?.field.alsoCalled?.some(isSame));
    const near = other ?? nearest(key, keys) ?? nearest(key, keys.flatMap((one) => one.split(".")));
    this.#fault(place, setting, {
      detail: `has ${quote(key)}, which is no setting of ${schema.what}`,
      expected: keys.join(", "),
      fix: near === undefined ? "Take it out, or see docs/config.md." : `Did you mean ${near}?`,
    });
  }

  #wrongKind(node: ConfigNode, schema: Schema, setting: string): undefined {
    const found = { scalar: "is a single value", list: "is a list", map: "has settings below it" };
    return this.#fault(node, setting, {
      detail: found[node.kind],
      expected: expectation(schema),
      fix: `Write ${expectation(schema)}.`,
    });
  }

  #note(node: ConfigNode, setting: string): void {
    const { line, column } = node;
    const shown = node.kind === "scalar" ? node.shown : undefined;
    this.#origins[setting] = { line, column, ...(shown === undefined ? {} : { shown }) };
  }

  /** `detail` goes on from the setting's name. */
  #fault(
    place: Place,
    setting: string,
    fault: { readonly detail: string; readonly expected?: string; readonly fix: string },
  ): undefined {
    const name = setting === "" ? "The file" : setting;
    this.#options.faults.add(place, { ...fault, setting, detail: `${name} ${fault.detail}.` });
    return undefined;
  }
}

const EMPTY_FIX = "Give it a value, or take it out.";

/** What a schema takes, in words. */
export function expectation(schema: Schema): string {
  switch (schema.kind) {
    case "value":
    case "list":
      return schema.expects;
    case "map":
      return `names, each with ${expectation(schema.values)}`;
    case "group":
      return `settings of ${schema.what}`;
  }
}

/** The name of a setting below another one. */
export function join(setting: string, key: string): string {
  return setting === "" ? key : `${setting}.${key}`;
}

interface Values {
  [name: string]: unknown;
}

function put(values: Values, names: readonly string[], value: unknown): void {
  const [name = "", ...rest] = names;
  if (rest.length === 0) values[name] = value;
  else {
    const inner = (values[name] ?? {}) as Values;
    values[name] = inner;
    put(inner, rest, value);
  }
}
