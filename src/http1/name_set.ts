import type { FieldList } from "./field_list.ts";

/** A fixed set of field names, looked up by length and bytes: no name is turned into a string. */
export class NameSet {
  readonly #byLength: (readonly string[] | undefined)[] = [];

  /** `names` in lower case. */
  constructor(names: readonly string[]) {
    for (const name of names) {
      this.#byLength[name.length] = [...this.#byLength[name.length] ?? [], name];
    }
  }

  /** Whether field `index` of `fields` has one of the names. */
  has(fields: FieldList, index: number): boolean {
    const names = this.#byLength[fields.nameLength(index)];
    if (names === undefined) return false;
    for (const name of names) {
      if (fields.isNamed(index, name)) return true;
    }
    return false;
  }
}
