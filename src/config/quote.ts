const SHOWN_CHARACTERS = 80;
/** Controls, line separators, and marks that turn the direction of text. */
const UNPRINTABLE =
  // deno-lint-ignore no-control-regex
  /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]|\p{Surrogate}/gu;

/** Puts a value somebody gave into quotes, so that it can stand in a message: short and on one line. */
export function quote(value: string): string {
  const characters = [...value.slice(0, 2 * SHOWN_CHARACTERS)];
  const isCut = characters.length > SHOWN_CHARACTERS;
  const shown = characters.slice(0, SHOWN_CHARACTERS).join("").replaceAll(
    UNPRINTABLE,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
  return isCut ? `"${shown}…" (${value.length} characters)` : `"${shown}"`;
}
