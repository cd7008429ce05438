/** Models tried out in a real browser: chats and likeness, with engines of ours and of others. */
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { fromFileUrl, join } from "@std/path";
import type { Browser, Page } from "playwright-core";
import { openGate, pythonDir, SOON } from "../e2e/support/harness.ts";
import { eventually, RunningProgram } from "../support/program.ts";
import { BROWSER, browserTest, withBrowser } from "./support/browser.ts";
import { Tab } from "./support/tab.ts";

const SPEAKS_OPENAI = fromFileUrl(new URL("../support/engines/speaks_openai.py", import.meta.url));

function speaker(): Promise<RunningProgram> {
  return RunningProgram.start({ args: ["--engine", SPEAKS_OPENAI], env: { ...SOON } });
}

function chat(page: Page) {
  return page.getByRole("region", { name: "Chat" });
}

async function say(page: Page, text: string): Promise<void> {
  await page.getByLabel("Message").fill(text);
  await chat(page).getByRole("button", { name: "Send" }).click();
}

/** The page of an engine whose panels have started. */
async function openTry(browser: Browser, url: string): Promise<Tab> {
  const tab = await Tab.openLive(browser, url);
  await panelsStarted(tab.page);
  return tab;
}

async function panelsStarted(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Cancel" }).first().waitFor();
}

browserTest(
  "a chat with any engine that speaks OpenAI's protocol, word by word",
  async (browser) => {
    await using program = await speaker();
    const tab = await openTry(browser, `${program.url}/engines/speaks_openai`);
    const { page } = tab;
    await say(page, "<b>hello</b>");
    const log = chat(page).getByRole("log");
    await log.getByText("You said: <b>hello</b>", { exact: true }).waitFor();
    await chat(page).getByText(/^First byte after /).waitFor();
    assertEquals(await page.getByLabel("Message").inputValue(), "");
    await say(page, "count");
    await log.getByText(/0 1 2/).waitFor();
    await openGate(program, "GATE");
    await chat(page).getByText(/^First byte after /).waitFor();
    assertEquals(await log.locator(".message strong").allInnerTexts(), [
      ...["You", "speaks_openai", "You", "speaks_openai"],
    ]);
    await chat(page).getByRole("button", { name: "Start over" }).click();
    assertEquals(await log.isVisible(), false);
    assertEquals(tab.faults, []);
  },
);

browserTest("Cancel ends what the engine writes; what came stays", async (browser) => {
  await using program = await speaker();
  const { page } = await openTry(browser, `${program.url}/engines/speaks_openai`);
  await say(page, "endless");
  await chat(page).getByText(/more/).waitFor();
  await page.getByLabel("Message").press("Escape");
  await chat(page).getByText(/^Cancelled after /).waitFor();
  await program.printed(/\bleft\b/);
  await chat(page).getByText(/more/).waitFor();
});

browserTest("what goes wrong in a chat is told, and the message is kept", async (browser) => {
  await using program = await speaker();
  const { page } = await openTry(browser, `${program.url}/engines/speaks_openai`);
  await say(page, "refuse");
  await chat(page).getByRole("alert").getByText("The engine says no.").waitFor();
  assertEquals(await page.getByLabel("Message").inputValue(), "refuse");
  await say(page, "die");
  await chat(page).getByRole("alert").getByText(/exited with code 3/).waitFor();
  await say(page, "still there?");
  await chat(page).getByText("You said: still there?").waitFor();
  const said = await chat(page).locator(".message .said").allInnerTexts();
  assertEquals(said, ["still there?", "You said: still there?"]);
});

browserTest("a chat's command is that of the last message, and works", async (browser) => {
  await using program = await speaker();
  const { page } = await openTry(browser, `${program.url}/engines/speaks_openai`);
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  await say(page, "it's me");
  await chat(page).getByText("You said: it's me").waitFor();
  await chat(page).getByRole("button", { name: "Copy as curl" }).click();
  await chat(page).getByRole("button", { name: "Copied" }).waitFor();
  const command = await page.evaluate<string>("navigator.clipboard.readText()");
  const { stdout } = await new Deno.Command("sh", { args: ["-c", command] }).output();
  const { choices } = JSON.parse(new TextDecoder().decode(stdout));
  assertEquals(choices[0].message.content, "You said: it's me");
});

browserTest("a chat without JavaScript goes on with what was said", async (browser) => {
  await using program = await speaker();
  const context = await browser.newContext({ javaScriptEnabled: false });
  const page = await context.newPage();
  await page.goto(`${program.url}/engines/speaks_openai`);
  await say(page, "<i>hello</i>");
  await page.getByText("You said: <i>hello</i>", { exact: true }).waitFor();
  await say(page, "and again");
  await page.getByText("You said: and again", { exact: true }).waitFor();
  const heads = await page.locator(".message h2").allInnerTexts();
  assertEquals(heads, ["You", "speaks_openai", "You"]);
  await say(page, "refuse");
  await page.getByRole("alert").getByText("The engine says no.").waitFor();
  assertEquals(await page.getByLabel("Message").inputValue(), "refuse");
  await context.close();
});

