/** Pages with lists in a real browser: lines, requests, events, settings; with a script and without. */
import { assert, assertEquals, assertLess, assertMatch } from "@std/assert";
import type { Page } from "playwright-core";
import { LOG_DEFAULTS } from "../../src/config/mod.ts";
import { EngineOutput } from "../../src/observe/mod.ts";
import { toReceived } from "../support/request_records.ts";
import { browserTest } from "./support/browser.ts";
import { LivePage } from "./support/live_page.ts";
import { Tab } from "./support/tab.ts";

const linesOf = (page: Page) => page.locator(".log p");
const panelOf = (page: Page) => page.locator(".log");

function print(live: LivePage, text: string, engine: string | null = "echo") {
  live.logs.push(engine, { stream: "stdout", text, styled: null });
}

/** Bytes as an engine prints them. */
function printBytes(live: LivePage, bytes: Uint8Array) {
  const clock = { now: () => performance.now(), wall: () => Date.now(), at: never };
  const settings = LOG_DEFAULTS.engine;
  const output = new EngineOutput({ clock, settings, show: () => {}, book: live.logs });
  const sink = output.sink("echo", "stderr");
  sink.write(bytes);
  sink.end();
}

function never(): never {
  throw new TypeError("no timer was expected");
}

browserTest(
  "lines appear as they come, those between page and stream too, none twice",
  async (browser) => {
    await using live = new LivePage({ engines: ["echo", "chat"] });
    print(live, "before");
    const tab = await Tab.openLive(browser, `${live.url}/logs`);
    const { page } = tab;
    assertEquals(await linesOf(page).count(), 1);
    for (let i = 0; i < 5; i++) print(live, `line ${i}`, i % 2 === 0 ? "echo" : "chat");
    print(live, "mine", null);
    await linesOf(page).getByText("mine").waitFor();
    const texts = await linesOf(page).allInnerTexts();
    assertEquals(texts.map((text) => text.replace(/^\S+ /, "")).toSorted(), [
      "ai-engine mine",
      "chat line 1",
      "chat line 3",
      "echo before",
      "echo line 0",
      "echo line 2",
      "echo line 4",
    ]);
    assertEquals(tab.faults, []);
  },
);

browserTest(
  "a line with HTML, colours, 1 MB and invalid UTF-8 is text and stays in its bounds",
  async (browser) => {
    await using live = new LivePage();
    const tab = await Tab.openLive(browser, `${live.url}/logs`);
    const encoder = new TextEncoder();
    const parts = [
      encoder.encode("<img src=x onerror=alert(1)><script>document.title='bad'</script>\n"),
      encoder.encode("\x1b[1;31mred\x1b[0m \x1b]0;evil\x07\x1b[2Jplain \x1b[38;5;46mgreen\x1b[m\n"),
      encoder.encode(`${"x".repeat(1_000_000)}\n`),
      Uint8Array.of(0xff, 0xfe, 0x80, 0x41, 0x00, 0x08, 10),
      encoder.encode("the end\n"),
    ];
    for (const part of parts) printBytes(live, part);
    const check = async (page: Page) => {
      await linesOf(page).getByText("the end").waitFor();
      const texts = await linesOf(page).evaluateAll((rows) =>
        rows.map((row) => row.textContent ?? "")
      );
      assert(texts[0]?.includes("<img src=x onerror=alert(1)><script>document"), texts[0]);
      assertMatch(texts[1] ?? "", /red plain green$/);
      assertMatch(texts[2] ?? "", /x{4096}… \(995904 bytes more\)$/);
      assertMatch(texts[3] ?? "", /\ufffd+A$/);
      assertEquals(await page.locator(".log .red").innerText(), "red");
      assertEquals(await page.locator(".log .green").innerText(), "green");
      assertEquals(await page.locator(".log img, .log script").count(), 0);
      assertMatch(await page.title(), /^Logs/);
    };
    // Once as they came, once as the server makes the page of them.
    await check(tab.page);
    await tab.page.reload();
    await check(tab.page);
    assertLess(await tab.scrollWidth(), 1_281);
    assertEquals(tab.faults, []);
  },
);

browserTest("who scrolls up reads on undisturbed, and comes back by a button", async (browser) => {
  await using live = new LivePage();
  for (let i = 0; i < 200; i++) print(live, `line ${i}`);
  const { page } = await Tab.openLive(browser, `${live.url}/logs`);
  await panelOf(page).evaluate((panel) => panel.scrollTop = -1_000);
  const more = page.getByRole("button", { name: /new line/ });
  const follow = page.getByLabel("Follow");
  await follow.and(page.locator(":not(:checked)")).waitFor();
  print(live, "one more");
  await more.getByText("1 new line").waitFor();
  print(live, "and another");
  await more.getByText("2 new lines").waitFor();
  assertEquals(await linesOf(page).count(), 200);
  assertEquals(await panelOf(page).evaluate((panel) => panel.scrollTop), -1_000);
  await more.press("Enter");
  await linesOf(page).getByText("and another").waitFor();
  assert(await follow.isChecked());
  assertEquals(await panelOf(page).evaluate((panel) => panel.scrollTop), 0);
  await more.waitFor({ state: "hidden" });
});

