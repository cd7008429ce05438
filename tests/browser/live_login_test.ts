/** A login that ends under an open page. */
import { assertEquals } from "@std/assert";
import { bearer, writeTokens } from "../e2e/support/tokens.ts";
import { RunningProgram } from "../support/program.ts";
import { browserTest } from "./support/browser.ts";

const OLD = "a".repeat(40);
const NEW = "b".repeat(40);

browserTest(
  "a token that is taken away ends the streams of open tabs: they ask to sign in",
  async (browser) => {
    const dir = await Deno.makeTempDir({ prefix: "aie-" });
    const path = await writeTokens(dir, `admin ${OLD}\n`);
    const config = `${dir}/config.yaml`;
    await Deno.writeTextFile(config, "engines:\n  builtin:\n    kind: builtin\n", { mode: 0o600 });
    try {
      await using program = await RunningProgram.start({
        args: ["--config", config, "--token-file", path],
      });
      const context = await browser.newContext();
      const tabs = [await context.newPage(), await context.newPage()] as const;
      await tabs[0].goto(program.url);
      await tabs[0].getByLabel("Token").fill(OLD);
      await tabs[0].getByRole("button", { name: "Sign in" }).click();
      await tabs[1].goto(program.url);
      for (const tab of tabs) await tab.getByText("Live", { exact: true }).waitFor();
      await writeTokens(dir, `admin ${NEW}\n`);
      const headers = bearer(OLD);
      const reload = await program.json("/api/config/reload", { method: "POST", headers });
      assertEquals(reload.status, 200);
      // Something happens that the old token may not see any more.
      const start = await program.json("/api/engines/builtin/start", {
        method: "POST",
        headers: bearer(NEW),
      });
      assertEquals(start.status, 200);
      for (const tab of tabs) await tab.getByRole("heading", { name: "Sign in" }).waitFor();
    } finally {
      await Deno.remove(dir, { recursive: true });
    }
  },
);
