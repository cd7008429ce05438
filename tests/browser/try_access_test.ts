/** Trying an engine out keeps nobody out: panels and charts in every look, filled, failed, and without a script. */
import { assertEquals } from "@std/assert";
import { fromFileUrl } from "@std/path";
import type { Browser, BrowserContextOptions } from "playwright-core";
import { SCRIPTED_PATH, SOON } from "../e2e/support/harness.ts";
import { RunningProgram } from "../support/program.ts";
import { checkAccess } from "./support/axe.ts";
import { browserTest } from "./support/browser.ts";
import { Tab } from "./support/tab.ts";

const SPEAKS_OPENAI = fromFileUrl(new URL("../support/engines/speaks_openai.py", import.meta.url));

/** In place of the Python engine, with its model that compares and none that writes. */
const STAND_IN = fromFileUrl(new URL("../support/engines/gguf", import.meta.url));

const LONG = "unbreakable".repeat(30);

const LOOKS = (["light", "dark"] as const).flatMap((colorScheme) =>
  [1280, 320].map((width) => ({
    colorScheme,
    viewport: { width, height: 800 },
    reducedMotion: "reduce" as const,
  }))
);

/** Of the engine's page only what is tried: the other parts have tests of their own. */
const PARTS = ["#try", "#charts"];

async function assertFine(tab: Tab, where: string, parts = PARTS): Promise<void> {
  const { violations, undecided } = await checkAccess(tab.page, parts);
  assertEquals(violations, [], where);
  assertEquals(undecided, [], where);
  const { width } = tab.page.viewportSize() ?? { width: 0 };
  assertEquals(await tab.scrollWidth(), width, `${where}: scrolls sideways`);
}

interface Place {
  readonly browser: Browser;
  readonly program: RunningProgram;
  readonly look: BrowserContextOptions;
}

async function tryInput({ browser, program, look }: Place): Promise<void> {
  const tab = await Tab.openLive(browser, `${program.url}/engines/scripted`, look);
  const { page } = tab;
  const panel = page.getByRole("region", { name: "Send an input" });
  await panel.getByRole("button", { name: "Cancel" }).waitFor();
  await assertFine(tab, "before");
  await page.getByLabel("Input", { exact: true }).fill(LONG);
  await page.keyboard.press("Control+Enter");
  await panel.getByText(/You said/).waitFor();
  await page.evaluate("Object.defineProperty(navigator, 'clipboard', { value: undefined })");
  await panel.getByRole("button", { name: "Copy as curl" }).click();
  await panel.getByLabel("Command").waitFor();
  await page.getByText("Show as table").click();
  await page.getByRole("cell", { name: "Ready" }).first().waitFor();
  await assertFine(tab, "answered");
  await page.getByLabel("Input", { exact: true }).fill("exit 3");
  await page.keyboard.press("Control+Enter");
  await panel.getByRole("alert").waitFor();
  await assertFine(tab, "failed");
  await tab.close();
}

async function tryChat({ browser, program, look }: Place): Promise<void> {
  const tab = await Tab.openLive(browser, `${program.url}/engines/speaks_openai`, look);
  const { page } = tab;
  const chat = page.getByRole("region", { name: "Chat" });
  await chat.getByRole("button", { name: "Start over" }).waitFor();
  // What is scrolled out of a box axe can't judge.
  await page.getByLabel("Message").fill(LONG.slice(0, 90));
  await page.keyboard.press("Control+Enter");
  await chat.getByText(/^First byte after/).waitFor();
  await assertFine(tab, "chat");
  await tab.close();
}

async function tryWithoutScript({ browser, program, look }: Place): Promise<void> {
  // axe is evaluated in the page, which needs scripts on; the page's own is kept away.
  const tab = await Tab.open(browser, "about:blank", look);
  const { page } = tab;
  await page.route("**/main.js", (route) => route.abort());
  await page.goto(`${program.url}/engines/scripted`);
  await assertFine(tab, "without a script");
  await page.getByLabel("Input", { exact: true }).fill(LONG);
  await page.getByRole("region", { name: "Send an input" }).getByRole("button", { name: "Send" })
    .click();
  await page.getByText(/You said/).waitFor();
  await page.getByRole("heading", { name: "Go on" }).waitFor();
  await assertFine(tab, "answered without a script", []);
  await tab.close();
}

async function tryCompare({ browser, program, look }: Place): Promise<void> {
  const tab = await Tab.openLive(browser, `${program.url}/engines/python`, look);
  await tab.page.getByRole("button", { name: "Compare" }).waitFor();
  await assertFine(tab, "compare, and where to put a model");
  await tab.close();
}

const CASES = {
  "inputs and charts": { use: tryInput, args: ["--engine", SCRIPTED_PATH] },
  "a chat": { use: tryChat, args: ["--engine", SPEAKS_OPENAI] },
  "forms without a script": { use: tryWithoutScript, args: ["--engine", SCRIPTED_PATH] },
  "a model that compares": { use: tryCompare, args: ["--python-dir", STAND_IN] },
} as const;

for (const [name, { use, args }] of Object.entries(CASES)) {
  browserTest(`axe finds nothing: ${name}`, async (browser) => {
    const dir = await Deno.makeTempDir({ prefix: "aie-" });
    try {
      const env = { ...SOON, XDG_DATA_HOME: dir };
      await using program = await RunningProgram.start({ args, env });
      for (const look of LOOKS) await use({ browser, program, look });
    } finally {
      await Deno.remove(dir, { recursive: true });
    }
  });
}
