/**
 * Text that is safe and fits: what comes from engines may hold anything.
 *
 * @module
 */

/** Escape sequences of terminals: CSI, OSC and its kin, and those of two characters. */
const ESCAPES =
  // deno-lint-ignore no-control-regex
  /(?:\u001b\[|\u009b)[0-?]*[ -/]*[@-~]|(?:\u001b[\]PX^_]|[\u009d\u0090])[^\u0007\u001b\u009c]*(?:\u0007|\u001b\\|\u009c)?|\u001b[ -/]*[0-~]/g;
// deno-lint-ignore no-control-regex
const CONTROLS = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g;

/** Takes out what would move the cursor or change colours; line breaks and tabs stay. */
export function plain(text: string): string {
  return text.replaceAll(ESCAPES, "").replaceAll("\r\n", "\n").replaceAll(CONTROLS, "");
}

/** {@linkcode plain}, on one line. */
export function oneLine(text: string): string {
  return plain(text).replaceAll(/\s+/g, " ").trim();
}

/** Cuts `text` to `width` characters, with an ellipsis at the cut. */
export function fit(text: string, width: number): string {
  const characters = [...text];
  if (characters.length <= width) return text;
  return width < 1 ? "" : `${characters.slice(0, width - 1).join("")}…`;
}

/** Breaks `text` between words into lines of at most `width`, each with `indent` in front. */
export function wrap(text: string, options: { width: number; indent: string }): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    const longer = line === "" ? word : `${line} ${word}`;
    if (line !== "" && options.indent.length + longer.length > options.width) {
      lines.push(options.indent + line);
      line = word;
    } else line = longer;
  }
  lines.push(options.indent + line);
  return lines;
}

/** Columns padded to their widest cell, two spaces between; no spaces at the end of a line. */
export function alignColumns(rows: readonly (readonly string[])[]): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((cell, i) => widths[i] = Math.max(widths[i] ?? 0, [...cell].length));
  }
  return rows.map((row) => {
    const cells = row.map((cell, i) => cell + " ".repeat((widths[i] ?? 0) - [...cell].length));
    return cells.join("  ").trimEnd();
  });
}

/** Bytes in a unit that reads well: `84 MB`, `1.2 GB`. */
export function formatBytes(bytes: number): string {
  if (bytes < 999_500) return `${Math.round(bytes / 1_000)} kB`;
  if (bytes < 999_500_000) return `${Math.round(bytes / 1_000_000)} MB`;
  return `${(bytes / 1_000_000_000).toFixed(1)} GB`;
}

/** A time of day on this machine's wall clock: `14:03:09`. */
export function formatTime(time: string | number): string {
  const date = new Date(time);
  if (Number.isNaN(date.getTime())) return "-";
  const two = (value: number) => String(value).padStart(2, "0");
  return [date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(":");
}
