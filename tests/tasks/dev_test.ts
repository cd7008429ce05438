import { assertEquals, assertMatch } from "@std/assert";
import { join } from "@std/path";
import { isSource } from "../../tasks/support/watch.ts";
import { makeCheckout } from "./support/checkout.ts";
import { Lines } from "./support/lines.ts";

Deno.test("only what the program is made of calls for a new start", () => {
  for (const path of ["main.ts", "src/web/ui/a.css", "engine/python/ai_engine/app.py"]) {
    assertEquals(isSource(path), true, path);
  }
  const others = ["README.md", "tests/a_test.ts", "tasks/dev.ts", "engine/python/.venv/lib/a.py"];
  for (const path of [...others, "engine/python/ai_engine/__pycache__/a.pyc", "src/a.ts~"]) {
    assertEquals(isSource(path), false, path);
  }
});

/** Says who it is, and how it was told to end. */
const program = (name: string) => `
  for (const osSignal of ["SIGINT", "SIGTERM"] as const) {
    Deno.addSignalListener(osSignal, () => {
      console.log("${name} got", osSignal);
      Deno.exit(osSignal === "SIGINT" ? 7 : 0);
    });
  }
  console.log("${name} runs", ...Deno.args);
  setInterval(() => {}, 1_000);
`;

Deno.test("dev runs the program again after a change, and ends with it", async () => {
  const root = await makeCheckout(program("first"));
  await using child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", join(root, "tasks", "dev.ts"), "--listen", "x"],
    cwd: root,
    env: { AI_ENGINE_PYTHON_DIR: "" },
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const errors = new Lines(child.stderr);
  const output = new Lines(child.stdout);
  await output.until("first runs serve --listen x");
  await Deno.writeTextFile(join(root, "main.ts"), program("second"));
  await output.until("second runs serve --listen x");
  await Deno.writeTextFile(join(root, "src", "new.ts"), program("third"));
  await Deno.writeTextFile(join(root, "main.ts"), 'throw new Error("broken");');
  await errors.until("dev: It ended with code 1. Waiting for a change.");
  await Deno.writeTextFile(join(root, "main.ts"), program("third"));
  await output.until("third runs serve --listen x");
  child.kill("SIGINT");
  assertEquals((await child.status).code, 7);
  const said = await output.rest();
  assertMatch(
    said,
    /first got SIGTERM\nsecond runs.*\nsecond got SIGTERM\nthird runs.*\nthird got SIGINT\n$/,
  );
  assertMatch(await errors.rest(), /There is no .*pyproject\.toml\. The built-in engine is used\./);
  await Deno.remove(root, { recursive: true });
});
