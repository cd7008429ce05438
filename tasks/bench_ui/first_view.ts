/** How soon a browser that has never been here shows the engines, and what moves or blocks meanwhile. */
import { type Browser, chromium } from "playwright-core";
import { Program } from "../bench/program.ts";
import { absent, measured, reference, type Row } from "../bench/row.ts";
import type { Yard } from "../bench/yard.ts";
import { setUpBrowser } from "../support/browser.ts";
import type { UiRig } from "./ui_rig.ts";

const ENGINES = 5;

/** What the page itself measures. */
interface Seen {
  /** First contentful paint. */
  readonly paintMs: number;
  /** How much moved after it was painted (cumulative layout shift). */
  readonly shift: number;
  /** The script held the page up for so long, beyond 50 ms at a time (total blocking time). */
  readonly blockedMs: number;
}

const PROBE = `new Promise((resolve) => {
  const look = () => {
    const [paint] = performance.getEntriesByName("first-contentful-paint");
    if (paint === undefined) return setTimeout(look, 10);
    const sum = (type, of) => {
      const observer = new PerformanceObserver(() => {});
      observer.observe({ type, buffered: true });
      return observer.takeRecords().reduce((all, one) => all + of(one), 0);
    };
    resolve({
      paintMs: paint.startTime,
      shift: sum("layout-shift", (one) => one.value),
      blockedMs: sum("longtask", (one) => Math.max(0, one.duration - 50)),
    });
  };
  look();
})`;

export async function firstViewRows(rig: UiRig): Promise<readonly Row[]> {
  const found = await look(rig);
  const executable = absent("from source only");
  const quantity =
    `first paint of the page of ${ENGINES} engines, by a browser that never was here`;
  if (typeof found === "string") {
    return [{ quantity, unit: "ms", target: null, source: absent(found), executable }];
  }
  const paints = found.map(({ paintMs }) => paintMs);
  const shift = Math.max(...found.map(({ shift }) => shift));
  const blockedMs = Math.max(...found.map(({ blockedMs }) => blockedMs));
  return [{
    quantity,
    unit: "ms",
    target: { kind: "at_most", limit: 300 },
    source: measured(paints.slice(1), {
      references: [reference("the first of all, which loads what makes pages", paints.slice(0, 1))],
      detail: `layout shift ${shift.toFixed(3)}, blocked for ${blockedMs.toFixed(0)} ms at most`,
    }),
    executable,
  }];
}

/** Once per round; why not, where there is no browser. */
async function look(rig: UiRig): Promise<readonly Seen[] | string> {
  const part = await setUpBrowser();
  if (part.kind !== "ready") return part.why;
  await using program = await startMany(rig.yard, rig.source.argv);
  const launching = chromium.launch({ executablePath: part.path, args: ["--no-sandbox"] });
  const browser = rig.yard.own(new OwnedBrowser(await launching)).browser;
  const seen: Seen[] = [];
  while (seen.length < (rig.isQuick ? 4 : 21)) seen.push(await visit(browser, program.url));
  await browser.close();
  return seen;
}

async function visit(browser: Browser, url: string): Promise<Seen> {
  const context = await browser.newContext();
  try {
    const page = await context.newPage();
    await page.goto(url);
    await page.waitForSelector("[data-link=live]");
    return await page.evaluate<Seen>(PROBE);
  } finally {
    await context.close();
  }
}

async function startMany(yard: Yard, argv: readonly string[]): Promise<Program> {
  const config = await yard.file("first_view.yaml");
  const names = Array.from({ length: ENGINES }, (_, i) => [`engine-${i}`, { kind: "builtin" }]);
  await Deno.writeTextFile(config, JSON.stringify({ engines: Object.fromEntries(names) }));
  return await Program.start(yard, [
    ...argv,
    ...["serve", "--listen", "127.0.0.1:0", "--config", config],
  ]);
}

/** Closed with the yard, too. */
class OwnedBrowser implements AsyncDisposable {
  constructor(readonly browser: Browser) {}

  async [Symbol.asyncDispose](): Promise<void> {
    await this.browser.close();
  }
}
