/** Trying an engine out in a real browser: inputs, files, phases, cancel, errors, the command that does the same. */
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import type { Page } from "playwright-core";
import { openGate, scripted, SCRIPTED_PATH, sendInput, viewOf } from "../e2e/support/harness.ts";
import { ADMIN, writeTokens } from "../e2e/support/tokens.ts";
import { eventually, RunningProgram } from "../support/program.ts";
import { browserTest } from "./support/browser.ts";
import { Tab } from "./support/tab.ts";

/** The panel for inputs. */
function panel(page: Page) {
  return page.getByRole("region", { name: "Send an input" });
}

/** The page of an engine of a running program, with its script started. */
async function openTry(
  ...[browser, program, engine = "scripted"]: [
    Parameters<typeof Tab.open>[0],
    RunningProgram,
    string?,
  ]
): Promise<Tab> {
  const tab = await Tab.openLive(browser, `${program.url}/engines/${engine}`);
  await panel(tab.page).getByRole("button", { name: "Cancel" }).waitFor();
  return tab;
}

browserTest("an input starts the engine; its answer grows as it comes", async (browser) => {
  await using program = await RunningProgram.start(scripted("gate=START"));
  const tab = await openTry(browser, program);
  const { page } = tab;
  await page.getByLabel("Input", { exact: true }).fill("spell GATE one two <b>three</b>");
  await page.keyboard.press("Control+Enter");
  await panel(page).getByText(/^Starting, \d+\.\d s$/).waitFor();
  await openGate(program, "START");
  const answer = panel(page).locator("[data-field=answer]");
  await answer.getByText("one", { exact: true }).waitFor();
  await panel(page).getByText(/^Answering, \d+\.\d s$/).waitFor();
  await openGate(program, "GATE");
  await answer.getByText("one two <b>three</b>", { exact: true }).waitFor();
  await panel(page).getByText(/^First byte after .+, all after .+s$/).waitFor();
  assertEquals(await page.getByLabel("Input", { exact: true }).inputValue(), "");
  assertEquals(tab.faults, []);
});

browserTest("a second start says about how long it takes", async (browser) => {
  await using program = await RunningProgram.start(scripted("gate=START"));
  const started = program.json("/api/engines/scripted/start", { method: "POST" });
  await openGate(program, "START");
  await started;
  await program.json("/api/engines/scripted/stop", { method: "POST" });
  await Deno.remove(`${program.runtimeDir}/START`);
  const { page } = await openTry(browser, program);
  await page.getByLabel("Input", { exact: true }).fill("hello");
  await panel(page).getByRole("button", { name: "Send" }).click();
  await panel(page).getByText(/^Starting, \d+\.\d s of about \d+/).waitFor();
  await openGate(program, "START");
  await panel(page).getByText("You said: hello").waitFor();
});

browserTest("who waits in the line is told the place, and moves up", async (browser) => {
  const dir = await Deno.makeTempDir({ prefix: "aie-" });
  const config = `${dir}/config.yaml`;
  const command = `{ kind: command, command: [${SCRIPTED_PATH}], slots: 1 }`;
  await Deno.writeTextFile(config, `engines:\n  scripted: ${command}\n`);
  const { env = {} } = scripted();
  await using program = await RunningProgram.start({ args: ["--config", config], env });
  const before = ["A", "B", "C"].map((gate) => sendInput(program, `wait ${gate}`));
  await eventually("two wait", async () => (await viewOf(program)).queued === 2);
  const { page } = await openTry(browser, program);
  await page.getByLabel("Input", { exact: true }).fill("hello");
  await panel(page).getByRole("button", { name: "Send" }).click();
  await panel(page).getByText(/^Queued, 3rd in line, \d+\.\d s$/).waitFor();
  await Promise.all(["A", "B"].map((gate) => openGate(program, gate)));
  await panel(page).getByText(/^Queued, next in line, \d+\.\d s$/).waitFor();
  await openGate(program, "C");
  await panel(page).getByText("You said: hello").waitFor();
  await Promise.all(before);
  await Deno.remove(dir, { recursive: true });
});

