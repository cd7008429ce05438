/**
 * Rows as a table: spaces only, in as many columns as fit. A pipe gets all of it.
 *
 * @module
 */
import type { Screen, Style } from "./screen.ts";
import { fit } from "./text.ts";

/** From which of the three widths on a column is shown. */
export type Width = "narrow" | "medium" | "full";

export interface Column<T> {
  readonly title: string;
  readonly from: Width;
  readonly cell: (row: T) => string;
  /** What the column may be cut to on a terminal where it does not fit. @default it may not */
  readonly least?: number;
  readonly style?: (row: T) => Style | undefined;
}

/** The widest first. */
const WIDTHS: readonly (readonly Width[])[] = [
  ["narrow", "medium", "full"],
  ["narrow", "medium"],
  ["narrow"],
];

const GAP = 2;

/** What is left of a name where there is no room. */
const LEAST_NAME = 5;

/** The head and a line for each row. */
export function renderTable<T>(
  columns: readonly Column<T>[],
  rows: readonly T[],
  screen: Screen,
): string[] {
  for (const widths of WIDTHS) {
    const shown = columns.filter(({ from }) => widths.includes(from));
    const table = new Table(shown, rows);
    if (table.fits(screen.columns)) return table.lines(screen);
  }
  // Narrower than it was made for: names are cut, then columns go.
  const shown = columns.filter(({ from }) => from === "narrow");
  let table = new Table(shown, rows, LEAST_NAME);
  while (shown.length > 2 && !table.fits(screen.columns)) {
    shown.pop();
    table = new Table(shown, rows, LEAST_NAME);
  }
  return table.lines(screen);
}

class Table<T> {
  readonly #columns: readonly Column<T>[];
  readonly #rows: readonly T[];
  readonly #cells: readonly (readonly string[])[];
  readonly #natural: readonly number[];
  readonly #least: readonly number[];

  /** `leastName` is what the first column may be cut to. */
  constructor(columns: readonly Column<T>[], rows: readonly T[], leastName = Infinity) {
    this.#columns = columns;
    this.#rows = rows;
    this.#cells = rows.map((row) => columns.map((column) => column.cell(row)));
    this.#natural = columns.map(({ title }, i) =>
      Math.max(title.length, ...this.#cells.map((cells) => [...cells[i] ?? ""].length))
    );
    this.#least = columns.map(({ least = Infinity }, i) =>
      Math.min(this.#natural[i] ?? 0, i === 0 ? Math.min(least, leastName) : least)
    );
  }

  fits(width: number): boolean {
    return sum(this.#least) <= width;
  }

  lines(screen: Screen): string[] {
    const widths = this.#widthsIn(screen.columns);
    const head = this.#line(widths, this.#columns.map(({ title }) => title));
    return [
      screen.paint("bold", fit(head, screen.columns)),
      ...this.#rows.map((row, i) => {
        const cells = this.#cells[i] ?? [];
        const whole = this.#line(widths, cells);
        if ([...whole].length > screen.columns) return fit(whole, screen.columns);
        return this.#line(widths, cells, (text, column) => {
          const style = this.#columns[column]?.style?.(row);
          return style === undefined ? text : screen.paint(style, text);
        });
      }),
    ];
  }

  /** Takes what does not fit from the columns that may be cut, the last first. */
  #widthsIn(room: number): number[] {
    const widths = [...this.#natural];
    let over = sum(widths) - room;
    for (let i = widths.length - 1; i >= 0 && over > 0; i--) {
      const width = widths[i] ?? 0;
      const given = Math.min(over, width - (this.#least[i] ?? width));
      widths[i] = width - given;
      over -= given;
    }
    return widths;
  }

  #line(
    widths: readonly number[],
    cells: readonly string[],
    paint = (text: string, _column: number) => text,
  ): string {
    const last = cells.length - 1;
    return cells.map((cell, i) => {
      const width = widths[i] ?? 0;
      const text = fit(cell, width);
      const pad = i === last ? "" : " ".repeat(width - [...text].length + GAP);
      return paint(text, i) + pad;
    }).join("").trimEnd();
  }
}

function sum(widths: readonly number[]): number {
  return widths.reduce((all, width) => all + width, GAP * (widths.length - 1));
}
