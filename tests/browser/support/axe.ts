/** The accessibility checks of axe-core, run inside a page. */
import axe from "axe-core";
import type { Page } from "playwright-core";

/** WCAG 2.2 A and AA, and axe's own advice. */
const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

export interface Findings {
  /** `rule: element`, one for each offence. */
  readonly violations: string[];
  /** What axe could not decide, in the same form. */
  readonly undecided: string[];
}

/** What of axe's results is read here. */
interface Results {
  readonly violations: readonly Result[];
  readonly incomplete: readonly Result[];
}

interface Result {
  readonly id: string;
  readonly nodes: readonly { readonly html: string }[];
}

/**
 * Checks a page as it stands, `target-size` included, which axe leaves off by itself.
 *
 * @param within The parts of it that are looked at; none = all.
 */
export async function checkAccess(
  page: Page,
  within: readonly string[] = [],
): Promise<Findings> {
  const options = {
    runOnly: { type: "tag", values: TAGS },
    rules: { "target-size": { enabled: true } },
  };
  // Evaluated, not a script tag: the page's content policy would rightly refuse that.
  await page.evaluate(axe.source);
  const where = within.length === 0 ? "document" : JSON.stringify(within.map((one) => [one]));
  const results = await page.evaluate<Results>(`axe.run(${where}, ${JSON.stringify(options)})`);
  return { violations: list(results.violations), undecided: list(results.incomplete) };
}

function list(results: readonly Result[]): string[] {
  return results.flatMap(({ id, nodes }) =>
    nodes.map(({ html }) => `${id}: ${html.slice(0, 200)}`)
  );
}
