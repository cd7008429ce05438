/**
 * `deno task screenshot`: runs the program, uses its page as a person would and keeps the picture
 * that the README shows, in light and dark.
 *
 * @module
 */
import { type BrowserContextOptions, chromium } from "playwright-core";
import { RunningProgram } from "../tests/support/program.ts";
import { setUpBrowser } from "./support/browser.ts";
import { setUpPython } from "./support/python_env.ts";
import { inRoot } from "./support/root.ts";

const browserPart = await setUpBrowser();
const pythonPart = await setUpPython();
if (browserPart.kind !== "ready") throw new Error(browserPart.why);
const engine = pythonPart.kind === "ready"
  ? ["--engine", "python", "--python-dir", pythonPart.path]
  : ["--engine", "builtin"];

await using program = await RunningProgram.start({ args: engine });
const browser = await chromium.launch({
  executablePath: browserPart.path,
  args: ["--no-sandbox", "--disable-gpu"],
});
try {
  for (const colorScheme of ["light", "dark"] as const) {
    const path = inRoot("docs", "images", `page-${colorScheme}.png`);
    await picture({ colorScheme, viewport: { width: 760, height: 660 } }, path);
    console.log(path);
  }
} finally {
  await browser.close();
}

async function picture(options: BrowserContextOptions, path: string): Promise<void> {
  const context = await browser.newContext({ ...options, deviceScaleFactor: 1.5 });
  const page = await context.newPage();
  await page.goto(program.url);
  await page.getByText("Live", { exact: true }).waitFor();
  await page.getByRole("textbox").fill("hello");
  await page.keyboard.press("Enter");
  await page.getByText("You said: hello").waitFor();
  await page.getByText(/^\d+ MB$/).waitFor();
  await page.screenshot({ path });
}
