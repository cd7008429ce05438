/** Every state, light and dark, wide and narrow: nothing that keeps anyone out. */
import { assertEquals } from "@std/assert";
import type { EngineView } from "../../src/core/mod.ts";
import { checkAccess } from "./support/axe.ts";
import { browserTest } from "./support/browser.ts";
import { LivePage } from "./support/live_page.ts";
import { Tab } from "./support/tab.ts";

const AT = "2025-01-01T12:04:11Z";
const LONG = "/run/user/1000/ai-engine/".repeat(6);

const FAILED: Partial<EngineView> = {
  reason: "start_timeout",
  lastError: {
    ...{ code: "start_timeout", title: "Socket startup timeout", at: AT },
    detail: `The engine did not listen on ${LONG}engine.sock within 10 s.`,
    remedy: "Raise --start-timeout, or read the last lines of its output.",
    lastLines: ["Traceback (most recent call last):", `ModuleNotFoundError: ${LONG}`],
  },
};

const NOT_STARTED: Partial<EngineView> = {
  reason: "start_failed",
  queued: 2,
  lastError: {
    ...{ code: "spawn_failed", title: "Engine could not be started", at: AT },
    detail: `${LONG}engine could not be started: all 64 descriptors are in use.`,
    remedy: "Close connections to this program, or run it with a higher `ulimit -n`.",
    lastLines: [],
  },
};

/** How to get from a fresh page to each picture of it, and the word that is seen then. */
const STATES: Readonly<Record<string, readonly [word: string, go: (live: LivePage) => void]>> = {
  stopped: ["Stopped", () => {}],
  starting: ["Starting", ({ supervisor }) => supervisor.move("echo", "starting")],
  ready: ["Ready", (live) => {
    live.supervisor.ready("echo");
    tellMuch(live);
  }],
  busy: ["Busy", ({ supervisor }) => {
    supervisor.ready("echo");
    supervisor.set("echo", { inflight: 2, queued: 1, stopsAt: null });
  }],
  draining: ["Draining", ({ supervisor }) => supervisor.move("echo", "draining", { inflight: 1 })],
  stopping: ["Stopping", ({ supervisor }) => supervisor.move("echo", "stopping")],
  backoff: ["Waiting", ({ supervisor }) => supervisor.move("echo", "backoff", NOT_STARTED)],
  failed: ["Failed", ({ supervisor }) => supervisor.move("echo", "failed", FAILED)],
  idle: ["Stopped", ({ supervisor }) => supervisor.move("echo", "stopped", { reason: "idle" })],
};

/** A long answer, numbers and notices, one with a word that can't be broken. */
function tellMuch({ events }: LivePage): void {
  events.publish({ type: "python_status", engine: "echo", status: { count: 1e9, uptime: 1e6 } });
  const words = {
    input: LONG,
    message: `You said: ${LONG}\n`.repeat(30),
    cut: ["message"],
  } as const;
  events.publish({ type: "python_input", engine: "echo", ...words, count: 1, at: AT, tookMs: 2 });
  const notice = { type: "notice", level: "warn", title: "Notice", detail: LONG, at: AT } as const;
  events.publish(notice);
  events.publish({ ...notice, engine: "echo" });
}

const LOOKS = (["light", "dark"] as const).flatMap((colorScheme) =>
  [1280, 320].map((width) => ({ colorScheme, viewport: { width, height: 800 } }))
);

/** Nothing is wrong, nothing is undecided, nothing scrolls sideways, nothing is on the console. */
async function assertFine(tab: Tab, where: string): Promise<void> {
  const { violations, undecided } = await checkAccess(tab.page);
  assertEquals(violations, [], where);
  assertEquals(undecided, [], where);
  const { width } = tab.page.viewportSize() ?? { width: 0 };
  assertEquals(await tab.scrollWidth(), width, `${where}: scrolls sideways`);
  assertEquals(tab.faults, [], where);
}

for (const look of LOOKS) {
  const name = `${look.colorScheme}, ${look.viewport.width} px`;

  browserTest(`axe finds nothing in any state: ${name}`, async (browser) => {
    for (const [state, [word, go]] of Object.entries(STATES)) {
      await using live = new LivePage();
      const tab = await Tab.openLive(browser, live.url, { ...look, reducedMotion: "reduce" });
      go(live);
      await tab.state(word);
      await assertFine(tab, `${state}, ${name}`);
      await tab.close();
    }
  });

  browserTest(`axe finds nothing in an error box and an error page: ${name}`, async (browser) => {
    await using live = new LivePage();
    live.supervisor.script.input = () => Promise.reject(new Error(LONG));
    const tab = await Tab.openLive(browser, live.url, { ...look, reducedMotion: "reduce" });
    await tab.page.getByLabel("Input").fill("hello");
    await tab.page.getByLabel("Input").press("Enter");
    await tab.page.getByRole("alert").getByText("Internal error").waitFor();
    tab.faults.length = 0; // the browser itself logs a 500
    await assertFine(tab, `error box, ${name}`);
    await tab.page.goto(`${live.url}/nothing`);
    tab.faults.length = 0; // and a 404
    await assertFine(tab, `error page, ${name}`);
  });

  browserTest(`axe finds nothing with several engines: ${name}`, async (browser) => {
    await using live = new LivePage({ engines: ["a.b_c-d", "e".repeat(63), "echo"] });
    tellMuch(live);
    const tab = await Tab.openLive(browser, live.url, { ...look, reducedMotion: "reduce" });
    await assertFine(tab, `several engines, ${name}`);
  });
}

browserTest("nothing moves for those who asked for less motion", async (browser) => {
  await using live = new LivePage();
  const motions = async (reducedMotion: "reduce" | "no-preference") => {
    const { page } = await Tab.openLive(browser, live.url, { reducedMotion });
    return await page.evaluate<number>("document.getAnimations().length");
  };
  live.supervisor.move("echo", "starting");
  assertEquals(await motions("reduce"), 0);
  assertEquals(await motions("no-preference"), 1);
});

browserTest("in forced colours each state keeps its shape", async (browser) => {
  await using live = new LivePage();
  const look = { forcedColors: "active", reducedMotion: "reduce" } as const;
  const tab = await Tab.openLive(browser, live.url, look);
  const seen = new Set<string>();
  for (const state of ["stopped", "starting", "ready", "busy", "draining", "failed"]) {
    const [word, go] = STATES[state] ?? ["", () => {}];
    go(live);
    await tab.state(word);
    const box = await tab.page.locator(".state .mark").boundingBox();
    const clip = { x: box?.x ?? 0, y: box?.y ?? 0, width: 20, height: 14 };
    seen.add((await tab.page.screenshot({ clip })).toBase64());
  }
  assertEquals(seen.size, 6);
});
