/** The charts of an engine in a real browser: what they show, say, and have as a table. */
import { assertEquals, assertMatch } from "@std/assert";
import type { Page } from "playwright-core";
import { BUILTIN, sendInput } from "../e2e/support/harness.ts";
import { eventually, RunningProgram } from "../support/program.ts";
import { browserTest } from "./support/browser.ts";
import { Tab } from "./support/tab.ts";

/** What the words of a chart say. */
async function says(page: Page, id: string): Promise<string> {
  return await page.locator(`[data-field="chart-${id}"]`).innerText();
}

browserTest("charts go on from what happens, and say the same in words", async (browser) => {
  await using program = await RunningProgram.start(BUILTIN);
  const tab = await Tab.openLive(browser, `${program.url}/engines/builtin`);
  const { page } = tab;
  assertEquals(await says(page, "latency"), "nothing yet");
  await sendInput(program, "hello", "builtin");
  const words = /^half within: latest .+, highest .+; 95 % within: latest .+, highest .+/;
  await eventually(
    "its latency is drawn",
    async () => words.test(await says(page, "latency")),
  );
  const memory = /^now \d+ MB, highest \d+ MB$/;
  await eventually("its memory is drawn", async () => memory.test(await says(page, "memory")));
  await eventually(
    "nothing is in flight",
    async () => /^now 0, highest \d+$/.test(await says(page, "inflight")),
  );
  const lines = page.locator('[data-chart="latency"] path');
  assertMatch(await lines.first().getAttribute("d") ?? "", /^M\d+ /);
  await page.locator("#charts").getByText("Show as table").click();
  const table = page.locator("#charts").getByRole("table");
  await table.getByRole("cell", { name: "Ready" }).first().waitFor();
  assertEquals(await table.getByRole("columnheader").allInnerTexts(), [
    ...["Time", "State", "Half within", "95 % within", "Memory", "In flight"],
  ]);
  await program.json("/api/engines/builtin/stop", { method: "POST" });
  await eventually("its memory is gone", async () => /^now none/.test(await says(page, "memory")));
  assertEquals(tab.faults, []);
});

browserTest("without JavaScript the charts show what the server knows", async (browser) => {
  await using program = await RunningProgram.start(BUILTIN);
  await sendInput(program, "hello", "builtin");
  const context = await browser.newContext({ javaScriptEnabled: false });
  const page = await context.newPage();
  await page.goto(`${program.url}/engines/builtin`);
  assertMatch(await says(page, "latency"), /^half within: latest /);
  await page.locator("#charts").getByText("Show as table").click();
  await page.locator("#charts").getByRole("table").getByRole("cell", { name: "Ready" }).waitFor();
  await context.close();
});
