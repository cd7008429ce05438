import { byteAt, decodeLatin1, toLower } from "./grammar.ts";

/** Where one field stands: start and end of its name, start and end of its trimmed value. */
const OFFSETS_PER_FIELD = 4;

/**
 * The fields of a head or of the trailers, as bytes and offsets: no field is turned into a string
 * before somebody reads it. Order and repetitions are kept.
 */
export class FieldList {
  readonly #bytes: Uint8Array;
  readonly #offsets: readonly number[];

  /** `offsets` holds four numbers a field: name from, to, value from, to. */
  constructor(bytes: Uint8Array, offsets: readonly number[]) {
    this.#bytes = bytes;
    this.#offsets = offsets;
  }

  get size(): number {
    return this.#offsets.length / OFFSETS_PER_FIELD;
  }

  /** Whether field `index` has the name `name` (lower case), by length first. */
  isNamed(index: number, name: string): boolean {
    const start = this.#offset(index, 0);
    if (this.#offset(index, 1) - start !== name.length) return false;
    for (let i = 0; i < name.length; i++) {
      if (toLower(byteAt(this.#bytes, start + i)) !== name.charCodeAt(i)) return false;
    }
    return true;
  }

  /** The value of field `index` as a view. */
  value(index: number): Uint8Array {
    return this.#bytes.subarray(this.#offset(index, 2), this.#offset(index, 3));
  }

  /** All fields as text: names in lower case, values decoded as Latin-1. */
  pairs(): (readonly [name: string, value: string])[] {
    return Array.from({ length: this.size }, (_, index) => {
      const name = this.#bytes.subarray(this.#offset(index, 0), this.#offset(index, 1));
      return [decodeLatin1(name).toLowerCase(), decodeLatin1(this.value(index))] as const;
    });
  }

  #offset(index: number, part: number): number {
    return this.#offsets[index * OFFSETS_PER_FIELD + part] ?? 0;
  }
}

/** A list without a field. */
export const NO_FIELDS = new FieldList(new Uint8Array(0), []);
