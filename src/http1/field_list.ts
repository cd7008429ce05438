import { byteAt, decodeLatin1, splitList, type TextMemo, toLower } from "./grammar.ts";
import type { WireBuffer } from "./wire_buffer.ts";

const CRLF = Uint8Array.of(0x0d, 0x0a);

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

  /** What the fields stand in: a whole head, its start line included, or the trailers. */
  get bytes(): Uint8Array {
    return this.#bytes;
  }

  get size(): number {
    return this.#offsets.length / OFFSETS_PER_FIELD;
  }

  /** How many bytes the name of field `index` has. */
  nameLength(index: number): number {
    return this.#offset(index, 1) - this.#offset(index, 0);
  }

  /** The name of field `index` as it came, as a view. */
  name(index: number): Uint8Array {
    return this.#bytes.subarray(this.#offset(index, 0), this.#offset(index, 1));
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

  /** The value of field `index` decoded as Latin-1, by `memo` where it is mostly the same. */
  text(index: number, memo?: TextMemo): string {
    if (memo === undefined) return decodeLatin1(this.value(index));
    return memo.decode(this.#bytes, this.#offset(index, 2), this.#offset(index, 3));
  }

  /** The first field from `from` on that has the name `name` (lower case); -1 when there is none. */
  find(name: string, from = 0): number {
    for (let index = from; index < this.size; index++) {
      if (this.isNamed(index, name)) return index;
    }
    return -1;
  }

  /** Whether a field has the name `name` (lower case). */
  has(name: string): boolean {
    return this.find(name) >= 0;
  }

  /** The elements of all fields named `name` (lower case), which are lists, as views. */
  elements(name: string): Uint8Array[] {
    const elements: Uint8Array[] = [];
    for (let index = this.find(name); index >= 0; index = this.find(name, index + 1)) {
      elements.push(...splitList(this.value(index)));
    }
    return elements;
  }

  /** Adds the lines of the fields from `from` up to, but without, `to` to `out`, as they came. */
  copyLines(out: WireBuffer, from: number, to: number): void {
    if (from === to) return;
    out.addRange(this.#bytes, this.#offset(from, 0), this.#offset(to - 1, 3));
    out.add(CRLF);
  }

  /** All fields as text: names in lower case, values decoded as Latin-1. */
  pairs(): (readonly [name: string, value: string])[] {
    return Array.from({ length: this.size }, (_, index) => {
      return [decodeLatin1(this.name(index)).toLowerCase(), this.text(index)] as const;
    });
  }

  #offset(index: number, part: number): number {
    return this.#offsets[index * OFFSETS_PER_FIELD + part] ?? 0;
  }
}

/** A list without a field. */
export const NO_FIELDS = new FieldList(new Uint8Array(0), []);