browserTest("the page holds at most 2,000 lines through a burst of 10,000", async (browser) => {
  await using live = new LivePage();
  const tab = await Tab.openLive(browser, `${live.url}/logs`);
  const { page } = tab;
  await page.evaluate(`
    globalThis.longest = 0;
    globalThis.most = 0;
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) longest = Math.max(longest, duration);
    }).observe({ type: "longtask" });
    new MutationObserver(() => most = Math.max(most, document.querySelectorAll(".log p").length))
      .observe(document.querySelector(".log"), { childList: true, subtree: true });
  `);
  for (let i = 1; i <= 20; i++) {
    for (let j = 1; j <= 500; j++) print(live, `burst ${i} ${j} ${"x".repeat(80)}`);
    await linesOf(page).getByText(`burst ${i} 500`).waitFor();
  }
  const count = await linesOf(page).count();
  const most = await page.evaluate<number>("most");
  const longest = await page.evaluate<number>("longest");
  const session = await page.context().newCDPSession(page);
  await session.send("HeapProfiler.collectGarbage");
  const { usedSize } = await session.send("Runtime.getHeapUsage");
  console.log(
    `    ${count} lines, heap ${(usedSize / 1e6).toFixed(1)} MB, longest task ${longest} ms`,
  );
  assertEquals([count, most], [2_000, 2_000]);
  assertLess(usedSize, 80_000_000);
  assertEquals(tab.faults, []);
});

browserTest("a filter holds for lines that come", async (browser) => {
  await using live = new LivePage({ engines: ["echo", "chat"] });
  print(live, "ERROR: old");
  const { page } = await Tab.openLive(browser, `${live.url}/logs`);
  await page.getByLabel("Level").selectOption("error");
  await page.getByLabel("Text or /pattern/").fill("/o(l|n)/");
  await page.keyboard.press("Enter");
  await page.waitForURL(/grep=/);
  await page.getByText("Live", { exact: true }).waitFor();
  assertEquals(await linesOf(page).count(), 1);
  print(live, "INFO: on and on");
  print(live, "ERROR: no");
  print(live, "ERROR: on");
  await linesOf(page).getByText("ERROR: on").waitFor();
  assertEquals(await linesOf(page).count(), 2);
  await page.getByLabel("Text or /pattern/").fill("/(/");
  await page.keyboard.press("Enter");
  await page.getByRole("alert").getByText("has a ( without its )").waitFor();
  assertEquals(await page.getByLabel("Text or /pattern/").inputValue(), "/(/");
});

browserTest(
  "without a script all lists are there, with their filters and forms",
  async (browser) => {
    await using live = new LivePage({ engines: ["echo", "chat"] });
    print(live, "INFO: one");
    print(live, "ERROR: two", "chat");
    await live.supervisor.start("echo");
    const record = live.records.of(toReceived(new Request(`${live.url}/upstream/echo/slow`)));
    record.begin("upstream", "echo");
    record.canceller = { cancel: () => record.end("cut") };
    const { page } = await Tab.open(browser, live.url, { javaScriptEnabled: false });
    await page.getByRole("link", { name: "Logs" }).click();
    assertEquals(await linesOf(page).count(), 2);
    await page.getByLabel("Level").selectOption("error");
    await page.getByRole("button", { name: "Show" }).click();
    assertEquals(await linesOf(page).count(), 1);
    const download = page.waitForEvent("download");
    await page.getByRole("link", { name: "Download" }).click();
    assertEquals((await download).suggestedFilename(), "ai-engine.log");
    await page.getByRole("link", { name: "Events" }).click();
    await page.getByText("starting → ready").waitFor();
    await page.getByRole("link", { name: "Requests" }).click();
    await page.getByRole("button", { name: "Cancel GET /upstream/echo/slow" }).click();
    await page.getByText("Cancelled").waitFor();
    assertEquals(await page.getByRole("button", { name: "Cancel" }).count(), 0);
    await page.getByRole("link", { name: "Config" }).click();
    await page.getByText("There is no file").waitFor();
  },
);

browserTest("requests come and go on their page; a cancel keeps the focus", async (browser) => {
  await using live = new LivePage();
  const tab = await Tab.openLive(browser, `${live.url}/requests`);
  const { page } = tab;
  await page.getByText("None yet").waitFor();
  const record = live.records.of(toReceived(new Request(`${live.url}/upstream/echo/slow`)));
  record.begin("upstream", "echo");
  record.canceller = { cancel: () => record.end("cut") };
  record.sends();
  const row = page.locator("tr", { hasText: "/upstream/echo/slow" });
  await row.getByText("Sent").waitFor();
  await page.getByText("None yet").waitFor({ state: "hidden" });
  await row.getByText(/^\d\.\d s$/).waitFor();
  const button = row.getByRole("button", { name: /^Cancel/ });
  await button.focus();
  await page.keyboard.press("Enter");
  await row.getByText("Cancelled").waitFor();
  assertEquals(await page.evaluate<string>("document.activeElement.tagName"), "BUTTON");
  await page.keyboard.press("Tab");
  await button.waitFor({ state: "hidden" });
  await page.getByLabel("Only failed ones").focus();
  await page.locator('[data-rows-of="ended"] tr').waitFor();
  assertEquals(tab.faults, []);
});

browserTest("events come on top, on their page and on their engine's", async (browser) => {
  await using live = new LivePage({ engines: ["echo", "chat"] });
  const all = await Tab.openLive(browser, `${live.url}/events`);
  const own = await Tab.openLive(browser, `${live.url}/engines/echo`);
  await live.supervisor.start("echo");
  await live.supervisor.start("chat");
  await all.page.locator(".events").getByText("starting → ready").first().waitFor();
  const rows = all.page.locator(".events li");
  await rows.nth(3).waitFor();
  assertMatch(await rows.first().innerText(), /chat[^]*starting → ready/);
  await own.page.locator(".events li").nth(1).waitFor();
  assertEquals(await own.page.locator(".events li").count(), 2);
  assertEquals([...all.faults, ...own.faults], []);
});
