/** What the page's own script does, on a supervisor without processes. */
import { assert, assertEquals, assertLess, assertMatch } from "@std/assert";
import type { Page } from "playwright-core";
import { LifecycleError } from "../../src/core/mod.ts";
import { NAVIGATION } from "../../src/web/ui/navigation.tsx";
import { toAnswer } from "../support/fake_supervisor.ts";
import { browserTest } from "./support/browser.ts";
import { LivePage } from "./support/live_page.ts";
import { Tab } from "./support/tab.ts";

const button = (page: Page, name: RegExp) => page.getByRole("button", { name });
const inputOf = (page: Page) => page.getByLabel("Input");
const answerOf = (page: Page) => page.locator('[data-field="answer-message"]');
const countOf = (live: LivePage, call: string) =>
  live.supervisor.calls.filter((one) => one === call).length;

/** The element that has the focus, as the browser names it. */
function focusOf(page: Page): Promise<string> {
  return page.evaluate<string>(
    "(document.activeElement.dataset.action ?? document.activeElement.tagName).toLowerCase()",
  );
}

browserTest("the first view asks for four files and the events, all from here", async (browser) => {
  await using live = new LivePage();
  const tab = await Tab.openLive(browser, live.url);
  const paths = tab.requests.map((url) => new URL(url).pathname.replace(/^\/assets\/\w+/, ""));
  assertEquals(new Set(tab.requests.map((url) => new URL(url).origin)), new Set([live.url]));
  assertEquals(
    new Set(paths),
    new Set(["/", "/style.css", "/main.js", "/icon.svg", "/api/events"]),
  );
  assertEquals(tab.faults, []);
});

browserTest("the focus stays where it is through every change of state", async (browser) => {
  await using live = new LivePage();
  const tab = await Tab.openLive(browser, live.url);
  const { page } = tab;
  await button(page, /^Start/).focus();
  await page.keyboard.press("Enter");
  await tab.state("Ready");
  assertEquals(await focusOf(page), "start");
  await button(page, /^Stop/).press("Space");
  await tab.state("Stopped");
  assertEquals(await focusOf(page), "stop");
  await inputOf(page).fill("hello");
  await page.keyboard.press("Enter");
  await answerOf(page).getByText("You said: hello").waitFor();
  assertEquals([await focusOf(page), await inputOf(page).inputValue()], ["textarea", ""]);
});

browserTest("everything is reached by keyboard, in the order it is seen", async (browser) => {
  await using live = new LivePage();
  const { page } = await Tab.openLive(browser, live.url);
  const seen: string[] = [];
  const names = [
    ...["Skip to the content", "AI Engine", ...NAVIGATION.map(({ label }) => label)],
    ...["Pause", "View", "echo", "Start", "Stop", "Restart", "", "Send", "Control API"],
  ];
  while (seen.length < names.length) {
    await page.keyboard.press("Tab");
    seen.push(await page.evaluate<string>("document.activeElement.innerText.trim()"));
  }
  assertEquals(seen.map((text) => text.split(/\s+(?:echo|to echo|updates)$/)[0]), names);
});

browserTest("Shift + Enter adds a line, Enter sends both", async (browser) => {
  await using live = new LivePage();
  const { page } = await Tab.openLive(browser, live.url);
  await inputOf(page).pressSequentially("one");
  await page.keyboard.press("Shift+Enter");
  await inputOf(page).pressSequentially("two");
  await page.keyboard.press("Enter");
  await answerOf(page).getByText("two").waitFor();
  assertEquals(live.events.latest("python_input", "echo")?.input, "one\ntwo");
});

browserTest("a button that can't act does nothing and says why", async (browser) => {
  await using live = new LivePage();
  const { page } = await Tab.openLive(browser, live.url);
  // Playwright itself would wait for the button to become enabled.
  await button(page, /^Stop/).click({ force: true });
  await page.getByRole("status").getByText("It is not running.").waitFor();
  assertEquals(live.supervisor.calls, []);
});

