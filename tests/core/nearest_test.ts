import { assertEquals } from "@std/assert";
import { nearest } from "../../src/core/mod.ts";

Deno.test("nearest() knows typos from other words", () => {
  const words = ["start", "stop", "restart", "status", "send", "serve", "shutdown", "help"];
  const cases: readonly [string, string | undefined][] = [
    ["strat", "start"],
    ["sart", "start"],
    ["stat", "start"],
    ["stpo", "stop"],
    ["Restart", "restart"],
    ["staus", "status"],
    ["shutdwon", "shutdown"],
    ["hlep", "help"],
    ["kill", undefined],
    ["x", undefined],
    ["", undefined],
    ["s".repeat(100_000), undefined],
  ];
  for (const [word, meant] of cases) assertEquals(nearest(word, words), meant, word.slice(0, 20));
});

Deno.test("nearest() of no candidates is none", () => {
  assertEquals(nearest("start", []), undefined);
});
