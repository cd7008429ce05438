/** Pages with lists, empty and full, light and dark, wide and narrow: nothing that keeps anyone out. */
import { assertEquals } from "@std/assert";
import type { BrowserContextOptions } from "playwright-core";
import { ConfigFileError } from "../../src/config/mod.ts";
import { toReceived } from "../support/request_records.ts";
import { checkAccess } from "./support/axe.ts";
import { browserTest } from "./support/browser.ts";
import { LivePage } from "./support/live_page.ts";
import { Tab } from "./support/tab.ts";

const LONG = "/run/user/1000/ai-engine/".repeat(4);

const PATHS = [
  "/logs",
  "/logs?level=error",
  "/logs?grep=nobody-says-this",
  "/requests",
  "/requests?failed=true",
  "/events",
  "/config",
] as const;

const LOOKS: readonly BrowserContextOptions[] = (["light", "dark"] as const).flatMap((
  colorScheme,
) =>
  [1280, 320].map((width) => ({
    colorScheme,
    viewport: { width, height: 800 },
    reducedMotion: "reduce" as const,
  }))
);

/** Some of everything: all colours, all ends of a request, words that can't be broken. */
async function fill(live: LivePage): Promise<void> {
  const print = (text: string, styled: string | null, stream: "stdout" | "stderr" = "stdout") =>
    live.logs.push("echo", { stream, text, styled });
  print(LONG, null, "stderr");
  const codes = [...Array(8).keys()].flatMap((i) => [30 + i, 90 + i, 40 + i]).concat(1, 2, 4, 7);
  const colours = codes.map((code) => `\x1b[${code}mcode ${code}\x1b[m`).join(" ");
  // deno-lint-ignore no-control-regex
  print(colours.replaceAll(/\x1b\[\d*m/g, ""), colours);
  live.logs.push("echo", { stream: "program", level: "error", text: "echo: failed", styled: null });
  for (const outcome of ["answered", "refused", "cut", "left", "cancelled", "running"] as const) {
    const record = live.records.of(toReceived(new Request(`${live.url}/upstream/echo/${LONG}`)));
    record.begin("upstream", "echo");
    record.sends();
    if (outcome !== "running") record.end(outcome);
  }
  await live.supervisor.start("echo");
  live.supervisor.move("echo", "failed");
  live.supervisor.down("echo", "idle");
  const notice = { level: "warn", title: "Notice", detail: LONG, at: new Date().toISOString() };
  live.events.publish({ type: "notice", ...notice, level: "warn" });
  live.config = {
    path: `${LONG}config.yaml`,
    later: ["listen"],
    settings: [
      { setting: "listen", value: [LONG], from: { kind: "default" } },
      { setting: "logs.file", value: LONG, from: { kind: "flag", flag: "--log-file" } },
    ],
  };
  const fault = { setting: "", expected: null, fix: "Mend it.", detail: LONG };
  live.reload = () => Promise.reject(new ConfigFileError(LONG, [{ line: 1, column: 1, ...fault }]));
}

for (const look of LOOKS) {
  const { colorScheme, viewport } = look;
  for (const kind of ["empty", "full"] as const) {
    const name =
      `${colorScheme}, ${viewport?.width} px wide: pages with lists, ${kind}, keep nobody out`;
    browserTest(name, async (browser) => {
      await using live = new LivePage();
      if (kind === "full") await fill(live);
      const tab = await Tab.openLive(browser, `${live.url}${PATHS[0]}`, look);
      for (const path of PATHS) {
        await tab.page.goto(`${live.url}${path}`);
        await tab.page.getByText("Live", { exact: true }).waitFor();
        await assertFine(tab, path);
      }
      await tab.page.goto(`${live.url}/engines/echo`);
      await tab.page.getByText("Live", { exact: true }).waitFor();
      // Of words that are broken over two lines axe can't tell the contrast.
      assertEquals((await checkAccess(tab.page)).violations, []);
      assertEquals(await tab.scrollWidth(), viewport?.width, "scrolls sideways");
      if (kind === "empty") return;
      await tab.page.goto(`${live.url}/config`);
      await tab.page.getByRole("button", { name: "Reload" }).click();
      await tab.page.getByText("Nothing has changed.").waitFor();
      tab.faults.length = 0; // the browser itself says that the answer was a 422
      await assertFine(tab, "a reload that was refused");
    });
  }
}

/** Nothing is wrong, nothing is undecided, nothing scrolls sideways, nothing is on the console. */
async function assertFine(tab: Tab, where: string): Promise<void> {
  const { violations, undecided } = await checkAccess(tab.page);
  assertEquals(violations, [], where);
  assertEquals(undecided, [], where);
  assertEquals(
    await tab.scrollWidth(),
    tab.page.viewportSize()?.width,
    `${where}: scrolls sideways`,
  );
  assertEquals(tab.faults, [], where);
}