browserTest("Cancel takes the input back, which stays in its field", async (browser) => {
  await using program = await RunningProgram.start(scripted());
  const tab = await openTry(browser, program);
  const { page } = tab;
  await page.getByLabel("Input", { exact: true }).fill("spell NEVER begun and left");
  await panel(page).getByRole("button", { name: "Send" }).click();
  await panel(page).getByText("begun", { exact: true }).waitFor();
  assertEquals((await viewOf(program)).inflight, 1);
  await panel(page).getByRole("button", { name: "Cancel" }).click();
  await panel(page).getByText(/^Cancelled after /).waitFor();
  await eventually("nothing is in flight", async () => (await viewOf(program)).inflight === 0);
  const kept = await page.getByLabel("Input", { exact: true }).inputValue();
  assertEquals(kept, "spell NEVER begun and left");
  await panel(page).getByText("begun", { exact: true }).waitFor();
  assertEquals(tab.faults, []);
});

browserTest("an error comes with its remedy, and the input is kept", async (browser) => {
  await using program = await RunningProgram.start(scripted());
  const { page } = await openTry(browser, program);
  await page.getByLabel("Input", { exact: true }).fill("exit 3");
  await panel(page).getByRole("button", { name: "Send" }).click();
  await panel(page).getByRole("alert").getByText("Engine crashed").waitFor();
  assertMatch(await panel(page).locator(".remedy").innerText(), /\w+\.$/);
  await panel(page).getByText("exiting as told").waitFor();
  assertEquals(await page.getByLabel("Input", { exact: true }).inputValue(), "exit 3");
  await page.getByLabel("Input", { exact: true }).fill("now fine");
  await panel(page).getByRole("button", { name: "Send" }).click();
  await panel(page).getByText("You said: now fine").waitFor();
  assertEquals(await panel(page).getByRole("alert").isVisible(), false);
});

browserTest("a text file comes into the field; what is none is told", async (browser) => {
  await using program = await RunningProgram.start(scripted());
  const { page } = await openTry(browser, program);
  const chooser = page.getByLabel("Or a text file");
  const file = (name: string, bytes: Uint8Array) =>
    chooser.setInputFiles({ name, mimeType: "text/plain", buffer: Buffer.from(bytes) as never });
  await file("picture.png", Uint8Array.of(0x89, 0x50, 0xff));
  await page.getByText("picture.png is no text in UTF-8.").waitFor();
  await file("large.txt", new Uint8Array(1_100_000));
  await page.getByText("large.txt is larger than 1 MiB, which is the most that is taken.")
    .waitFor();
  await file("note.txt", new TextEncoder().encode("grüß\ndich"));
  await eventually(
    "the text is in the field",
    async () => await page.getByLabel("Input", { exact: true }).inputValue() === "grüß\ndich",
  );
  await panel(page).getByRole("button", { name: "Send" }).click();
  await panel(page).getByText("You said: grüß dich").waitFor();
});

/** Runs a command as somebody would who pastes it. */
async function paste(command: string, env: Record<string, string> = {}): Promise<string> {
  const { stdout } = await new Deno.Command("sh", { args: ["-c", command], env }).output();
  return new TextDecoder().decode(stdout);
}

const HARD = 'it\'s "hard" $HOME `id` \\ 🙂\n@file';

browserTest("Copy as curl: the command does the same as the button did", async (browser) => {
  await using program = await RunningProgram.start(scripted());
  const { page } = await openTry(browser, program);
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  const button = panel(page).getByRole("button", { name: "Copy as curl" });
  assertEquals(await button.isVisible(), false);
  await page.getByLabel("Input", { exact: true }).fill(HARD);
  await panel(page).getByRole("button", { name: "Send" }).click();
  await panel(page).getByText("You said:").waitFor();
  await button.click();
  await panel(page).getByRole("button", { name: "Copied" }).waitFor();
  const command = await page.evaluate<string>("navigator.clipboard.readText()");
  assertEquals(JSON.parse(await paste(command)).input, HARD);
});

browserTest("Copy as curl: without a clipboard the command is there, selected", async (browser) => {
  await using program = await RunningProgram.start(scripted());
  const tab = await openTry(browser, program);
  const { page } = tab;
  await page.evaluate("Object.defineProperty(navigator, 'clipboard', { value: undefined })");
  await page.getByLabel("Input", { exact: true }).fill(HARD);
  await panel(page).getByRole("button", { name: "Send" }).click();
  await panel(page).getByText("You said:").waitFor();
  await panel(page).getByRole("button", { name: "Copy as curl" }).click();
  await panel(page).getByLabel("Command").waitFor();
  const selected = await page.evaluate<string>(
    "document.activeElement.value.slice(" +
      "document.activeElement.selectionStart, document.activeElement.selectionEnd)",
  );
  assertEquals(selected, await panel(page).getByLabel("Command").inputValue());
  assertEquals(JSON.parse(await paste(selected)).input, HARD);
  assertEquals(tab.faults, []);
});

