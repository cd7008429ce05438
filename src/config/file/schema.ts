/**
 * What a configuration file may hold, as data: reading, `config show`, the JSON Schema and
 * docs/config.md all walk it.
 *
 * @module
 */
import type { Parsed } from "../parsed.ts";

/** A piece of JSON Schema (2020-12). */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** What reading a value may need to know. */
export interface ReadContext {
  /** Of the file: relative paths start here. Absolute. */
  readonly dir: string;
}

/** A value as the file would have it; `null` = it would not be there. */
export type Written = string | number | boolean | null;

/** One value. What it means is read from its text, so `5m` and `"5m"` are one. */
export interface ValueSchema {
  readonly kind: "value";
  /** In words, e.g. `a duration`; for documents and errors. */
  readonly expects: string;
  readonly json: JsonSchema;
  read(text: string, context: ReadContext): Parsed<unknown>;
  write(value: unknown): Written;
  /** `${SOCKET}` and its like may stand in it. @default false */
  readonly isFilledAtStart?: boolean;
}

/** Several, in order; never none. */
export interface ListSchema {
  readonly kind: "list";
  readonly item: Schema;
  readonly expects: string;
  /** Takes a single text apart. @default it is the only item */
  readonly split?: (text: string) => Parsed<readonly string[]>;
  /** A text that stands for something that is no list; it is the value then. */
  readonly word?: string;
}

/** Any names, each with the same kind of value. */
export interface MapSchema {
  readonly kind: "map";
  readonly values: Schema;
  /** Stands for the name in documents. */
  readonly name: string;
  /** Why a name can't be taken; `null` = it can. */
  readonly check: (name: string) => Extract<Parsed<never>, { ok: false }> | null;
  /** At least one name. @default false */
  readonly isNeeded?: boolean;
}

/** Known names, each with a value of its own. */
export interface GroupSchema {
  readonly kind: "group";
  /** What it is about, e.g. `an engine`. */
  readonly what: string;
  /** By the name in the settings; the one in the file is `key`. */
  readonly fields: Readonly<Record<string, Field>>;
  /** The field that a text alone stands for. */
  readonly short?: string;
}

export type Schema = ValueSchema | ListSchema | MapSchema | GroupSchema;

/** A schema whose values are a `T`; of groups any part of it. */
export type SchemaOf<T> = Schema & { readonly "~type"?: T };

export interface Field<T = unknown> {
  /** Its name in the file; a dot stands for a level. Empty: a group whose fields stand beside it. */
  readonly key: string;
  /** A sentence without its full stop. */
  readonly summary: string;
  readonly schema: SchemaOf<T>;
  /** What holds when it is not set, in words, where that is no value. */
  readonly fallback?: string;
  /** It has to be set. @default false */
  readonly isNeeded?: boolean;
  /** Its name one level down, where other settings stand below its key, too. */
  readonly below?: string;
  /** What it is called elsewhere: who writes that is told of `key`. */
  readonly alsoCalled?: readonly string[];
}

/** A field for each of `T`: who adds a setting and forgets it here is told by the compiler. */
type FieldsOf<T> = { readonly [Name in keyof T]-?: Field<T[Name]> };

export function group<T>(
  what: string,
  fields: FieldsOf<T>,
  options: Pick<GroupSchema, "short"> = {},
): SchemaOf<T> & GroupSchema {
  return { kind: "group", what, fields, ...options };
}

export function list<T>(
  item: SchemaOf<T>,
  options: Omit<ListSchema, "kind" | "item">,
): SchemaOf<readonly [T, ...T[]]> & ListSchema {
  return { kind: "list", item, ...options };
}

export function map<T>(
  values: SchemaOf<T>,
  options: Omit<MapSchema, "kind" | "values">,
): SchemaOf<Readonly<Record<string, T>>> & MapSchema {
  return { kind: "map", values, ...options };
}

/** A field, and the names that lead to it in the settings. */
export interface PlacedField {
  readonly names: readonly string[];
  readonly field: Field;
}

/** The fields of a group by their keys in the file. */
export function fieldsByKey({ fields }: GroupSchema): ReadonlyMap<string, PlacedField> {
  const placed = Object.entries(fields).flatMap(([name, field]): [string, PlacedField][] => {
    const { key, schema } = field;
    if (key !== "" || schema.kind !== "group") return [[key, { names: [name], field }]];
    return Array.from(fieldsByKey(schema), ([key, { names, field }]) => [
      key,
      { names: [name, ...names], field },
    ]);
  });
  return new Map(placed);
}
