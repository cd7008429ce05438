/**
 * Text for logs and terminals, whatever it was: what engines and clients say can't steer a terminal, and
 * can't look like another line.
 *
 * @module
 */

// deno-lint-ignore no-control-regex
const ESCAPES = /\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[ -/]*[0-~])?/g;
// deno-lint-ignore no-control-regex
const CONTROLS = /[\x00-\x08\x0b-\x1f\x7f\x80-\x9f]/g;

const BREAKS = /[\r\n\u2028\u2029]+/g;
/** Of escapes, one that sets colours and weights (SGR, ECMA-48 8.3.117); longer ones say nothing. */
// deno-lint-ignore no-control-regex
const COLOURS = /^\x1b\[[0-9;:]{0,32}m$/;
// deno-lint-ignore no-control-regex
const CONTROLS_BUT_ESCAPE = /[\x00-\x08\x0b-\x1a\x1c-\x1f\x7f\x80-\x9f]/g;

/** Takes out terminal escapes and control characters but line feeds and tabs. */
export function toPlainText(text: string): string {
  return text.replaceAll(ESCAPES, "").replaceAll(CONTROLS, "");
}

/** The same on one line. */
export function toPlainLine(text: string): string {
  return toPlainText(text.replaceAll(BREAKS, " "));
}

/** The same, but that escapes which set colours stay. */
export function toStyledLine(text: string): string {
  return text.replaceAll(BREAKS, " ")
    .replaceAll(ESCAPES, (escape) => COLOURS.test(escape) ? escape : "")
    .replaceAll(CONTROLS_BUT_ESCAPE, "");
}

/** JSON of `value` on one line; what JSON leaves as it is and a terminal would act on is escaped, too. */
export function toJsonLine(value: unknown): string {
  return JSON.stringify(value).replaceAll(
    /[\x7f-\x9f\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
