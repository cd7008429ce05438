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

/** Takes out terminal escapes and control characters but line feeds and tabs. */
export function toPlainText(text: string): string {
  return text.replaceAll(ESCAPES, "").replaceAll(CONTROLS, "");
}

/** The same on one line. */
export function toPlainLine(text: string): string {
  return toPlainText(text.replaceAll(/[\r\n\u2028\u2029]+/g, " "));
}

/** JSON of `value` on one line; what JSON leaves as it is and a terminal would act on is escaped, too. */
export function toJsonLine(value: unknown): string {
  return JSON.stringify(value).replaceAll(
    /[\x7f-\x9f\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
