/** Several tabs of one browser: one event stream, which outlives each of them and misses nothing. */
import { assert, assertEquals } from "@std/assert";
import { browserTest } from "./support/browser.ts";
import { isTrue, Listener } from "./support/listener.ts";
import { LivePage } from "./support/live_page.ts";
import { Relay } from "./support/relay.ts";

/** Publishes notices that count on from the last ones. */
function counter(live: LivePage) {
  let number = 0;
  return {
    publish(count: number): number {
      for (let i = 0; i < count; i++) {
        const at = "2025-01-01T00:00:00Z";
        const notice = { type: "notice", level: "info", detail: "", at } as const;
        live.events.publish({ ...notice, title: String(++number) });
      }
      return number;
    },
  };
}

function print(live: LivePage, count: number): void {
  for (let i = 0; i < count; i++) {
    live.logs.push("echo", { stream: "stdout", text: "line", styled: null });
  }
}

/** Waits for what the server does by itself. */
async function until(isSo: () => boolean, what: string): Promise<void> {
  const end = Date.now() + 10_000;
  while (!isSo()) {
    assert(Date.now() < end, what);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

const NAMES = ["a", "b", "c", "d", "e", "f", "g"];

browserTest("seven tabs within a second: Start works in each, over one stream", async (browser) => {
  await using live = new LivePage({ engines: NAMES });
  const context = await browser.newContext();
  const pages = await Promise.all(NAMES.map(() => context.newPage()));
  await Promise.all(pages.map((page) => page.goto(live.url)));
  await Promise.all(NAMES.map(async (name, index) => {
    const card = pages[index]?.locator(`[data-engine="${name}"]`);
    await card?.getByRole("button", { name: /^Start/ }).click();
  }));
  for (const page of pages) {
    await isTrue(page, "document.querySelectorAll('[data-state=ready]').length === 7");
    await page.getByText("Live", { exact: true }).waitFor();
  }
  // One that was opened anew has come before the end of the one before is known.
  await until(() => live.events.subscribers === 1, "there is more than one stream");
});

browserTest(
  "the tab with the stream is closed: another takes over, and none misses a thing",
  async (browser) => {
    await using live = new LivePage();
    const context = await browser.newContext();
    const { publish } = counter(live);
    const tabs = [];
    for (let i = 0; i < 4; i++) tabs.push(await Listener.open(context, live.url));
    let last = publish(10);
    for (const tab of tabs) await tab.hasNotices(1, last);
    while (tabs.length > 1) {
      // While it goes.
      publish(3);
      await tabs.shift()?.page.close();
      last = publish(3);
      for (const tab of tabs) await tab.hasNotices(1, last);
      await until(() => live.events.subscribers === 1, "there is more than one stream");
    }
  },
);

browserTest("the tab with the stream crashes: another takes over all the same", async (browser) => {
  await using live = new LivePage();
  const context = await browser.newContext();
  const { publish } = counter(live);
  const first = await Listener.open(context, live.url);
  const second = await Listener.open(context, live.url);
  await second.hasNotices(1, publish(3));
  const crashed = first.page.waitForEvent("crash");
  await Promise.all([crashed, first.page.goto("chrome://crash").catch(() => {})]);
  await second.hasNotices(1, publish(3));
  await until(() => live.events.subscribers === 1, "there is not one stream");
});

browserTest("a tab that comes later begins where its page ends", async (browser) => {
  await using live = new LivePage();
  const context = await browser.newContext();
  const { publish } = counter(live);
  const first = await Listener.open(context, live.url);
  publish(5);
  const page = await context.newPage();
  await page.route("**/main.js", async (route) => {
    publish(5);
    await route.continue();
  });
  await page.goto(live.url);
  await page.getByText("Live", { exact: true }).waitFor();
  await first.hasNotices(1, 10);
  await page.locator("[data-part=notice]").getByText("10", { exact: true }).first().waitFor();
});

browserTest(
  "what one tab wants besides comes to it, without a hole for the others",
  async (browser) => {
    await using live = new LivePage();
    const context = await browser.newContext();
    const { publish } = counter(live);
    const plain = await Listener.open(context, live.url);
    assert(!live.events.wants("log"));
    const busy = setInterval(() => publish(1), 2);
    const reader = await Listener.open(context, live.url, ["log"]);
    await until(() => live.events.wants("log"), "nobody asked for lines");
    clearInterval(busy);
    await plain.hasNotices(1, publish(1));
    print(live, 100);
    await isTrue(reader.page, "seen.lines.length === 100");
    await plain.page.close();
    print(live, 50);
    await isTrue(reader.page, "seen.lines.length === 150");
    assertEquals((await reader.seen()).lines, Array.from({ length: 150 }, (_, i) => i + 1));
    await reader.page.close();
    await until(() => live.events.subscribers === 0, "a stream is left open");
  },
);

browserTest(
  "a cut line: what came meanwhile comes in order and once, lines too",
  async (browser) => {
    await using live = new LivePage();
    await using relay = new Relay(live.url);
    const context = await browser.newContext();
    const { publish } = counter(live);
    const tabs = [
      await Listener.open(context, relay.url, ["log"]),
      await Listener.open(context, relay.url),
    ] as const;
    let last = publish(5);
    print(live, 5);
    for (const tab of tabs) await tab.hasNotices(1, last);
    await isTrue(tabs[0].page, "seen.lines.length === 5");
    for (let round = 1; round <= 2; round++) {
      relay.cut();
      for (const tab of tabs) await tab.page.getByText("Reconnecting").waitFor();
      last = publish(20);
      print(live, 20);
      relay.mend();
      for (const tab of tabs) {
        await tab.isLive();
        await tab.hasNotices(1, last);
      }
      await isTrue(tabs[0].page, `seen.lines.length === ${5 + round * 20}`);
    }
    const { lines } = await tabs[0].seen();
    assertEquals(lines, Array.from({ length: 45 }, (_, i) => i + 1));
  },
);

browserTest(
  "the server starts anew under open tabs: each goes on, and Start works",
  async (browser) => {
    let live = new LivePage({ engines: ["a", "b"] });
    const port = Number(new URL(live.url).port);
    const context = await browser.newContext();
    const tabs = [
      await Listener.open(context, live.url, ["log"]),
      await Listener.open(context, live.url),
    ] as const;
    counter(live).publish(3);
    print(live, 7);
    await isTrue(tabs[0].page, "seen.lines.length === 7");
    await live[Symbol.asyncDispose]();
    for (const tab of tabs) await tab.page.getByText("Server stopped").waitFor();
    live = new LivePage({ engines: ["a", "b"], port });
    print(live, 3);
    try {
      for (const [index, tab] of tabs.entries()) {
        await tab.isLive();
        const card = tab.page.locator(`[data-engine="${NAMES[index]}"]`);
        await card.getByRole("button", { name: /^Start/ }).click();
        await card.getByText("Ready", { exact: true }).waitFor();
      }
      await isTrue(tabs[0].page, "seen.lines.length === 10");
      for (const tab of tabs) {
        await isTrue(tab.page, "document.querySelectorAll('[data-state=ready]').length === 2");
        assertEquals((await tab.seen()).gaps, [{ missed: null }]);
      }
    } finally {
      await live[Symbol.asyncDispose]();
    }
  },
);

browserTest("where tabs can't share, each has a stream of its own", async (browser) => {
  await using live = new LivePage();
  const context = await browser.newContext();
  await context.addInitScript("delete Navigator.prototype.locks");
  const { publish } = counter(live);
  const tabs = [];
  for (let i = 0; i < 3; i++) tabs.push(await Listener.open(context, live.url));
  assertEquals(live.events.subscribers, 3);
  const last = publish(5);
  for (const tab of tabs) await tab.hasNotices(1, last);
  await tabs[0]?.page.close();
  await until(() => live.events.subscribers === 2, "the stream of a closed tab is open");
});

browserTest(
  "no place for a stream: the page says so, asks every few seconds, and goes live in the end",
  async (browser) => {
    await using live = new LivePage();
    const streams = [];
    while (streams.length < 64) streams.push(await fetch(`${live.url}/api/events`));
    const page = await (await browser.newContext()).newPage();
    await page.goto(live.url);
    await page.getByText("Polling: too many tabs").waitFor();
    live.supervisor.ready("echo");
    await page.getByText("Ready", { exact: true }).waitFor();
    await page.getByText("Polling: too many tabs").waitFor();
    for (const stream of streams) await stream.body?.cancel();
    await page.getByText("Live", { exact: true }).waitFor();
  },
);