browserTest("a double click on Stop does not force the stop", async (browser) => {
  await using live = new LivePage();
  live.supervisor.script.stop = (engine) => {
    live.supervisor.move(engine, "draining", { inflight: 1 });
    return Promise.resolve();
  };
  live.supervisor.ready("echo");
  const tab = await Tab.openLive(browser, live.url);
  await button(tab.page, /^Stop/).dblclick({ delay: 50 });
  await tab.state("Draining");
  const forced = tab.page.waitForResponse(/force=true/);
  await button(tab.page, /^Force stop/).click();
  await forced;
  assertEquals(live.supervisor.calls, ["stop echo", "stop echo force"]);
});

browserTest("the countdown runs by itself and tells the idle stop", async (browser) => {
  await using live = new LivePage();
  live.supervisor.ready("echo");
  const tab = await Tab.openLive(browser, live.url);
  const { page } = tab;
  const idle = page.locator('[data-field="idle"]');
  const before = await idle.innerText();
  assertMatch(before, /^Stops in (5:00|4:5\d)$/);
  await idle.filter({ hasNotText: before }).waitFor();
  assertMatch(await idle.innerText(), /^Stops in 4:\d\d$/);
  live.supervisor.down("echo", "idle");
  await page.locator(".state").getByText(/Stopped after 5 min without use, \d\d:\d\d/).waitFor();
  await page.getByRole("status").getByText(/echo: Stopped after 5 min without use/).waitFor();
  await idle.getByText("Stops by itself after 5 min without use").waitFor();
});

browserTest("live numbers and answers of other tabs appear", async (browser) => {
  await using live = new LivePage();
  const { page } = await Tab.openLive(browser, live.url);
  await live.supervisor.input("echo", "from elsewhere");
  await answerOf(page).getByText("You said: from elsewhere").waitFor();
  live.events.publish({ type: "python_status", engine: "echo", status: { count: 42, uptime: 7 } });
  await page.locator('[data-field="count"]').getByText("42").waitFor();
  live.supervisor.set("echo", { inflight: 2 });
  await page.getByText("Busy").waitFor();
  await page.getByText("with 2 requests").waitFor();
});

browserTest("typing counts as use, now and then", async (browser) => {
  await using live = new LivePage();
  live.supervisor.ready("echo");
  const { page } = await Tab.openLive(browser, live.url);
  const used = page.waitForResponse(/activity/);
  await inputOf(page).pressSequentially("forty letters are typed one by one here");
  await used;
  assertLess(countOf(live, "touch echo"), 20);
});

browserTest(
  "a failed start is told with remedy and last lines until the next one",
  async (browser) => {
    await using live = new LivePage();
    const words = { detail: "It did not listen.", remedy: "Raise the limit." };
    live.supervisor.script.start = () =>
      Promise.reject(new LifecycleError("start_timeout", words, ["<b>line 1</b>", "line 2"]));
    const tab = await Tab.openLive(browser, live.url);
    const alert = tab.page.getByRole("alert");
    await button(tab.page, /^Start/).click();
    await alert.getByText("Socket startup timeout").waitFor();
    await alert.getByText("Raise the limit.").waitFor();
    assertEquals(await alert.locator("pre").innerText(), "<b>line 1</b>\nline 2");
    live.supervisor.move("echo", "failed", { lastError: null });
    delete live.supervisor.script.start;
    await button(tab.page, /^Start/).click();
    await tab.state("Ready");
    assertEquals(await alert.isVisible(), false);
  },
);

