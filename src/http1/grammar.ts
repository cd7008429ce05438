/**
 * Bytes and what they may be (RFC 9110 section 5.6, RFC 9112): one table of 256 entries, and the few
 * helpers that compare and show bytes. Nothing here knows of messages.
 *
 * @module
 */

export const HTAB = 0x09;
export const LF = 0x0a;
export const CR = 0x0d;
export const SP = 0x20;
export const QUOTE = 0x22;
export const ASTERISK = 0x2a;
export const COMMA = 0x2c;
export const DOT = 0x2e;
export const SLASH = 0x2f;
export const COLON = 0x3a;
export const SEMICOLON = 0x3b;
export const EQUALS = 0x3d;
export const QUESTION = 0x3f;
export const OPEN_BRACKET = 0x5b;
export const BACKSLASH = 0x5c;
export const CLOSE_BRACKET = 0x5d;

/** A kind of byte; kinds overlap. */
export type ByteKind = number;

/** tchar: what methods, field names and most parameters are made of. */
export const TOKEN: ByteKind = 1;
/** What a field value or a reason may hold: HTAB, SP, VCHAR, obs-text. */
export const TEXT: ByteKind = 2;
export const DIGIT: ByteKind = 4;
export const HEX: ByteKind = 8;
/** What a request target may hold: VCHAR but `#`, which begins a fragment. */
export const TARGET: ByteKind = 16;
/** qdtext: TEXT without `"` and `\`. */
export const QUOTED: ByteKind = 32;
/** What a host that is no IPv6 literal may hold here. */
export const HOST: ByteKind = 64;

const TOKEN_MARKS = "!#$%&'*+-.^_`|~";
const KINDS = Uint8Array.from({ length: 256 }, (_, byte) => kindsOf(byte));

function kindsOf(byte: number): ByteKind {
  const char = String.fromCharCode(byte);
  const isVisible = byte > SP && byte < 0x7f;
  const isText = isVisible || byte === SP || byte === HTAB || byte >= 0x80;
  let kinds = 0;
  if (/[0-9A-Za-z]/.test(char) || TOKEN_MARKS.includes(char)) kinds |= TOKEN;
  if (isText) kinds |= TEXT;
  if (/[0-9]/.test(char)) kinds |= DIGIT;
  if (/[0-9A-Fa-f]/.test(char)) kinds |= HEX;
  if (isVisible && char !== "#") kinds |= TARGET;
  if (isText && byte !== QUOTE && byte !== BACKSLASH) kinds |= QUOTED;
  if (/[0-9A-Za-z._~%-]/.test(char)) kinds |= HOST;
  return kinds;
}

/** Whether `byte` is of `kind`; a char code above 255 is of none. */
export function isOf(byte: number, kind: ByteKind): boolean {
  return ((KINDS[byte] ?? 0) & kind) !== 0;
}

/** Whether `text` has at least one character and all are of `kind`. */
export function isAllOf(text: string, kind: ByteKind): boolean {
  for (let i = 0; i < text.length; i++) {
    if (!isOf(text.charCodeAt(i), kind)) return false;
  }
  return text.length > 0;
}

/** The byte at `index`, which the caller knows to be inside. */
export function byteAt(bytes: Uint8Array, index: number): number {
  return bytes[index] ?? 0;
}

/** The first index from `from` on, `stop` at the latest, whose byte is not of `kind`. */
export function skipOf(kind: ByteKind, bytes: Uint8Array, from: number, stop: number): number {
  let at = from;
  while (at < stop && isOf(byteAt(bytes, at), kind)) at++;
  return at;
}

/** SP and HTAB, the optional white space around values. */
export function isBlank(byte: number): boolean {
  return byte === SP || byte === HTAB;
}

/** `byte` in lower case if it is a letter of ASCII. */
export function toLower(byte: number): number {
  return byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte;
}

/** Whether `bytes` spell `word` (lower case ASCII) in any case. */
export function spells(bytes: Uint8Array, word: string): boolean {
  return bytes.length === word.length && startsWith(bytes, word);
}

/** Whether both spell the same in any case. */
export function isSameText(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length &&
    one.every((byte, index) => toLower(byte) === toLower(byteAt(other, index)));
}

/** Whether `bytes` begin with `word`, exactly. */
export function beginsWith(bytes: Uint8Array, word: string): boolean {
  return beginsAt(bytes, 0, word);
}

