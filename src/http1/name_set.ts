import { type ByLength, byLength } from "./by_length.ts";
import type { FieldList } from "./field_list.ts";

/** A fixed set of field names, looked up by length and bytes: no name is turned into a string. */
export class NameSet {
  readonly #names: ByLength<{ readonly name: string }>;

  /** `names` in lower case. */
  constructor(names: readonly string[]) {
    this.#names = byLength(names.map((name) => ({ name })));
  }

  /** Whether field `index` of `fields` has one of the names. */
  has(fields: FieldList, index: number): boolean {
    const names = this.#names[fields.nameLength(index)];
    if (names === undefined) return false;
    for (const { name } of names) {
      if (fields.isNamed(index, name)) return true;
    }
    return false;
  }
}