browserTest(
  "while another try is waited for the page says why, and what can be done",
  async (browser) => {
    await using live = new LivePage();
    const { supervisor } = live;
    const lastError = {
      ...{ code: "spawn_failed", title: "Engine could not be started", at: "2025-01-01T12:04:11Z" },
      detail: "All 64 descriptors are in use (`ulimit -n`).",
      remedy: "Close connections to this program.",
      lastLines: [],
    };
    const wait = () =>
      supervisor.move("echo", "backoff", { reason: "start_failed", queued: 2, lastError });
    wait();
    const tab = await Tab.openLive(browser, live.url);
    const { page } = tab;
    await tab.state("Waiting");
    await page.getByText("to start again after it could not be started, 2 waiting").waitFor();
    await page.getByText("All 64 descriptors are in use").waitFor();
    await page.getByText("Close connections to this program.").waitFor();
    await button(page, /^Start now/).click();
    await tab.state("Ready");
    assertEquals(await page.getByText("All 64 descriptors are in use").isVisible(), false);
    wait();
    await tab.state("Waiting");
    await button(page, /^Cancel/).click();
    await tab.state("Stopped");
    assertEquals(supervisor.calls.slice(-2), ["start echo", "stop echo"]);
  },
);

browserTest("an input that fails stays in its field, with the engine's words", async (browser) => {
  await using live = new LivePage();
  live.supervisor.script.input = () =>
    Promise.resolve(toAnswer({ status: 500, json: { error: "out of memory" } }));
  const { page } = await Tab.openLive(browser, live.url);
  await inputOf(page).fill("a long text");
  await button(page, /^Send/).click();
  await page.getByRole("alert").getByText("out of memory").waitFor();
  assertEquals(await inputOf(page).inputValue(), "a long text");
});

browserTest(
  "while an answer is awaited the page says so and sends nothing twice",
  async (browser) => {
    await using live = new LivePage();
    live.supervisor.ready("echo");
    let answer = () => {};
    live.supervisor.script.input = () =>
      new Promise((resolve) => answer = () => resolve(toAnswer({ json: { message: "at last" } })));
    const { page } = await Tab.openLive(browser, live.url);
    await inputOf(page).fill("slow");
    await page.keyboard.press("Enter");
    await page.getByText("Waiting for the answer…").waitFor();
    await page.keyboard.press("Enter");
    await inputOf(page).fill("typed meanwhile");
    answer();
    await answerOf(page).getByText("at last").waitFor();
    assertEquals(countOf(live, "input echo"), 1);
    assertEquals(await inputOf(page).inputValue(), "typed meanwhile");
  },
);

browserTest(
  "the page says that the server stopped, and goes on when it is back",
  async (browser) => {
    const first = new LivePage();
    const { page } = await Tab.openLive(browser, first.url);
    const port = Number(new URL(first.url).port);
    await first[Symbol.asyncDispose]();
    await page.getByText("Server stopped").waitFor();
    await page.getByText(/as of \d\d:\d\d:\d\d/).waitFor();
    await inputOf(page).fill("hello");
    await page.keyboard.press("Enter");
    await page.getByRole("alert").getByText("Supervisor not reachable").waitFor();
    assertEquals(await inputOf(page).inputValue(), "hello");

    await using second = new LivePage({ port });
    second.supervisor.ready("echo");
    await page.getByText("Live", { exact: true }).waitFor();
    await page.locator('[data-field="word"]').getByText("Ready").waitFor();
  },
);

browserTest(
  "without a script a failed form keeps its text and says what to do",
  async (browser) => {
    await using live = new LivePage();
    live.supervisor.script.input = () =>
      Promise.resolve(toAnswer({ status: 500, json: { error: "out of memory" } }));
    const { page } = await Tab.open(browser, live.url, { javaScriptEnabled: false });
    await inputOf(page).fill("a long text");
    await button(page, /^Send/).click();
    await page.getByRole("alert").getByText("out of memory").waitFor();
    assertEquals(await inputOf(page).inputValue(), "a long text");
    await page.getByRole("link", { name: "Refresh" }).click();
    await page.waitForURL(`${live.url}/`);
    assert(!await page.getByRole("alert").isVisible());
  },
);
