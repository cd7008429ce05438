/** docs/performance.md: words by hand, figures by the bench. */

const BEGIN = "<!-- Figures by `deno task bench --write`: change nothing from here … -->";
const END = "<!-- … to here. -->";

/** The page with `figures` in the place of those it had. Throws when it has no such place. */
export function replaceFigures(page: string, figures: string): string {
  const begin = page.indexOf(BEGIN);
  const end = page.indexOf(END);
  if (begin < 0 || end < begin) throw new Error("docs/performance.md has lost its two markers");
  return `${page.slice(0, begin + BEGIN.length)}\n\n${figures.trim()}\n\n${page.slice(end)}`;
}
