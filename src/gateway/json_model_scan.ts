import { JsonKeyMatch } from "./json_key_match.ts";
import { JsonTextSkip } from "./json_text_skip.ts";
import type { ModelScan, ScanOutcome } from "./model_scan.ts";

const TAB = 0x09;
const LF = 0x0a;
const CR = 0x0d;
const SPACE = 0x20;
const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const LETTER_N = 0x6e;
/** Makes `[` of `{` and `]` of `}`, and nothing else of either. */
const BRACKET_BIT = 0x20;

/** U+FEFF as UTF-8, which some clients put first. */
const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf] as const;

const VALUE_BEGINNINGS = new Uint8Array(256);
for (const char of '"{[-0123456789tfn') VALUE_BEGINNINGS[char.charCodeAt(0)] = 1;

/**
 * What the next byte belongs to. In the object itself: `first` and `key` (what comes in place of a
 * key), `name` and `other_name` (inside of a key), `colon`, `value` (what comes in place of one),
 * `model` (the text looked for), `text` and `plain` (other values), `after` (what follows one). In what
 * it holds: `nested`, and `nested_text` for a string in there.
 */
type State =
  | "start"
  | "first"
  | "key"
  | "name"
  | "other_name"
  | "colon"
  | "value"
  | "model"
  | "text"
  | "plain"
  | "after"
  | "nested"
  | "nested_text";

const AFTER_TEXT: Partial<Record<State, State>> = {
  other_name: "colon",
  text: "after",
  nested_text: "nested",
};

/**
 * Looks for the first `model` at the top of an object in JSON. What is in other values is skipped, not
 * parsed: it may be anything whose strings, brackets and braces end.
 */
export class JsonModelScan implements ModelScan {
  readonly #key = new JsonKeyMatch();
  readonly #text = new JsonTextSkip();
  #state: State = "start";
  #isModel = false;
  /** How deep in arrays and objects of the object's values. */
  #depth = 0;
  /** Bytes of the pieces before. */
  #before = 0;
  #modelStart = 0;
  #outcome: ScanOutcome | undefined;

  scan(piece: Uint8Array): ScanOutcome | undefined {
    for (let at = 0; at < piece.length && this.#outcome === undefined;) at = this.#step(piece, at);
    this.#before += piece.length;
    return this.#outcome;
  }

  end(): ScanOutcome {
    if (this.#outcome !== undefined) return this.#outcome;
    const why = this.#before === 0 ? "The body is empty." : "The body's JSON is not whole.";
    return { kind: "none", why };
  }

  /** Takes what is at `at`, and more where it can; gives the offset behind it. */
  #step(piece: Uint8Array, at: number): number {
    switch (this.#state) {
      case "name":
        return this.#readKey(piece, at);
      case "model":
      case "other_name":
      case "text":
      case "nested_text":
        return this.#skipText(piece, at);
      case "nested":
        return this.#skipNested(piece, at);
      case "plain":
        return this.#skipPlain(piece, at);
      default:
        this.#takeSign(piece[at] ?? 0, this.#before + at);
        return at + 1;
    }
  }

  /** A byte between keys and values, at `offset` of the body. */
  #takeSign(byte: number, offset: number): void {
    if (byte === SPACE || byte === LF || byte === CR || byte === TAB) return;
    switch (this.#state) {
      case "start":
        return this.#takeStart(byte, offset);
      case "first":
        if (byte === CLOSE_BRACE) this.#endWith("none", 'The body has no "model".');
        else this.#takeKey(byte, offset);
        return;
      case "key":
        return this.#takeKey(byte, offset);
      case "colon":
        if (byte === COLON) this.#state = "value";
        else this.#break(offset);
        return;
      case "value":
        return this.#takeValue(byte, offset);
      default:
        if (byte === COMMA) this.#state = "key";
        else if (byte === CLOSE_BRACE) this.#endWith("none", 'The body has no "model".');
        else this.#break(offset);
    }
  }

  #takeStart(byte: number, offset: number): void {
    if (byte === OPEN_BRACE) this.#state = "first";
    // A byte of a mark in its place; one that is not whole is the engine's to refuse.
    else if (byte !== BYTE_ORDER_MARK[offset]) {
      this.#endWith("none", "The body is no object in JSON.");
    }
  }

  #takeKey(byte: number, offset: number): void {
    if (byte !== QUOTE) return this.#break(offset);
    this.#key.begin();
    this.#state = "name";
  }

  #takeValue(byte: number, offset: number): void {
    if (VALUE_BEGINNINGS[byte] !== 1) this.#break(offset);
    else if (this.#isModel) this.#takeModel(byte, offset);
    else if (byte === QUOTE) this.#state = "text";
    else if ((byte | BRACKET_BIT) === OPEN_BRACE) {
      this.#depth = 1;
      this.#state = "nested";
    } else this.#state = "plain";
  }

  #takeModel(byte: number, offset: number): void {
    if (byte === QUOTE) {
      this.#modelStart = offset;
      this.#state = "model";
    } else if (byte === LETTER_N) this.#endWith("none", 'The body\'s "model" is null.');
    else this.#endWith("bad", 'The body\'s "model" is not a string.');
  }

  #readKey(piece: Uint8Array, from: number): number {
    for (let at = from; at < piece.length;) {
      const seen = this.#key.take(piece[at++] ?? 0);
      if (seen === "more") continue;
      this.#isModel = seen === "model";
      this.#state = seen === "other" ? "other_name" : "colon";
      return at;
    }
    return piece.length;
  }

  #skipText(piece: Uint8Array, at: number): number {
    const end = this.#text.find(piece, at);
    if (end < 0) return piece.length;
    const next = AFTER_TEXT[this.#state];
    if (next !== undefined) this.#state = next;
    else {
      const place = { start: this.#modelStart, end: this.#before + end };
      this.#outcome = { kind: "found", form: "json", ...place };
    }
    return end;
  }

  #skipNested(piece: Uint8Array, from: number): number {
    for (let at = from; at < piece.length;) {
      const byte = piece[at++] ?? 0;
      if (byte === QUOTE) {
        this.#state = "nested_text";
        return at;
      }
      const bracket = byte | BRACKET_BIT;
      if (bracket === OPEN_BRACE) this.#depth++;
      else if (bracket === CLOSE_BRACE && --this.#depth === 0) {
        this.#state = "after";
        return at;
      }
    }
    return piece.length;
  }

  #skipPlain(piece: Uint8Array, from: number): number {
    for (let at = from; at < piece.length; at++) {
      const byte = piece[at] ?? 0;
      if (byte > SPACE && byte !== COMMA && byte !== CLOSE_BRACE) continue;
      this.#state = "after";
      return at;
    }
    return piece.length;
  }

  #break(offset: number): void {
    this.#endWith("none", `The body is no JSON: byte ${offset + 1} can't stand where it does.`);
  }

  #endWith(kind: "none" | "bad", why: string): void {
    this.#outcome = { kind, why };
  }
}