browserTest("a chat that waits for a slot is queued, and says so", async (browser) => {
  const dir = await Deno.makeTempDir({ prefix: "aie-" });
  const config = join(dir, "config.yaml");
  await Deno.writeTextFile(
    config,
    `engines:\n  one: { kind: command, command: [${SPEAKS_OPENAI}], slots: 1 }\n`,
  );
  await using program = await RunningProgram.start({
    args: ["--config", config],
    env: { ...SOON },
  });
  const { page } = await openTry(browser, `${program.url}/engines/one`);
  const body = { model: "one", messages: [{ role: "user", content: "slow" }] };
  const first = program.json("/v1/chat/completions", { method: "POST", body });
  await program.printed(/asked one/);
  await say(page, "hello");
  await chat(page).getByText(/^Queued, \d+\.\d s$/).waitFor();
  await openGate(program, "GATE");
  await chat(page).getByText("You said: hello").waitFor();
  await first;
  await Deno.remove(dir, { recursive: true });
});

/** A test with the Python engine and its models. */
function modelTest(
  name: string,
  use: (
    browser: Browser,
    world: { readonly dir: string; readonly python: string },
  ) => Promise<void>,
): void {
  Deno.test({
    name,
    ignore: BROWSER === undefined || pythonDir === null,
    sanitizeOps: false,
    sanitizeResources: false,
    fn: () =>
      withBrowser(async (browser) => {
        const dir = await Deno.makeTempDir({ prefix: "aie-" });
        try {
          await use(browser, { dir, python: pythonDir ?? "" });
        } finally {
          await Deno.remove(dir, { recursive: true });
        }
      }),
  });
}

modelTest("a newcomer presses Compare, and a model works", async (browser, { dir, python }) => {
  await using program = await RunningProgram.start({
    args: ["--python-dir", python],
    env: { XDG_DATA_HOME: dir },
  });
  const tab = await Tab.openLive(browser, program.url);
  const { page } = tab;
  await page.getByRole("link", { name: "python", exact: true }).click();
  await panelsStarted(page);
  const compare = page.getByRole("region", { name: "Compare two texts" });
  await compare.getByRole("button", { name: "Compare" }).click();
  await compare.getByText(/^Likeness 0\.\d\d, where 1 is the same and 0 is unrelated: /).waitFor();
  await page.getByLabel("Another").fill(await page.getByLabel("One text").inputValue());
  await compare.getByRole("button", { name: "Compare" }).click();
  await compare.getByText("Likeness 1.00").waitFor();
  const text = await chat(page).innerText();
  assertStringIncludes(text, join(dir, "ai-engine", "models"));
  assertStringIncludes(text, "ai-engine serve --model FILE.gguf");
  assertEquals(tab.faults, []);
});

modelTest("likeness without JavaScript", async (browser, { dir, python }) => {
  await using program = await RunningProgram.start({
    args: ["--python-dir", python],
    env: { XDG_DATA_HOME: dir },
  });
  const context = await browser.newContext({ javaScriptEnabled: false });
  const page = await context.newPage();
  await page.goto(`${program.url}/engines/python`);
  await page.getByRole("button", { name: "Compare" }).click();
  await page.getByText(/^Likeness 0\.\d\d, /).waitFor();
  await context.close();
});

modelTest("a GGUF file put into the models folder is chatted with", async (browser, world) => {
  const { dir, python } = world;
  await using program = await RunningProgram.start({
    args: ["--python-dir", python],
    env: { XDG_DATA_HOME: dir },
  });
  const models = join(dir, "ai-engine", "models");
  await Deno.mkdir(models, { recursive: true });
  const { code, stderr } = await new Deno.Command(join(python, ".venv", "bin", "python"), {
    args: ["-m", "tools.tiny_gguf", "llama", join(models, "tiny.gguf")],
    cwd: python,
    env: { PYTHONPATH: python },
  }).output();
  assertEquals(code, 0, new TextDecoder().decode(stderr));
  await eventually(
    "tiny is offered",
    async () => (await program.json("/api/engines/tiny")).status === 200,
  );
  const tab = await openTry(browser, `${program.url}/engines/python`);
  const { page } = tab;
  await chat(page).getByRole("link", { name: "Chat with tiny" }).click();
  await chat(page).getByRole("button", { name: "Start over" }).waitFor();
  await say(page, "the a of");
  await chat(page).getByText(/^First byte after .+, \d+ tokens?, \d+\.\d a second$/).waitFor();
  const [, answer = ""] = await chat(page).locator(".message .said").allInnerTexts();
  assertMatch(answer, /\S/);
  assertEquals(tab.faults, []);
});
