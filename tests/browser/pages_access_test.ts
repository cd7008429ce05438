/** Every page with engines in every state, light and dark, wide and narrow. */
import { assertEquals } from "@std/assert";
import type { EngineState } from "../../src/core/mod.ts";
import { checkAccess } from "./support/axe.ts";
import { browserTest } from "./support/browser.ts";
import { LivePage } from "./support/live_page.ts";
import { Tab } from "./support/tab.ts";

const STATES: readonly EngineState[] = [
  ...["stopped", "starting", "ready", "draining", "stopping", "backoff", "failed"] as const,
];
const PAGES = ["/", "/requests", "/events", "/logs", "/config", "/stop-all", "/engines/nobody"];

const LOOKS = (["light", "dark"] as const).flatMap((colorScheme) =>
  [1280, 320].map((width) => ({ colorScheme, viewport: { width, height: 800 } }))
);

/** An engine for each state, called so, and one with two instances. */
function busyHouse(): LivePage {
  const live = new LivePage({ engines: [...STATES, "replicas"] });
  const { supervisor } = live;
  const now = new Date().toISOString();
  const deadlineAt = new Date(Date.now() + 60_000).toISOString();
  const lastError = {
    ...{ code: "start_timeout", title: "Socket startup timeout", at: now },
    ...{ detail: "It did not listen.", remedy: "Raise the limit.", lastLines: ["one", "two"] },
  };
  for (const state of STATES) {
    if (state === "ready") supervisor.ready(state);
    else if (state !== "stopped") {
      supervisor.move(state, state, { deadlineAt, usualStartMs: 6_000, lastError });
    }
  }
  const instances = (["ready", "failed"] as const).map((state, id) => ({
    ...{ id, state, since: now, pid: 100 + id, readyAt: now, inflight: 1 - id, rssBytes: 9e7 },
    ...{ lastError: null, socket: `/run/replicas.sock~${id}` },
  }));
  supervisor.ready("replicas");
  supervisor.set("replicas", { inflight: 1, queued: 2, instances });
  return live;
}

async function assertFine({ page, scrollWidth }: { page: Tab["page"]; scrollWidth: number }) {
  const { violations, undecided } = await checkAccess(page);
  const { width } = page.viewportSize() ?? { width: 0 };
  const where = `${page.url()}, ${width} px`;
  assertEquals([violations, undecided], [[], []], where);
  assertEquals(scrollWidth, width, `${where}: scrolls sideways`);
}

for (const look of LOOKS) {
  const name = `${look.colorScheme}, ${look.viewport.width} px`;

  browserTest(`axe finds nothing on any page: ${name}`, async (browser) => {
    await using live = busyHouse();
    const tab = await Tab.open(browser, live.url, { ...look, reducedMotion: "reduce" });
    for (const path of [...PAGES, ...STATES.map((state) => `/engines/${state}`)]) {
      await tab.page.goto(`${live.url}${path}`);
      const isLive = path !== "/engines/nobody";
      if (isLive) await tab.page.getByText("Live", { exact: true }).waitFor();
      await assertFine({ page: tab.page, scrollWidth: await tab.scrollWidth() });
      assertEquals(await tab.page.evaluate("document.getAnimations().length"), 0, path);
      if (isLive) assertEquals(tab.faults, [], path);
      tab.faults.length = 0; // the browser itself logs a 404
    }
    await tab.page.goto(live.url);
    await tab.page.getByText("View").click();
    const { violations } = await checkAccess(tab.page); // what the menu hides can't be decided
    assertEquals(violations, [], "the menu");
    assertEquals(await tab.scrollWidth(), look.viewport.width, "the menu");
  });

  browserTest(`axe finds nothing on any page without a script: ${name}`, async (browser) => {
    await using live = busyHouse();
    const context = await browser.newContext({ ...look, reducedMotion: "reduce" });
    const page = await context.newPage();
    // As where it failed to load; with JavaScript off axe could not run.
    await page.route("**/main.js", (route) => route.abort());
    for (const path of [...PAGES, "/engines/ready", "/engines/failed"]) {
      await page.goto(`${live.url}${path}`);
      const { violations, undecided } = await checkAccess(page);
      assertEquals([violations, undecided], [[], []], `${path}, ${name}`);
    }
    await context.close();
  });
}

browserTest("texts may be spaced out and twice as large", async (browser) => {
  await using live = busyHouse();
  const tab = await Tab.openLive(browser, live.url, { viewport: { width: 640, height: 800 } });
  for (const path of PAGES) {
    await tab.page.goto(`${live.url}${path}`);
    // WCAG 1.4.12 and 1.4.4, by a style sheet of the reader's.
    await tab.page.evaluate(`(() => {
      const sheet = new CSSStyleSheet();
      sheet.replaceSync("* { line-height: 1.5 !important; letter-spacing: .12em !important;" +
        "word-spacing: .16em !important } html { font-size: 30px !important }");
      document.adoptedStyleSheets = [sheet];
    })()`);
    assertEquals(await tab.scrollWidth(), 640, path);
  }
});
