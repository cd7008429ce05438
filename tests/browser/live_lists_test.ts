/** Lists that were open while the line to the server was down, or the server began anew. */
import { assertEquals } from "@std/assert";
import { toReceived } from "../support/request_records.ts";
import { browserTest } from "./support/browser.ts";
import { LivePage } from "./support/live_page.ts";
import { Relay } from "./support/relay.ts";
import { Tab } from "./support/tab.ts";

function begin(live: LivePage, name: string) {
  const record = live.records.of(toReceived(new Request(`${live.url}/upstream/echo/${name}`)));
  record.begin("upstream", "echo");
  return record;
}

browserTest(
  "requests that begin and end while the line is down stand where they belong",
  async (browser) => {
    await using live = new LivePage();
    await using relay = new Relay(live.url);
    const seen = begin(live, "seen");
    const { page } = await Tab.openLive(browser, `${relay.url}/requests`);
    const rows = (name: string) => page.locator(`[data-rows-of="${name}"] tr`);
    assertEquals(await rows("running").count(), 1);
    relay.cut();
    await page.getByText("Reconnecting").waitFor();
    begin(live, "unseen").end("answered");
    seen.end("answered");
    begin(live, "later");
    relay.mend();
    await page.getByText("Live", { exact: true }).waitFor();
    await rows("running").getByRole("rowheader").getByText("/later").waitFor();
    await rows("ended").nth(1).waitFor();
    assertEquals([await rows("running").count(), await rows("ended").count()], [1, 2]);
  },
);

browserTest(
  "lines and requests of the server's next life are told, those of the last run no more",
  async (browser) => {
    let live = new LivePage();
    const port = Number(new URL(live.url).port);
    try {
      const print = (text: string) =>
        live.logs.push("echo", { stream: "stdout", text, styled: null });
      for (const text of ["one", "two", "three"]) print(text);
      begin(live, "forgotten");
      const logs = await Tab.openLive(browser, `${live.url}/logs`);
      const requests = await Tab.openLive(browser, `${live.url}/requests`);
      await live[Symbol.asyncDispose]();
      await logs.page.getByText("Server stopped").waitFor();
      live = new LivePage({ port });
      print("of the next life");
      await logs.page.locator(".log").getByText("of the next life").waitFor();
      await logs.page.getByText("Live", { exact: true }).waitFor();
      print("and on");
      await logs.page.locator(".log").getByText("and on").waitFor();
      await requests.page.locator('[data-rows-of="running"] tr').waitFor({ state: "detached" });
    } finally {
      await live[Symbol.asyncDispose]();
    }
  },
);