/** Whether `word` stands in `bytes` at `start`, exactly. */
export function beginsAt(bytes: Uint8Array, start: number, word: string): boolean {
  if (bytes.length - start < word.length) return false;
  for (let i = 0; i < word.length; i++) {
    if (byteAt(bytes, start + i) !== word.charCodeAt(i)) return false;
  }
  return true;
}

/** Whether `bytes` begin with `word` (lower case ASCII) in any case. */
export function startsWith(bytes: Uint8Array, word: string): boolean {
  if (bytes.length < word.length) return false;
  for (let i = 0; i < word.length; i++) {
    if (toLower(byteAt(bytes, i)) !== word.charCodeAt(i)) return false;
  }
  return true;
}

/** The number that `bytes` spell in decimal digits only; `undefined` for anything else or ≥ 2^53. */
export function parseDecimal(bytes: Uint8Array): number | undefined {
  let value = 0;
  // By index, as iterators of views are slow.
  for (let i = 0; i < bytes.length; i++) {
    const byte = byteAt(bytes, i);
    if (!isOf(byte, DIGIT)) return undefined;
    value = value * 10 + (byte - 0x30);
    if (value > Number.MAX_SAFE_INTEGER) return undefined;
  }
  return bytes.length > 0 ? value : undefined;
}

/** The elements of a comma-separated list, blanks around them cut; empty ones are kept. */
export function splitList(value: Uint8Array): Uint8Array[] {
  let comma = value.indexOf(COMMA);
  if (comma < 0) return [trim(value)];
  const elements: Uint8Array[] = [];
  let start = 0;
  for (; comma >= 0; comma = value.indexOf(COMMA, start)) {
    elements.push(trim(value.subarray(start, comma)));
    start = comma + 1;
  }
  elements.push(trim(value.subarray(start)));
  return elements;
}

function trim(bytes: Uint8Array): Uint8Array {
  let start = 0;
  let end = bytes.length;
  while (start < end && isBlank(byteAt(bytes, start))) start++;
  while (end > start && isBlank(byteAt(bytes, end - 1))) end--;
  return end - start === bytes.length ? bytes : bytes.subarray(start, end);
}

/** Characters that `String.fromCharCode` takes at once, well below any engine's argument limit. */
const DECODE_PIECE = 4096;

/**
 * Bytes to text, one character each. Not `TextDecoder("latin1")`: that is windows-1252 and turns
 * 0x80 into U+20AC.
 */
export function decodeLatin1(bytes: Uint8Array): string {
  if (bytes.length <= DECODE_PIECE) return decodePiece(bytes);
  let text = "";
  for (let at = 0; at < bytes.length; at += DECODE_PIECE) {
    text += decodePiece(bytes.subarray(at, at + DECODE_PIECE));
  }
  return text;
}

/** Seven times as fast as spreading the bytes. */
function decodePiece(bytes: Uint8Array): string {
  return Reflect.apply(String.fromCharCode, null, bytes);
}

/** Decodes what is mostly the same from one time to the next, such as a host, mostly not again. */
export class TextMemo {
  #bytes = new Uint8Array(0);
  #text = "";

  /** The bytes from `start` up to, but without, `end` as text. */
  decode(bytes: Uint8Array, start: number, end: number): string {
    if (!this.#isSame(bytes, start, end)) {
      this.#bytes = bytes.slice(start, end);
      this.#text = decodeLatin1(this.#bytes);
    }
    return this.#text;
  }

  #isSame(bytes: Uint8Array, start: number, end: number): boolean {
    const known = this.#bytes;
    if (known.length !== end - start) return false;
    for (let i = 0; i < known.length; i++) {
      if (known[i] !== bytes[start + i]) return false;
    }
    return true;
  }
}

const EXCERPT_BYTES = 64;

/** The last 64 of `bytes` in quotes, all but visible ASCII escaped: for error texts. */
export function escapeBytes(bytes: Uint8Array): string {
  const shown = bytes.subarray(Math.max(0, bytes.length - EXCERPT_BYTES));
  const text = Array.from(shown, escapeByte).join("");
  return shown.length < bytes.length ? `"…${text}"` : `"${text}"`;
}

function escapeByte(byte: number): string {
  if (byte === CR) return "\\r";
  if (byte === LF) return "\\n";
  if (byte === QUOTE || byte === BACKSLASH) return `\\${String.fromCharCode(byte)}`;
  const isShown = byte >= SP && byte < 0x7f;
  return isShown ? String.fromCharCode(byte) : `\\x${byte.toString(16).padStart(2, "0")}`;
}
