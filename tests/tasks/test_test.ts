import { assertEquals, assertMatch } from "@std/assert";
import { join } from "@std/path";
import { runCommand } from "../../tasks/support/command.ts";
import { makeCheckout } from "./support/checkout.ts";

/** Runs the test task in a checkout without a Python engine; any program is browser enough. */
async function runTests(body: string, ci: "true" | "") {
  const root = await makeCheckout("");
  try {
    await Deno.mkdir(join(root, "tests"));
    await Deno.writeTextFile(join(root, "tests", "a_test.ts"), body);
    const env = { CI: ci, AI_ENGINE_TEST_BROWSER: "/bin/true", NO_COLOR: "1" };
    const { code, output } = await runCommand(
      [Deno.execPath(), "run", "-A", join(root, "tasks", "test.ts")],
      { cwd: root, env },
    );
    return { code, output, last: output.trimEnd().split("\n").at(-1) };
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

Deno.test("test names what it skipped, and adds up in its last line", async () => {
  const body = `
    Deno.test("a", () => {});
    Deno.test({ name: "needs root", ignore: true, fn() {} });
    Deno.test("b", () => {
      if (Deno.env.get("AI_ENGINE_TEST_BROWSER") !== "/bin/true") throw new Error("no browser");
      if (Deno.env.has("AI_ENGINE_TEST_PYTHON_DIR")) throw new Error("a missing part is told");
    });
  `;
  const { code, output, last } = await runTests(body, "");
  assertMatch(output, /^skipped: Python engine\. There is no .*pyproject\.toml\.$/m);
  assertMatch(output, /^skipped: needs root$/m);
  assertEquals(last, "2 passed, 0 failed");
  assertEquals(code, 0);
});

Deno.test("test fails under CI when a part is missing", async () => {
  const { code, output, last } = await runTests('Deno.test("a", () => {});', "true");
  assertMatch(output, /^MISSING: Python engine\./m);
  assertEquals(last, "1 passed, 1 failed");
  assertEquals(code, 1);
});

Deno.test("test fails when a test leaks", async () => {
  const body = 'Deno.test("a", async () => { await Deno.open("."); });';
  const { code, output, last } = await runTests(body, "");
  assertMatch(output, /Leaks detected/);
  assertEquals(last, "0 passed, 1 failed");
  assertEquals(code, 1);
});
