/** What a page of promises cites: tests by name, and faults by number. */

/** A test, or all tests of a place. */
export interface Citation {
  /** A file or folder of tests/, without `_test.ts`, e.g. `e2e/orphans`. */
  readonly place: string;
  /** Parts of its name in their order; none = any test there. */
  readonly parts: readonly string[];
}

/** Rows of the tables that have a column `name`: what stands there, Markdown's escapes taken out. */
export function columnOf(page: string, name: string): string[] {
  const cells: string[] = [];
  let column = -1;
  for (const line of page.split("\n")) {
    if (!line.startsWith("|")) {
      column = -1;
      continue;
    }
    const row = line.split(/(?<!\\)\|/).slice(1, -1).map((cell) => cell.trim());
    if (column < 0) column = row.indexOf(name);
    else if (!/^-+$/.test(row[0] ?? "")) cells.push((row[column] ?? "").replaceAll("\\|", "|"));
    if (column < 0) column = Infinity;
  }
  return cells.filter((cell) => cell !== "");
}

/**
 * Reads `place: part … of a name; another of that place; place`. What stands in brackets at an end is a
 * remark, and so is all of a cell that begins with a dash. Throws `SyntaxError`.
 */
export function parseCitations(cell: string): Citation[] {
  if (cell.startsWith("–")) return [];
  const found: Citation[] = [];
  for (const text of cell.replaceAll(REMARK, "").split("; ")) {
    const [, place = found.at(-1)?.place, name = ""] = PLACE.exec(text) ?? ["", undefined, text];
    if (place === undefined) throw new SyntaxError(`"${text}" names no file of tests/`);
    found.push({ place, parts: name.split("…").map((part) => part.trim()).filter((part) => part) });
  }
  return found;
}

/** In brackets at the end of a citation; what is in it may have a semicolon. */
const REMARK = / \([^()]*\)(?=;|$)/g;

/** `place` or `place: name`. */
const PLACE = /^([a-z0-9_]+(?:\/[a-z0-9_]+)*)(?:: (.*))?$/;

/** Whether a test of this name is cited. */
export function fits({ parts }: Citation, name: string): boolean {
  let at = 0;
  for (const part of parts) {
    const found = name.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return true;
}

/** The faults of a cell such as `01–03, 58b`. */
export function parseFaults(cell: string): string[] {
  return cell.split(", ").flatMap((piece) => {
    const [first = "", last] = piece.split("–");
    if (last === undefined) return [first];
    const count = Number(last) - Number(first) + 1;
    return Array.from({ length: count }, (_, i) => String(Number(first) + i).padStart(2, "0"));
  });
}
