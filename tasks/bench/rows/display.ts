/** From a click on Send to the answer on the screen, in a real browser. */
import { type Browser, chromium, type Page } from "playwright-core";
import { inRoot } from "../../support/root.ts";
import { interleave } from "../interleave.ts";
import { Program } from "../program.ts";
import { inColumns, pickEngine, type Rig, serveArgv } from "../rig.ts";
import { absent, measured, reference, type Row } from "../row.ts";
import { median } from "../stats.ts";
import { formatFigure } from "../table.ts";
import type { Yard } from "../yard.ts";

const ENGINE = "python";

/** Between two frames of the browser. */
const FRAME_MS = 1_000 / 60;

/** What the probe in the page tells. */
interface Displayed {
  readonly visibleMs: number;
  readonly paintedMs: number;
}

export async function displayRow(rig: Rig): Promise<Row> {
  const { browser } = rig;
  const columns = await inColumns(rig, async (subject) => {
    if (browser.kind === "missing") return absent(browser.why);
    const engine = await pickEngine(ENGINE, { rig, subject });
    await using program = await Program.start(rig.yard, serveArgv(subject, engine));
    await program.change(ENGINE, "start");
    await using opened = await OpenBrowser.open(rig.yard, browser.path);
    const page = await opened.page(program.url);
    const visible: number[] = [];
    const { painted, bare } = await interleave({
      painted: async () => {
        const { visibleMs, paintedMs } = await send(page, `hello ${visible.length}`);
        visible.push(visibleMs);
        return [paintedMs];
      },
      bare: async () => [await callBare(page)],
    }, { rounds: rig.isQuick ? 10 : 60, warmUps: 5 });
    return measured(painted, {
      references: [reference("bare `fetch` in the page", bare)],
      detail: `in the document after ${formatFigure(median(visible))} ms`,
    });
  });
  return {
    quantity: "input to display, Python engine: click on Send until the answer is painted",
    unit: "ms",
    target: { kind: "at_most", limit: 30 },
    ...columns,
  };
}

/**
 * Clicks with the mouse at any moment between two frames, as people do: `page.click` would wait for a
 * frame, and the next one would always be equally far away.
 */
async function send(page: Page, text: string): Promise<Displayed> {
  const box = await page.locator("[data-send]").boundingBox();
  if (box === null) throw new Error("the page shows no Send");
  const answered: Promise<Displayed> = page.evaluate(`waitForAnswer(${JSON.stringify(text)})`);
  await page.waitForTimeout(Math.random() * FRAME_MS);
  await page.mouse.click(box.x + box.width / 2, box.y + box.height / 2);
  return await answered;
}

function callBare(page: Page): Promise<number> {
  return page.evaluate(`callBare("/api/engines/${ENGINE}/input", "hello")`);
}

/** A browser that is closed at the end, also when that comes while it still starts. */
class OpenBrowser implements AsyncDisposable {
  readonly #launching: Promise<Browser>;

  private constructor(launching: Promise<Browser>) {
    this.#launching = launching;
  }

  static async open(yard: Yard, executablePath: string): Promise<OpenBrowser> {
    const launching = chromium.launch({
      executablePath,
      args: ["--no-sandbox"],
      handleSIGINT: false,
      handleSIGTERM: false,
      handleSIGHUP: false,
    });
    const opened = yard.own(new OpenBrowser(launching));
    await launching;
    return opened;
  }

  /** The page at `url` with the probe, live. */
  async page(url: string): Promise<Page> {
    const page = await (await this.#launching).newPage();
    await page.addInitScript({ path: inRoot("tasks", "bench", "rows", "page_probe.js") });
    await page.goto(url);
    await page.waitForSelector("[data-link=live]");
    return page;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await (await this.#launching).close();
  }
}
