/** A page that nobody looks at holds no stream, and misses nothing all the same. */
import { assertEquals } from "@std/assert";
import { browserTest } from "./support/browser.ts";
import { Listener } from "./support/listener.ts";
import { LivePage } from "./support/live_page.ts";

function notice(live: LivePage, title: number): void {
  const at = "2025-01-01T00:00:00Z";
  live.events.publish({ type: "notice", level: "info", title: `${title}`, detail: "", at });
}

async function streams(live: LivePage, count: number): Promise<void> {
  const end = Date.now() + 10_000;
  while (live.events.subscribers !== count) {
    if (Date.now() > end) assertEquals(live.events.subscribers, count);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

browserTest(
  "30 s hidden closes the stream; looking again resumes it where it was",
  async (browser) => {
    await using live = new LivePage();
    const context = await browser.newContext();
    await context.clock.install();
    const tab = await Listener.open(context, live.url);
    notice(live, 1);
    await tab.hasNotices(1, 1);
    await tab.hide(true);
    await context.clock.fastForward(29_000);
    notice(live, 2);
    await tab.hasNotices(1, 2);
    await context.clock.fastForward(1_500);
    await streams(live, 0);
    notice(live, 3);
    live.supervisor.ready("echo");
    await tab.hide(false);
    await tab.hasNotices(1, 3);
    await tab.isLive();
    await tab.page.getByText("Ready", { exact: true }).waitFor();
  },
);

browserTest("a short look elsewhere changes nothing", async (browser) => {
  await using live = new LivePage();
  const context = await browser.newContext();
  await context.clock.install();
  const tab = await Listener.open(context, live.url);
  const { links } = await tab.seen();
  for (let i = 0; i < 3; i++) {
    await tab.hide(true);
    await context.clock.fastForward(20_000);
    await tab.hide(false);
  }
  notice(live, 1);
  await tab.hasNotices(1, 1);
  assertEquals((await tab.seen()).links, links);
});

browserTest(
  "the tab with the stream goes to sleep: one that is looked at takes over",
  async (browser) => {
    await using live = new LivePage();
    const context = await browser.newContext();
    await context.clock.install();
    const first = await Listener.open(context, live.url);
    const second = await Listener.open(context, live.url);
    notice(live, 1);
    await second.hasNotices(1, 1);
    await first.hide(true);
    await first.page.clock.fastForward(31_000);
    notice(live, 2);
    await second.hasNotices(1, 2);
    await streams(live, 1);
    assertEquals((await first.seen()).notices, [1]);
    await first.hide(false);
    await first.hasNotices(1, 2);
    await streams(live, 1);
  },
);
