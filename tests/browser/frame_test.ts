/** What all pages have: keys, colours, pause; and the engines' pages as people use them. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import type { Page } from "playwright-core";
import { AdmissionError, type InstanceView } from "../../src/core/mod.ts";
import { stoppedView } from "../support/fake_supervisor.ts";
import { browserTest } from "./support/browser.ts";
import { LivePage } from "./support/live_page.ts";
import { Tab } from "./support/tab.ts";

const button = (page: Page, name: RegExp) => page.getByRole("button", { name });
const pathOf = (page: Page) => new URL(page.url()).pathname;
/** Every character that a name may have. */
const ODD = "0a.b_c-d9";

function instance(id: number, change: Partial<InstanceView> = {}): InstanceView {
  const since = new Date().toISOString();
  return {
    ...{ id, state: "ready", since, pid: 100 + id, readyAt: since, inflight: 0 },
    ...{ rssBytes: 90e6, lastError: null, socket: `/run/echo.sock~${id}` },
    ...change,
  };
}

browserTest("keys lead to pages, to the first field and to their list", async (browser) => {
  await using live = new LivePage();
  const { page } = await Tab.openLive(browser, live.url);
  await page.keyboard.press("g");
  await page.keyboard.press("r");
  await page.waitForURL(`${live.url}/requests`);
  await page.getByText("Live", { exact: true }).waitFor();
  await page.keyboard.press("g");
  await page.keyboard.press("e");
  await page.waitForURL(`${live.url}/`);
  await page.getByText("Live", { exact: true }).waitFor();
  await page.keyboard.press("?");
  await page.getByText("Pause or go on").waitFor();
  await page.keyboard.press("Escape");
  await page.getByText("Pause or go on").waitFor({ state: "hidden" });
  assertEquals(await page.evaluate<string>("document.activeElement.textContent"), "View");
  await page.keyboard.press("/");
  await page.keyboard.type("gr?p/");
  assertEquals(await page.getByLabel("Input").inputValue(), "gr?p/");
  assertEquals(pathOf(page), "/");
});

browserTest("who turns keys off has none, on the next page too", async (browser) => {
  await using live = new LivePage();
  const { page } = await Tab.openLive(browser, live.url);
  await page.keyboard.press("?");
  await page.getByLabel("Shortcuts").uncheck();
  await page.goto(`${live.url}/engines/echo`);
  await page.getByText("Live", { exact: true }).waitFor();
  for (const key of ["?", "p", "g", "r", "/"]) await page.keyboard.press(key);
  await page.getByText("View").click();
  assert(!await page.getByLabel("Shortcuts").isChecked());
  assertEquals([pathOf(page), await button(page, /^Pause/).getAttribute("aria-pressed")], [
    "/engines/echo",
    "false",
  ]);
});

browserTest("colours are what the reader chose, before anything is seen", async (browser) => {
  await using live = new LivePage();
  const { page } = await Tab.openLive(browser, live.url, { colorScheme: "light" });
  const ground = () => page.evaluate<string>("getComputedStyle(document.body).backgroundColor");
  assertEquals(await ground(), "rgb(255, 255, 255)");
  await page.getByText("View").click();
  await page.getByLabel("Dark").check();
  assertEquals(await ground(), "rgb(15, 18, 22)");
  await page.goto(`${live.url}/requests`);
  assertEquals(await ground(), "rgb(15, 18, 22)");
  await page.getByText("View").click();
  assert(await page.getByLabel("Dark").isChecked());
  await page.getByLabel("As the system").check();
  assertEquals(await ground(), "rgb(255, 255, 255)");
});

browserTest("a page that is paused stands still, and then catches up", async (browser) => {
  await using live = new LivePage();
  live.supervisor.ready("echo");
  const tab = await Tab.openLive(browser, live.url);
  const { page } = tab;
  await tab.state("Ready");
  await page.keyboard.press("p");
  await page.getByText("Paused", { exact: true }).waitFor();
  assertEquals(await button(page, /^Pause/).getAttribute("aria-pressed"), "true");
  const idleOf = ({ page }: Tab) => page.locator('[data-field="idle"]');
  const before = await idleOf(tab).innerText();
  const other = await Tab.openLive(browser, live.url);
  await idleOf(other).filter({ hasNotText: before }).waitFor(); // time goes on
  assertEquals(await idleOf(tab).innerText(), before);
  live.supervisor.down("echo", "idle");
  await other.state("Stopped");
  assertEquals(await idleOf(tab).innerText(), before);
  assertEquals(await page.locator('[data-field="word"]').innerText(), "Ready");
  await button(page, /^Pause/).click();
  await tab.state("Stopped");
  await page.getByText("Live", { exact: true }).waitFor();
});

browserTest(
  "an engine is kept running from its card, with a script and without",
  async (browser) => {
    await using live = new LivePage();
    live.supervisor.ready("echo");
    for (const javaScriptEnabled of [true, false]) {
      live.supervisor.calls.length = 0;
      const { page } = await Tab.open(browser, live.url, { javaScriptEnabled });
      const done = page.waitForResponse(/activity/);
      await button(page, /^Keep running/).click();
      await done;
      assertEquals(live.supervisor.calls, ["touch echo"]);
    }
  },
);

