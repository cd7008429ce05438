import { assertEquals, assertStringIncludes } from "@std/assert";
import { lastLines, runCommand, stripColours } from "../../tasks/support/command.ts";

Deno.test("runCommand() keeps both outputs and the code", async () => {
  const { code, output } = await runCommand(["sh", "-c", "echo out; echo err >&2; exit 3"]);
  assertEquals(code, 3);
  assertEquals(output.split("\n").sort(), ["", "err", "out"]);
});

Deno.test("runCommand() adds to the environment and goes to the directory", async () => {
  const options = { cwd: "/", env: { ADDED: "yes" } };
  const { output } = await runCommand(["sh", "-c", 'echo "$PWD $ADDED ${PATH:+path}"'], options);
  assertEquals(output, "/ yes path\n");
});

Deno.test("runCommand() says why a program can't be started", async () => {
  const { code, output } = await runCommand(["/nowhere/at-all"]);
  assertEquals(code, 127);
  assertStringIncludes(output, "/nowhere/at-all");
});

Deno.test("runCommand() kills what takes longer than its limit", async () => {
  const { code } = await runCommand(["sleep", "600"], { limitMs: 20 });
  assertEquals(code, 124);
});

Deno.test("runCommand() does not wait for a stray that holds the output", async () => {
  const { code, output } = await runCommand(["sh", "-c", "sleep 600 & echo $!"]);
  assertEquals(code, 0);
  Deno.kill(Number(output), "SIGKILL");
});

Deno.test("lines are cut from the end, colours taken out", () => {
  assertEquals(lastLines("a\n\nb\nc\n\n", 2), "b\nc");
  assertEquals(stripColours("\x1b[0m\x1b[38;5;245mok\x1b[0m [1m"), "ok [1m");
});
