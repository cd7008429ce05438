/** A page that notes what its line to the server tells it. */
import type { BrowserContext, Page } from "playwright-core";
import { assert, assertEquals } from "@std/assert";

const LIMIT_MS = 10_000;

/** Runs in the page: the module that it has is the one that this finds. */
const LISTEN = `(async (topics) => {
  const { live } = await import(document.querySelector("script[type=module]").src);
  globalThis.live = live;
  globalThis.seen = { notices: [], lines: [], links: [], gaps: [], snapshots: 0, hidden: false };
  live.on("notice", ({ title }) => seen.notices.push(Number(title)));
  live.on("log", ({ lines }) => seen.lines.push(...lines.map(({ n }) => n)));
  live.on("gap", (gap) => seen.gaps.push(gap));
  live.on("snapshot", () => seen.snapshots++);
  live.onLink(({ kind }) => seen.links.push(kind));
  if (topics.length > 0) live.topics(topics);
  Object.defineProperty(document, "hidden", { get: () => seen.hidden });
})`;

/** Waits until `expression` is true in the page. Pages forbid what Playwright has for that. */
export async function isTrue(page: Page, expression: string): Promise<void> {
  const end = Date.now() + LIMIT_MS;
  while (!await page.evaluate<boolean>(expression)) {
    assert(Date.now() < end, `${expression} did not become true`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

interface Seen {
  readonly notices: readonly number[];
  readonly lines: readonly number[];
  readonly links: readonly string[];
  readonly gaps: readonly unknown[];
}

export class Listener {
  private constructor(readonly page: Page) {}

  static async open(
    context: BrowserContext,
    url: string,
    topics: readonly string[] = [],
  ): Promise<Listener> {
    const page = await context.newPage();
    page.setDefaultTimeout(LIMIT_MS);
    await page.goto(url);
    await page.evaluate(`${LISTEN}(${JSON.stringify(topics)})`);
    const listener = new Listener(page);
    await listener.isLive();
    return listener;
  }

  async isLive(): Promise<void> {
    await this.page.getByText("Live", { exact: true }).waitFor();
  }

  seen(): Promise<Seen> {
    return this.page.evaluate("seen");
  }

  /** Waits until the last notice is `last`; all from `first` on have come, each once, in order. */
  async hasNotices(first: number, last: number): Promise<void> {
    await isTrue(this.page, `seen.notices.at(-1) === ${last}`);
    const { notices, gaps } = await this.seen();
    const all = Array.from({ length: last - first + 1 }, (_, i) => first + i);
    assertEquals([notices, gaps], [all, []]);
  }

  /** Nobody looks any more, or somebody does again, as the browser would say it. */
  async hide(isHidden: boolean): Promise<void> {
    await this.page.evaluate(
      `seen.hidden = ${isHidden}; document.dispatchEvent(new Event("visibilitychange"))`,
    );
  }
}
