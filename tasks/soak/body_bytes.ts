/** Bodies that follow from a request's number: whoever reads one can tell whose it is. */
import { Dice } from "./dice.ts";

export const LARGEST_BODY_BYTES = 1024 * 1024;

/** Where a body is on its way to the engine, or back. */
export type Direction = "up" | "down";

/** Bodies begin at this many places. */
const PLACES = 3 * 1024 * 1024;

const PATTERN = makePattern(PLACES + LARGEST_BODY_BYTES);

/** The first `bytes` bytes of that body; a view. */
export function bodyBytes(id: number, direction: Direction, bytes: number): Uint8Array {
  const place = placeOf(id, direction);
  return PATTERN.subarray(place, place + bytes);
}

/** Compares a body with what it has to be, piece by piece. */
export class BodyCheck {
  readonly #expected: Uint8Array;
  #at = 0;
  #isRight = true;

  constructor(id: number, direction: Direction) {
    this.#expected = bodyBytes(id, direction, LARGEST_BODY_BYTES);
  }

  /** How many bytes came. */
  get bytes(): number {
    return this.#at;
  }

  /** Whether all of them were the right ones. */
  get isRight(): boolean {
    return this.#isRight;
  }

  take(piece: Uint8Array): void {
    const expected = this.#expected;
    const at = this.#at;
    let same = at + piece.length <= expected.length;
    for (let index = 0; same && index < piece.length; index++) {
      same = piece[index] === expected[at + index];
    }
    this.#at += piece.length;
    this.#isRight &&= same;
  }
}

function placeOf(id: number, direction: Direction): number {
  const mixed = Math.imul(2 * id + (direction === "up" ? 0 : 1), 0x9e3779b1) >>> 0;
  return mixed % PLACES;
}

function makePattern(bytes: number): Uint8Array {
  const dice = new Dice(1);
  const words = new Uint32Array(bytes / 4);
  for (let index = 0; index < words.length; index++) words[index] = dice.roll() * 2 ** 32;
  return new Uint8Array(words.buffer);
}
