/** What random messages are made of, of either role. */
import fc from "fast-check";
import { bytesOf, latin1 } from "./play.ts";

const TOKEN_CHARS = "!#$%&'*+-.^_`|~0123456789ABCXYZabcxyz";
export const token = fc.string({
  unit: fc.constantFrom(...TOKEN_CHARS),
  minLength: 1,
  maxLength: 12,
});

const TEXT_CHARS = Array.from({ length: 256 }, (_, byte) => String.fromCharCode(byte))
  .filter((char) => /[\t\x20-\x7e\x80-\xff]/.test(char));
export const value = fc.string({ unit: fc.constantFrom(...TEXT_CHARS), maxLength: 20 })
  .map((text) => text.replace(/^[ \t]+|[ \t]+$/g, ""));

/** Names that mean something to the framing would change what a test expects. */
const KNOWN = [
  "content-length",
  "transfer-encoding",
  "connection",
  "keep-alive",
  "host",
  "te",
  "expect",
  "upgrade",
];
const field = fc.tuple(token.filter((name) => !KNOWN.includes(name.toLowerCase())), value);
export const fieldLines = fc.array(field, { maxLength: 6 });

/** The pieces of a body, none of them empty. */
export const pieceTexts = fc.array(
  fc.string({
    unit: fc.constantFrom(...TEXT_CHARS, "\r", "\n", "\0"),
    minLength: 1,
    maxLength: 30,
  }),
  { maxLength: 5 },
);
export const extension = fc.constantFrom("", ";a", ';a="b;\\"c"', ";a=b;c");

export type Lines = readonly (readonly [string, string])[];

export const writeFields = (fields: Lines) =>
  fields.map(([name, text]) => `${name}: ${text}\r\n`).join("");

/** The fields as they come out. */
export const lower = (fields: Lines) =>
  fields.map(([name, text]) => [name.toLowerCase(), text] as const);

/** A chunked body. */
export function writeChunks(pieces: readonly string[], extension: string, trailers: Lines): string {
  const chunk = (text: string) => `${text.length.toString(16)}${extension}\r\n${text}\r\n`;
  return `${pieces.map(chunk).join("")}0${extension}\r\n${writeFields(trailers)}\r\n`;
}

const PUT = "|\r|\n|\0| |\t|:|;|,|\x80|0|-|_|x|\r\n|\r\n |\x0b|#|/|@".split("|");
const NUMBERS = ["+5", "-1", "0x5", "1_0", "007", "5, 5", "5.0", "9007199254740992"];
const BIG_NUMBERS = ["18446744073709551616", "fffffffffffffffff", ""];

type Edit = (text: string) => string;

/** Cuts out some characters and puts others in. */
const patch = fc.record({
  at: fc.nat({ max: 400 }),
  drop: fc.nat({ max: 2 }),
  put: fc.constantFrom(...PUT),
}).map(({ at, drop, put }): Edit => (text) => {
  const place = at % (text.length + 1);
  return text.slice(0, place) + put + text.slice(place + drop);
});

/** Repeats, drops or swaps whole lines. */
const lineEdit = fc.record({
  at: fc.nat({ max: 40 }),
  how: fc.constantFrom("repeat", "drop", "swap"),
}).map(({ at, how }): Edit => (text) => {
  const lines = text.split("\r\n");
  const place = at % lines.length;
  const [line = "", next = ""] = lines.slice(place);
  if (how === "repeat") lines.splice(place, 0, line);
  else if (how === "drop") lines.splice(place, 1);
  else lines.splice(place, 2, next, line);
  return lines.join("\r\n");
});

/** Writes one of the numbers differently. */
const numberEdit = fc.record({
  which: fc.nat({ max: 10 }),
  put: fc.constantFrom(...NUMBERS, ...BIG_NUMBERS),
}).map(({ which, put }): Edit => (text) => {
  const found = [...text.matchAll(/\b[0-9a-f]*\d[0-9a-f]*\b/g)];
  const match = found[which % Math.max(1, found.length)];
  if (match === undefined) return text;
  return text.slice(0, match.index) + put + text.slice(match.index + match[0].length);
});

/** Turns one letter's case round. */
const caseEdit = fc.nat({ max: 400 }).map((at): Edit => (text) => {
  const place = at % (text.length + 1);
  const char = text.charAt(place);
  const turned = char === char.toLowerCase() ? char.toUpperCase() : char.toLowerCase();
  const isAscii = /[A-Za-z]/.test(char);
  return isAscii ? text.slice(0, place) + turned + text.slice(place + 1) : text;
});

/** Makes bytes that were right nearly right. */
export const edits = fc.array(fc.oneof(patch, patch, lineEdit, numberEdit, caseEdit), {
  minLength: 1,
  maxLength: 3,
});

export function edited(input: Uint8Array, edits: readonly Edit[]): Uint8Array {
  return bytesOf(edits.reduce((text, edit) => edit(text), latin1(input)));
}

/** Where input is cut; see {@linkcode cut}. */
export const cuts = fc.array(fc.nat({ max: 1_000 }), { maxLength: 8 });

/** Cuts `bytes` at `places`, taken modulo its length. */
export function cut(bytes: Uint8Array, places: readonly number[]): Uint8Array[] {
  const at = [...new Set(places.map((place) => place % (bytes.length + 1)))].sort((a, b) => a - b);
  return [...at, bytes.length].map((end, index) => bytes.subarray(at[index - 1] ?? 0, end))
    .filter((piece) => piece.length > 0);
}