browserTest("two people press Start, and both Cancel: both see how it ends", async (browser) => {
  await using live = new LivePage();
  let takeBack: (why: Error) => void = () => {};
  live.supervisor.script.start = (engine) => {
    live.supervisor.move(engine, "starting");
    return new Promise((_, reject) => takeBack = reject);
  };
  // It ends once both have pressed: the button of the second is gone when they see the end.
  const pressed = Promise.withResolvers<void>();
  let stops = 0;
  live.supervisor.script.stop = (engine) => {
    if (++stops < 2) return pressed.promise;
    live.supervisor.down(engine, "requested");
    takeBack(new AdmissionError("stopped_by_user", { detail: "d", remedy: "r" }));
    pressed.resolve();
    return pressed.promise;
  };
  const one = await Tab.openLive(browser, live.url);
  const other = await Tab.openLive(browser, `${live.url}/engines/echo`);
  await button(one.page, /^Start/).click();
  await Promise.all([one.state("Starting"), other.state("Starting")]);
  await button(one.page, /^Start/).click({ force: true }); // it can't be started twice
  await Promise.all([one, other].map(({ page }) => button(page, /^Cancel echo/).click()));
  await Promise.all([one.state("Stopped"), other.state("Stopped")]);
  assertEquals([...new Set(live.supervisor.calls)], ["start echo", "stop echo"]);
  for (const { page } of [one, other]) {
    assertEquals(await page.getByRole("alert").filter({ visible: true }).count(), 0);
  }
});

browserTest("a page opened while the supervisor restarts goes on by itself", async (browser) => {
  const first = new LivePage();
  const port = Number(new URL(first.url).port);
  const tab = await Tab.openLive(browser, `${first.url}/engines/echo`);
  await first[Symbol.asyncDispose]();
  await tab.page.getByText(/^(Reconnecting|Server stopped)/).waitFor();
  await tab.page.getByText(/as of \d\d:\d\d:\d\d/).waitFor();
  await using second = new LivePage({ port });
  second.supervisor.ready("echo");
  await tab.page.getByText("Live", { exact: true }).waitFor();
  await tab.state("Ready");
});

browserTest(
  "an engine of any name has its page, and is started and stopped there",
  async (browser) => {
    await using live = new LivePage({ engines: [ODD, "e".repeat(63)] });
    for (const name of [ODD, "e".repeat(63)]) {
      for (const javaScriptEnabled of [true, false]) {
        const tab = await Tab.open(browser, live.url, { javaScriptEnabled });
        await tab.page.getByRole("link", { name, exact: true }).click();
        await tab.page.waitForURL(`${live.url}/engines/${name}`);
        assertEquals(await tab.page.getByRole("heading", { level: 1 }).innerText(), name);
        if (javaScriptEnabled) await tab.page.getByText("Live", { exact: true }).waitFor();
        await button(tab.page, /^Start/).click();
        await tab.state("Ready");
        await button(tab.page, /^Stop/).click();
        await tab.state("Stopped");
        assertEquals(pathOf(tab.page), `/engines/${name}`);
        assertEquals(tab.faults, []);
        await tab.close();
      }
    }
  },
);

browserTest("an engine that there is not leads to those that there are", async (browser) => {
  await using live = new LivePage({ engines: ["llm", "whisper"] });
  const { page } = await Tab.open(browser, `${live.url}/engines/lml`);
  await page.getByRole("heading", { name: "Engines that there are" }).waitFor();
  await page.getByRole("link", { name: "llm" }).click();
  await page.waitForURL(`${live.url}/engines/llm`);
});

browserTest("all engines are stopped after a question, without a script", async (browser) => {
  await using live = new LivePage({ engines: ["llm", "whisper", "embed"] });
  live.supervisor.ready("llm");
  live.supervisor.ready("embed");
  const { page } = await Tab.open(browser, live.url, { javaScriptEnabled: false });
  await page.getByText("3 engines, 2 running").waitFor();
  await page.getByRole("link", { name: "Stop all" }).click();
  assertEquals(await page.getByRole("listitem").filter({ hasText: "Ready" }).count(), 2);
  assertEquals(live.supervisor.calls, []);
  await button(page, /^Stop all/).click();
  await page.getByText("3 engines, 0 running").waitFor();
  assertEquals(live.supervisor.calls.toSorted(), ["stop embed", "stop llm"]);
});

browserTest("instances are seen as they come and go", async (browser) => {
  await using live = new LivePage();
  live.supervisor.ready("echo");
  live.supervisor.set("echo", { instances: [instance(0)] });
  const { page } = await Tab.openLive(browser, live.url);
  const items = page.getByRole("list", { name: "Instances" }).getByRole("listitem");
  assertMatch(await items.first().innerText(), /^0 Ready\s+since \d\d:\d\d, 90 MB, process 100$/);
  live.supervisor.set("echo", {
    instances: [instance(0), instance(1, { inflight: 2 }), instance(2, { state: "starting" })],
  });
  await items.filter({ hasText: "1 Busy" }).getByText("2 requests").waitFor();
  await items.filter({ hasText: "2 Starting" }).waitFor();
  assertEquals(await items.locator(".mark").nth(1).getAttribute("data-mark"), "bar");
  live.supervisor.set("echo", { instances: [instance(2)] });
  await items.filter({ hasText: "1 Busy" }).waitFor({ state: "detached" });
  assertEquals(await items.count(), 1);
});

browserTest("a page says that there is an engine which it does not show", async (browser) => {
  await using live = new LivePage();
  const { page } = await Tab.openLive(browser, live.url);
  const engines = [stoppedView("new", new Date().toISOString())];
  live.events.publish({ type: "snapshot", engines });
  await page.getByText("There is an engine that was not there before.").waitFor();
});