browserTest("the supervisor goes away: told, and the input is kept", async (browser) => {
  const program = await RunningProgram.start(scripted());
  const { page } = await openTry(browser, program);
  await page.getByLabel("Input", { exact: true }).fill("hello");
  await program[Symbol.asyncDispose]();
  await panel(page).getByRole("button", { name: "Send" }).click();
  await panel(page).getByText("Supervisor not reachable").waitFor();
  assertEquals(await page.getByLabel("Input", { exact: true }).inputValue(), "hello");
});

browserTest("without JavaScript the answer grows as it comes, too", async (browser) => {
  await using program = await RunningProgram.start(scripted("gate=START"));
  const context = await browser.newContext({ javaScriptEnabled: false });
  const page = await context.newPage();
  await page.goto(`${program.url}/engines/scripted`);
  await page.getByLabel("Input", { exact: true }).fill("spell GATE one <b>two</b>");
  await panel(page).getByRole("button", { name: "Send" }).click({ noWaitAfter: true });
  await page.getByText("Starting", { exact: true }).waitFor();
  await openGate(program, "START");
  const answer = page.getByLabel("Answer", { exact: true }).first();
  await answer.getByText("one", { exact: true }).waitFor();
  await openGate(program, "GATE");
  await answer.getByText("one <b>two</b>", { exact: true }).waitFor();
  await page.getByText(/^First byte after /).waitFor();
  await page.getByLabel("Input", { exact: true }).fill("exit 3");
  await panel(page).getByRole("button", { name: "Send" }).click();
  await page.getByRole("alert").getByText("Engine crashed").waitFor();
  assertEquals(await page.getByLabel("Input", { exact: true }).inputValue(), "exit 3");
  await page.getByRole("link", { name: "Back to scripted" }).click();
  assertStringIncludes(page.url(), "/engines/scripted#try");
  await context.close();
});

browserTest("without JavaScript a file is sent as it is", async (browser) => {
  await using program = await RunningProgram.start(scripted());
  const context = await browser.newContext({ javaScriptEnabled: false });
  const page = await context.newPage();
  await page.goto(`${program.url}/engines/scripted`);
  const buffer = Buffer.from(new TextEncoder().encode("from a file"));
  await page.getByLabel("Or a text file").setInputFiles({
    ...{ name: "note.txt", mimeType: "text/plain" },
    buffer: buffer as never,
  });
  await panel(page).getByRole("button", { name: "Send" }).click();
  await page.getByText("You said: from a file").waitFor();
  await context.close();
});

browserTest(
  "a person who has signed in tries and copies, and the token is in no command",
  async (browser) => {
    const dir = await Deno.makeTempDir({ prefix: "aie-" });
    const { args = [], env = {} } = scripted("", "--token-file", await writeTokens(dir));
    await using program = await RunningProgram.start({ args, env });
    const tab = await Tab.open(browser, program.url);
    const { page } = tab;
    await page.getByLabel("Token").fill(ADMIN);
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByText("Live", { exact: true }).waitFor();
    await page.goto(`${program.url}/engines/scripted`);
    await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
    await panel(page).getByRole("button", { name: "Cancel" }).waitFor();
    await page.getByLabel("Input", { exact: true }).fill("hello");
    await panel(page).getByRole("button", { name: "Send" }).click();
    await panel(page).getByText("You said: hello").waitFor();
    await panel(page).getByRole("button", { name: "Copy as curl" }).click();
    await panel(page).getByRole("button", { name: "Copied" }).waitFor();
    const command = await page.evaluate<string>("navigator.clipboard.readText()");
    assertStringIncludes(command, '"Authorization: Bearer $AI_ENGINE_TOKEN"');
    assertEquals(
      JSON.parse(await paste(command, { AI_ENGINE_TOKEN: ADMIN })).message,
      "You said: hello",
    );
    await Deno.remove(dir, { recursive: true });
  },
);
