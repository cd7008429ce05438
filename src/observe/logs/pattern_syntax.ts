/**
 * Reads a regular expression into a tree: the part of JavaScript's syntax that can be matched in one
 * pass over a line. Look-around and references back are not in it.
 *
 * @module
 */

/** Tells characters (UTF-16 units) apart. */
export type CharTest = (code: number) => boolean;

export type Pattern =
  | { readonly kind: "char"; readonly test: CharTest }
  | { readonly kind: "place"; readonly place: Place }
  | { readonly kind: "sequence" | "choice"; readonly parts: readonly Pattern[] }
  | {
    readonly kind: "repeat";
    readonly part: Pattern;
    readonly min: number;
    readonly max: number;
  };

/** Where no character stands: the line's begin and end, at a word's edge, and not there. */
export type Place = "begin" | "end" | "edge" | "inside";

/** What can't be read, in words that go on from "The pattern". */
export class PatternError extends Error {}

/** No more of one thing may be asked for: each takes a place in memory. */
const MAX_REPEAT = 100;
/** Groups in groups. */
const MAX_DEPTH = 50;

const BREAKS = "\n\r\u2028\u2029";
const PLACES: Readonly<Record<string, Place>> = { b: "edge", B: "inside" };
const CONTROLS: Readonly<Record<string, number>> = { t: 9, n: 10, r: 13, f: 12, v: 11, 0: 0 };

export function isWordChar(code: number): boolean {
  return (code >= 48 && code <= 57) || (code >= 65 && code <= 90) || code === 95 ||
    (code >= 97 && code <= 122);
}

const CLASSES: Readonly<Record<string, CharTest>> = {
  d: (code) => code >= 48 && code <= 57,
  w: isWordChar,
  s: (code) => /\s/.test(String.fromCharCode(code)),
};

export class PatternReader {
  readonly #source: string;
  /** What tells whether a character is one of those from the first to the second. */
  readonly #range: (from: number, to: number) => CharTest;
  #at = 0;
  #depth = 0;

  constructor(source: string, { ignoresCase }: { readonly ignoresCase: boolean }) {
    this.#source = source;
    this.#range = ignoresCase ? rangeOfAnyCase : range;
  }

