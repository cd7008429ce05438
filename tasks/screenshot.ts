/**
 * `deno task screenshot`: runs the program, uses its pages as a person would and keeps the pictures
 * that the README and docs/ui.md show.
 *
 * @module
 */
import { type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { RunningProgram } from "../tests/support/program.ts";
import { setUpBrowser } from "./support/browser.ts";
import { setUpPython } from "./support/python_env.ts";
import { inRoot } from "./support/root.ts";

/** Of the pages of several. */
const ENGINES = {
  echo: { kind: "builtin" },
  twins: { kind: "builtin", replicas: { min: 2, max: 2 } },
  whisper: { command: ["/bin/sh", "-c", "echo 'no model at /srv/models/whisper' >&2; exit 3"] },
  embed: { kind: "builtin", idleTimeout: "10m" },
};

const browserPart = await setUpBrowser();
const pythonPart = await setUpPython();
if (browserPart.kind !== "ready") throw new Error(browserPart.why);
const browser = await chromium.launch({
  executablePath: browserPart.path,
  args: ["--no-sandbox", "--disable-gpu"],
});
try {
  await takeReadme();
  await takePages();
} finally {
  await browser.close();
}

/** One engine, as it is after the first start. */
async function takeReadme(): Promise<void> {
  const engine = pythonPart.kind === "ready"
    ? ["--engine", "python", "--python-dir", pythonPart.path]
    : ["--engine", "builtin"];
  await using program = await RunningProgram.start({ args: engine });
  for (const colorScheme of ["light", "dark"] as const) {
    const look = { colorScheme, viewport: { width: 860, height: 660 }, deviceScaleFactor: 1.5 };
    await picture(look, `page-${colorScheme}`, async (page) => {
      await page.goto(program.url);
      await page.getByText("Live", { exact: true }).waitFor();
      await page.getByRole("textbox").fill("hello");
      await page.keyboard.press("Enter");
      await page.getByText("You said: hello").waitFor();
      await page.getByText(/^\d+ MB$/).waitFor();
      await hideNotice(page);
    });
  }
}

/** Several engines, and one that can't start. */
async function takePages(): Promise<void> {
  const dir = await Deno.makeTempDir();
  try {
    const config = `${dir}/engines.yaml`;
    await Deno.writeTextFile(config, JSON.stringify({ engines: ENGINES }));
    await using program = await RunningProgram.start({ args: ["--config", config] });
    for (let i = 0; i < 12; i++) await post(program.url, "echo/input", { input: `hello ${i}` });
    await post(program.url, "twins/start");
    await post(program.url, "whisper/start");
    const wide = { viewport: { width: 1100, height: 760 } };
    await picture(wide, "ui-engines", (page) => open(page, program.url));
    const phone = { colorScheme: "dark", viewport: { width: 360, height: 760 } } as const;
    await picture(phone, "ui-phone", (page) => open(page, program.url));
    const tall = { viewport: { width: 900, height: 1100 } };
    await picture(tall, "ui-engine", async (page) => {
      await open(page, `${program.url}/engines/echo`);
      const section = page.locator("#try");
      await section.getByLabel("Input", { exact: true }).fill("What do you say?");
      await section.getByRole("button", { name: /^Send/ }).first().click();
      await section.getByText("You said: What do you say?").first().waitFor();
    });
    for (const name of ["requests", "events", "logs", "config"]) {
      await picture(wide, `ui-${name}`, (page) => open(page, `${program.url}/${name}`));
    }
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

/** What fails is meant to. */
async function post(url: string, path: string, body?: object): Promise<void> {
  const response = await fetch(`${url}/api/engines/${path}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  await response.body?.cancel();
}

async function open(page: Page, url: string): Promise<void> {
  await page.goto(url);
  await page.getByText("Live", { exact: true }).waitFor();
  await hideNotice(page);
}

/** What is said of the machine that takes the pictures is nothing of the page. */
async function hideNotice(page: Page): Promise<void> {
  await page.addStyleTag({ content: "main > [data-part=notice] { display: none }" });
}

async function picture(
  options: BrowserContextOptions,
  name: string,
  prepare: (page: Page) => Promise<void>,
): Promise<void> {
  const context = await browser.newContext({
    ...options,
    reducedMotion: "reduce",
    bypassCSP: true,
  });
  const page = await context.newPage();
  await prepare(page);
  const path = inRoot("docs", "images", `${name}.png`);
  await page.screenshot({ path });
  console.log(path);
  await context.close();
}
