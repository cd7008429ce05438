import { assertEquals, assertRejects } from "@std/assert";
import { SpawnError } from "../../src/core/mod.ts";
import { runShortProcess } from "../../src/platform/mod.ts";

function run(script: string, { limitMs = 30_000, maxBytes = 1_000 } = {}) {
  return runShortProcess(["sh", "-c", script], { limitMs, maxBytes });
}

Deno.test("what a short process prints is what comes of it", async () => {
  assertEquals(await run("printf 'grüße'"), { kind: "done", output: "grüße" });
  assertEquals(await run("exit 3"), { kind: "failed", code: 3 });
  assertEquals(await run("printf 12345", { maxBytes: 5 }), { kind: "done", output: "12345" });
});

Deno.test("a short process that takes too long is killed", async () => {
  assertEquals(await run("exec sleep 1000", { limitMs: 50 }), { kind: "too_long" });
});

Deno.test("a short process that prints too much is killed", async () => {
  assertEquals(await run("exec yes"), { kind: "too_much" });
});

Deno.test("a program that is not there is a spawn error", async () => {
  const options = { limitMs: 30_000, maxBytes: 1 };
  await assertRejects(() => runShortProcess(["/nowhere/at/all"], options), SpawnError);
});
