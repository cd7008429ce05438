/**
 * A real Chromium for the tests that need one: the program that AI_ENGINE_TEST_BROWSER names, which
 * `deno task test` sets. Without it these tests are ignored by name, and `deno task test` says so.
 *
 * @module
 */
import { type Browser, chromium } from "playwright-core";

export const BROWSER = Deno.env.get("AI_ENGINE_TEST_BROWSER");

/** Runs `use` with a browser of its own; closes it however `use` ends. */
export async function withBrowser(use: (browser: Browser) => Promise<void>): Promise<void> {
  const browser = await chromium.launch({
    executablePath: BROWSER ?? "",
    args: ["--no-sandbox", "--disable-gpu"],
  });
  try {
    await use(browser);
  } finally {
    await browser.close();
  }
}

/**
 * A test with a browser. Leaks are not traced in it: the driver keeps its own pipes and timers for
 * the life of the process.
 */
export function browserTest(name: string, use: (browser: Browser) => Promise<void>): void {
  Deno.test({
    name,
    ignore: BROWSER === undefined,
    sanitizeOps: false,
    sanitizeResources: false,
    fn: () => withBrowser(use),
  });
}
