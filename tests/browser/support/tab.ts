/** A page in a context of its own, as in a private window, that notes what goes wrong in it. */
import type { Browser, BrowserContextOptions, Page } from "playwright-core";

/** How long a step waits for what it expects. */
const LIMIT_MS = 10_000;

export class Tab {
  /** What scripts and the browser itself complained of. */
  readonly faults: string[] = [];
  /** URLs asked for, the page's own first. */
  readonly requests: string[] = [];

  private constructor(readonly page: Page) {
    page.setDefaultTimeout(LIMIT_MS);
    page.on("pageerror", (error) => this.faults.push(String(error)));
    page.on("console", (message) => {
      if (["error", "warning"].includes(message.type())) this.faults.push(message.text());
    });
    page.on("request", (request) => this.requests.push(request.url()));
  }

  static async open(
    browser: Browser,
    url: string,
    options: BrowserContextOptions = {},
  ): Promise<Tab> {
    const tab = new Tab(await (await browser.newContext(options)).newPage());
    await tab.page.goto(url);
    return tab;
  }

  /** Opens `url` and waits until its events come in. */
  static async openLive(
    browser: Browser,
    url: string,
    options: BrowserContextOptions = {},
  ): Promise<Tab> {
    const tab = await Tab.open(browser, url, options);
    await tab.page.getByText("Live", { exact: true }).waitFor();
    return tab;
  }

  /** Waits until the card of the only engine says this word. */
  async state(word: string): Promise<void> {
    await this.page.locator('[data-field="word"]').getByText(word, { exact: true }).waitFor();
  }

  /** Width of what could be scrolled to, in CSS pixels. */
  scrollWidth(): Promise<number> {
    return this.page.evaluate<number>("document.documentElement.scrollWidth");
  }

  async close(): Promise<void> {
    await this.page.context().close();
  }
}
