/** Signing in and out in a real browser, with and without JavaScript. */
import { assertEquals, assertMatch } from "@std/assert";
import type { Browser, BrowserContextOptions } from "playwright-core";
import { ADMIN, INFERENCE, writeTokens } from "../e2e/support/tokens.ts";
import { RunningProgram } from "../support/program.ts";
import { checkAccess } from "./support/axe.ts";
import { browserTest } from "./support/browser.ts";
import { Tab } from "./support/tab.ts";

/** A test of a program that asks for tokens. */
function loginTest(
  name: string,
  use: (browser: Browser, program: RunningProgram) => Promise<void>,
): void {
  browserTest(name, async (browser) => {
    const dir = await Deno.makeTempDir({ prefix: "aie-" });
    try {
      const args = ["--engine", "builtin", "--token-file", await writeTokens(dir)];
      await using program = await RunningProgram.start({ args });
      await use(browser, program);
    } finally {
      await Deno.remove(dir, { recursive: true });
    }
  });
}

/** The page to sign in on; the browser itself logs its 401. */
async function openLogin(browser: Browser, url: string, options: BrowserContextOptions = {}) {
  const tab = await Tab.open(browser, url, options);
  await tab.page.getByRole("heading", { name: "Sign in" }).waitFor();
  tab.faults.length = 0;
  return tab;
}

async function signIn({ page }: Tab, token: string): Promise<void> {
  await page.getByLabel("Token").fill(token);
  await page.getByRole("button", { name: "Sign in" }).click();
}

loginTest(
  "a person signs in, works with the engine live, and signs out",
  async (browser, program) => {
    const tab = await openLogin(browser, program.url);
    const { page } = tab;
    await signIn(tab, ADMIN);
    await page.getByText("Live", { exact: true }).waitFor();
    await page.getByRole("textbox", { name: "Input" }).fill("hello");
    await page.keyboard.press("Enter");
    await page.getByText("You said: hello").waitFor();
    await tab.state("Ready");
    assertEquals(await page.evaluate<string>("document.cookie"), "");
    assertEquals(tab.faults, []);
    assertEquals(tab.requests.filter((url) => url.includes(ADMIN)), []);
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.getByRole("heading", { name: "Sign in" }).waitFor();
    assertEquals(new URL(page.url()).pathname, "/login");
    await page.goto(program.url);
    await page.getByRole("heading", { name: "Sign in" }).waitFor();
  },
);

loginTest("without JavaScript all of it works, too", async (browser, program) => {
  const tab = await openLogin(browser, program.url, { javaScriptEnabled: false });
  const { page } = tab;
  await signIn(tab, "a wrong one");
  await page.getByRole("alert").getByText("This is none of the tokens").waitFor();
  await signIn(tab, ADMIN);
  await page.getByRole("button", { name: /^Start/ }).click();
  await page.getByText("Ready", { exact: true }).waitFor();
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByRole("heading", { name: "Sign in" }).waitFor();
});

loginTest(
  "an inference token opens what engines serve, not the pages",
  async (browser, program) => {
    const tab = await openLogin(browser, program.url);
    await signIn(tab, INFERENCE);
    await tab.page.getByRole("alert").getByText("with a token for inference").waitFor();
    await tab.page.goto(`${program.url}/upstream/builtin/health`);
    assertEquals(await tab.page.innerText("body"), '{"status":"ok"}');
    await tab.page.goto(program.url);
    await tab.page.getByRole("alert").getByText("is for inference").waitFor();
  },
);

