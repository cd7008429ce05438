/** Reading a file whose schema is not ours: what is there, as texts. */
import type { ConfigNode } from "../node.ts";

export type Plain = string | null | readonly Plain[] | PlainMap;
export interface PlainMap {
  readonly [name: string]: Plain;
}

export function toPlain(node: ConfigNode): Plain {
  switch (node.kind) {
    case "scalar":
      return node.text;
    case "list":
      return node.items.map(toPlain);
    case "map":
      return Object.fromEntries(node.entries.map(({ key, value }) => [key, toPlain(value)]));
  }
}

export function isMap(value: Plain | undefined): value is PlainMap {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The map there; an empty one when there is none. */
export function mapAt(map: PlainMap, name: string): PlainMap {
  const value = map[name];
  return isMap(value) ? value : {};
}

export function listAt(map: PlainMap, name: string): readonly Plain[] {
  const value = map[name];
  return Array.isArray(value) ? value : [];
}

/** The text there; `undefined` when there is none, or an empty one. */
export function textAt(map: PlainMap, name: string): string | undefined {
  const value = map[name];
  return typeof value === "string" && value !== "" ? value : undefined;
}
