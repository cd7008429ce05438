/** docs/performance.md: words by hand, figures by the benches. */

const END = "<!-- … to here. -->";

export interface Figures {
  /** Markdown. */
  readonly figures: string;
  /** Whose they are: its name for `deno task`. */
  readonly task: string;
}

/**
 * The page with `figures` in the place of those that the task had there. Throws when it has no such
 * place.
 */
export function replaceFigures(page: string, { figures, task }: Figures): string {
  const marker = `<!-- Figures by \`deno task ${task} --write\`: change nothing from here … -->`;
  const begin = page.indexOf(marker);
  const end = page.indexOf(END, begin);
  if (begin < 0 || end < 0) {
    throw new Error(`docs/performance.md has lost its two markers for ${task}`);
  }
  return `${page.slice(0, begin + marker.length)}\n\n${figures.trim()}\n\n${page.slice(end)}`;
}