loginTest("a page whose login ends becomes the page to sign in on", async (browser, program) => {
  const tab = await openLogin(browser, program.url);
  const { page } = tab;
  await signIn(tab, ADMIN);
  await page.getByText("Live", { exact: true }).waitFor();
  await page.context().clearCookies();
  // The stream ends as it does when the program is started anew with other tokens.
  const port = new URL(program.url).port;
  const { runtimeDir } = program;
  program.signal("SIGTERM");
  await program.ended();
  await page.getByText("Server stopped").waitFor();
  const dir = await Deno.makeTempDir({ prefix: "aie-" });
  try {
    await using _again = await RunningProgram.start({
      args: ["--engine", "builtin", "--token-file", await writeTokens(dir)],
      listen: [`127.0.0.1:${port}`],
      runtimeDir,
    });
    await page.getByRole("heading", { name: "Sign in" }).waitFor();
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});

loginTest(
  "a page of another port of this host gets nothing with the login",
  async (browser, program) => {
    const tab = await openLogin(browser, program.url);
    await signIn(tab, ADMIN);
    await tab.page.getByText("Live", { exact: true }).waitFor();
    const foreign = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen() {} },
      () =>
        new Response("<!doctype html><title>x</title>", {
          headers: { "content-type": "text/html" },
        }),
    );
    try {
      const page = await tab.page.context().newPage();
      await page.goto(`http://127.0.0.1:${foreign.addr.port}/`);
      const outcomes = await page.evaluate<string[]>(`Promise.all([
      fetch("${program.url}/api/engines", { credentials: "include" }),
      fetch("${program.url}/api/engines", { credentials: "include", mode: "no-cors" })
        .then((response) => { throw new Error(response.type); }),
      fetch("${program.url}/api/engines/builtin/start", {
        method: "POST", credentials: "include", mode: "no-cors",
      }).then((response) => { throw new Error(response.type); }),
      new Promise((_resolve, reject) => {
        const source = new EventSource("${program.url}/api/events", { withCredentials: true });
        source.onerror = () => reject(new Error("closed"));
      }),
    ].map((one) => one.then(() => "read", (error) => error.message)))`);
      assertEquals(outcomes.includes("read"), false, outcomes.join());
      assertMatch(outcomes.join(), /closed/);
      await page.close();
    } finally {
      await foreign.shutdown();
    }
    const { stdout } = await program.run(["status", "--json"]);
    const [engine] = JSON.parse(stdout).engines;
    assertEquals([engine.state, engine.reason], ["stopped", null]);
  },
);

loginTest(
  "an engine's page under another name can't act for an admin",
  async (browser, program) => {
    const tab = await openLogin(browser, program.url.replace("127.0.0.1", "localhost"));
    const { page } = tab;
    await signIn(tab, ADMIN);
    await page.getByText("Live", { exact: true }).waitFor();
    await page.goto(program.url);
    await signIn(tab, INFERENCE);
    await page.getByRole("alert").getByText("with a token for inference").waitFor();
    await page.goto(`${program.url}/upstream/builtin/health`);
    const ask = (url: string) =>
      page.evaluate<string>(
        `fetch("${url}", { credentials: "include" }).then((answer) => String(answer.status), String)`,
      );
    assertEquals(await ask("/upstream/builtin/health"), "200");
    assertEquals(await ask("/api/engines"), "403");
    const other = new URL("/api/engines", program.url.replace("127.0.0.1", "localhost"));
    assertMatch(await ask(other.href), /Failed to fetch/);
  },
);

const LOOKS = (["light", "dark"] as const).flatMap((colorScheme) =>
  [1280, 320].map((width) => ({ colorScheme, viewport: { width, height: 800 } }))
);

for (const look of LOOKS) {
  const name = `${look.colorScheme}, ${look.viewport.width} px`;

  loginTest(`axe finds nothing where people sign in and out: ${name}`, async (browser, program) => {
    const tab = await openLogin(browser, program.url, { ...look, reducedMotion: "reduce" });
    const assertFine = async (where: string) => {
      const { violations, undecided } = await checkAccess(tab.page);
      assertEquals([...violations, ...undecided], [], `${where}, ${name}`);
      assertEquals(await tab.scrollWidth(), look.viewport.width, `${where}: scrolls sideways`);
    };
    await assertFine("401");
    await signIn(tab, "a wrong one");
    await tab.page.getByRole("alert").getByText("none of the tokens").waitFor();
    await assertFine("a wrong token");
    await signIn(tab, INFERENCE);
    await tab.page.getByRole("button", { name: "Sign out" }).waitFor();
    await assertFine("an inference token");
    await signIn(tab, ADMIN);
    await tab.page.getByText("Live", { exact: true }).waitFor();
    await assertFine("the page of who has signed in");
  });
}

loginTest("a person signs in by keyboard alone", async (browser, program) => {
  const { page } = await openLogin(browser, program.url);
  for (let i = 0; i < 3; i++) await page.keyboard.press("Tab");
  await page.keyboard.type(ADMIN);
  await page.keyboard.press("Enter");
  await page.getByText("Live", { exact: true }).waitFor();
});