  /** Throws {@linkcode PatternError}. */
  read(): Pattern {
    const pattern = this.#choice();
    if (this.#at < this.#source.length) throw this.#error("has a ) without its (");
    return pattern;
  }

  #choice(): Pattern {
    if (++this.#depth > MAX_DEPTH) throw this.#error("has too many groups in groups");
    const parts = [this.#sequence()];
    while (this.#take("|")) parts.push(this.#sequence());
    this.#depth--;
    return parts.length === 1 && parts[0] !== undefined ? parts[0] : { kind: "choice", parts };
  }

  #sequence(): Pattern {
    const parts: Pattern[] = [];
    while (this.#at < this.#source.length && !"|)".includes(this.#peek())) parts.push(this.#term());
    return { kind: "sequence", parts };
  }

  #term(): Pattern {
    const part = this.#atom();
    const [min, max] = this.#count() ?? [1, 1];
    if (min === 1 && max === 1) return part;
    if (part.kind === "place") throw this.#error("repeats what is no character");
    // It tells whether a line matches, for which greed makes no difference.
    this.#take("?");
    return { kind: "repeat", part, min, max };
  }

  #count(): readonly [number, number] | null {
    if (this.#take("*")) return [0, Infinity];
    if (this.#take("+")) return [1, Infinity];
    if (this.#take("?")) return [0, 1];
    const match = /^\{(\d{1,6})(,(\d{0,6}))?\}/.exec(this.#source.slice(this.#at));
    if (match === null) return null;
    this.#at += match[0].length;
    const min = Number(match[1]);
    const max = match[2] === undefined ? min : match[3] === "" ? Infinity : Number(match[3]);
    if (min > max) throw this.#error("has a {} whose first number is the larger one");
    if (min > MAX_REPEAT || (max > MAX_REPEAT && max !== Infinity)) {
      throw this.#error(`repeats more than ${MAX_REPEAT} times`);
    }
    return [min, max];
  }

  #atom(): Pattern {
    const char = this.#next();
    switch (char) {
      case "(":
        return this.#group();
      case "[":
        return { kind: "char", test: this.#set() };
      case ".":
        return { kind: "char", test: (code) => !BREAKS.includes(String.fromCharCode(code)) };
      case "^":
        return { kind: "place", place: "begin" };
      case "$":
        return { kind: "place", place: "end" };
      case "*":
      case "+":
      case "?":
        throw this.#error(`has a ${char} with nothing before it to repeat`);
      case "\\": {
        const place = PLACES[this.#peek()];
        if (place === undefined) return { kind: "char", test: this.#toTest(this.#escape()) };
        this.#at++;
        return { kind: "place", place };
      }
      default:
        return { kind: "char", test: this.#toTest(char.charCodeAt(0)) };
    }
  }

  #group(): Pattern {
    if (this.#take("?") && !this.#take(":")) {
      throw this.#error("looks around or names a group with (?, which can't be done here");
    }
    const inner = this.#choice();
    if (!this.#take(")")) throw this.#error("has a ( without its )");
    return inner;
  }

  /** What follows a backslash: one character, or a class of them. */
  #escape(): number | CharTest {
    if (this.#at >= this.#source.length) throw this.#error("ends with a backslash");
    const char = this.#next();
    const known = CLASSES[char.toLowerCase()];
    if (known !== undefined) return char === char.toLowerCase() ? known : (code) => !known(code);
    const control = CONTROLS[char];
    if (control !== undefined) return control;
    const hex = /^(?:x([0-9a-f]{2})|u([0-9a-f]{4}))/i.exec(char + this.#source.slice(this.#at));
    if (hex !== null) {
      this.#at += hex[0].length - 1;
      return parseInt(hex[1] ?? hex[2] ?? "", 16);
    }
    if (/[1-9]/.test(char)) throw this.#error("refers back to a group, which can't be done here");
    if (/[a-z]/i.test(char)) throw this.#error(`has a \\${char}, which is not known here`);
    return char.charCodeAt(0);
  }

  /** From behind its `[`. */
  #set(): CharTest {
    const isNot = this.#take("^");
    const tests: CharTest[] = [];
    while (!this.#take("]")) {
      if (this.#at >= this.#source.length) throw this.#error("has a [ without its ]");
      const from = this.#setItem();
      if (typeof from === "function" || this.#peek() !== "-" || this.#peek(1) === "]") {
        tests.push(this.#toTest(from));
        continue;
      }
      this.#at++;
      const to = this.#setItem();
      if (typeof to === "function") throw this.#error("has a range in [] without an end");
      if (from > to) throw this.#error("has a range in [] that runs backwards");
      tests.push(this.#range(from, to));
    }
    return (code) => tests.some((test) => test(code)) !== isNot;
  }

  #setItem(): number | CharTest {
    if (this.#at >= this.#source.length) throw this.#error("has a [ without its ]");
    const char = this.#next();
    if (char !== "\\") return char.charCodeAt(0);
    return this.#take("b") ? 8 : this.#escape();
  }

  #toTest(wanted: number | CharTest): CharTest {
    return typeof wanted === "function" ? wanted : this.#range(wanted, wanted);
  }

  #peek(ahead = 0): string {
    return this.#source.charAt(this.#at + ahead);
  }

  #next(): string {
    return this.#source.charAt(this.#at++);
  }

  #take(char: string): boolean {
    const isThere = this.#peek() === char;
    if (isThere) this.#at++;
    return isThere;
  }

  #error(words: string): PatternError {
    return new PatternError(`${words} (character ${this.#at})`);
  }
}

function range(from: number, to: number): CharTest {
  return (code) => code >= from && code <= to;
}

function rangeOfAnyCase(from: number, to: number): CharTest {
  const isIn = range(from, to);
  return (code) => {
    const char = String.fromCharCode(code);
    return isIn(code) || isIn(char.toLowerCase().charCodeAt(0)) ||
      isIn(char.toUpperCase().charCodeAt(0));
  };
}
