import { accept, type Parsed, refuse } from "../parsed.ts";

/** Blanks, a comment, a quoted piece, or a bare one; `#` begins a comment only where a word would. */
const PIECE = /[ \t\r\n]+|\\\r?\n|'([^']*)'|"((?:[^"\\]|\\[^])*)"|\\([^])|([^\s'"\\]+)/gy;

/**
 * Takes a line apart as a shell would, and nothing else of what a shell does: quotes keep blanks
 * together, a backslash keeps the next character as it is, a backslash at the end of a line goes on in
 * the next one, and a line that begins with # is left out.
 */
export function splitWords(line: string): Parsed<readonly string[]> {
  const words: string[] = [];
  let word: string | undefined;
  const text = line.split("\n").filter((one) => !/^\s*#/.test(one)).join("\n");
  let end = 0;
  for (const match of text.matchAll(PIECE)) {
    const [whole, single, double, escaped, bare] = match;
    end += whole.length;
    if (/^\s|^\\\r?\n$/.test(whole)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else {
      word = (word ?? "") +
        (single ?? double?.replaceAll(/\\(["\\$`]|\n)/g, (_, one) => one === "\n" ? "" : one) ??
          escaped ?? bare ?? "");
    }
  }
  if (end < text.length) {
    return refuse("which has a quote that nothing closes", "Close it", "run --name 'a b'");
  }
  if (word !== undefined) words.push(word);
  if (words.length > 0) return accept(words);
  return refuse("which names no program", "Write a program and its arguments", "./engine --fast");
}
