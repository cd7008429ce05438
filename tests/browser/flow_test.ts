/** The whole program in a real browser, with and without JavaScript. */
import { assertEquals, assertMatch } from "@std/assert";
import { RunningProgram } from "../support/program.ts";
import { browserTest } from "./support/browser.ts";

browserTest(
  "a person starts the engine, sends hello, sees the answer and the idle stop",
  async (browser) => {
    await using program = await RunningProgram.start({
      args: ["--engine", "builtin", "--idle-timeout", "2s"],
    });
    const page = await browser.newPage();
    const faults: string[] = [];
    page.on("pageerror", (error) => faults.push(String(error)));
    page.on("console", (message) => message.type() === "error" && faults.push(message.text()));
    await page.goto(program.url);
    await page.getByText("Live", { exact: true }).waitFor();

    await page.getByRole("button", { name: /^Start/ }).click();
    await page.getByText("Ready", { exact: true }).waitFor();
    assertMatch(await page.getByText(/^Stops in \d+:\d\d$/).innerText(), /0:0[0-2]$/);

    const field = page.getByRole("textbox");
    await field.fill("hello");
    await page.getByRole("button", { name: "Send" }).click();
    await page.getByText("You said: hello").waitFor();
    assertEquals(await field.inputValue(), "");

    await page.getByText("Stopped", { exact: true }).waitFor();
    await page.getByText(/Stopped after 2 s without use/).first().waitFor();
    assertEquals(faults, []);
  },
);

browserTest("an input to a stopped engine starts it; Stop stops it", async (browser) => {
  await using program = await RunningProgram.start({ args: ["--engine", "builtin"] });
  const page = await browser.newPage();
  await page.goto(program.url);
  await page.getByText("Live", { exact: true }).waitFor();
  await page.getByRole("textbox").fill("good morning");
  await page.keyboard.press("Enter");
  await page.getByText("You said: good morning").waitFor();
  await page.getByRole("button", { name: /^Stop/ }).click();
  await page.getByText("Stopped", { exact: true }).waitFor();
  const { body } = await program.json("/api/engines/builtin");
  assertEquals([body.state, body.reason], ["stopped", "requested"]);
});

browserTest("everything works with JavaScript off", async (browser) => {
  await using program = await RunningProgram.start({ args: ["--engine", "builtin"] });
  const context = await browser.newContext({ javaScriptEnabled: false });
  const page = await context.newPage();
  await page.goto(program.url);
  await page.getByRole("button", { name: /^Start/ }).click();
  await page.getByText("Ready", { exact: true }).waitFor();
  await page.getByRole("textbox").fill("<b>plain & simple</b>");
  await page.getByRole("button", { name: "Send" }).click();
  await page.getByText("You said: <b>plain & simple</b>").waitFor();
  await page.getByRole("button", { name: /^Stop/ }).click();
  await page.getByText("Stopped", { exact: true }).waitFor();
});

browserTest(
  "the page says when the supervisor is gone",
  async (browser) => {
    const program = await RunningProgram.start({ args: ["--engine", "builtin"] });
    const page = await browser.newPage();
    await page.goto(program.url);
    await page.getByText("Live", { exact: true }).waitFor();
    await program[Symbol.asyncDispose]();
    await page.getByText(/Server stopped|Reconnecting/).first().waitFor();
  },
);

browserTest(
  "an engine that can't be started is told with a remedy and its last lines",
  async (browser) => {
    const dir = await Deno.makeTempDir();
    const engine = `${dir}/broken`;
    await Deno.writeTextFile(engine, "#!/bin/sh\necho no such model >&2\nexit 3\n", {
      mode: 0o755,
    });
    await using program = await RunningProgram.start({ args: ["--engine", engine] });
    const page = await browser.newPage();
    await page.goto(program.url);
    await page.getByText("Live", { exact: true }).waitFor();
    await page.getByRole("button", { name: /^Start/ }).click();
    await page.getByText("Failed", { exact: true }).waitFor();
    await page.getByText("no such model").first().waitFor();
    await page.getByText(/exited with code 3/).first().waitFor();
    await Deno.remove(dir, { recursive: true });
  },
);
