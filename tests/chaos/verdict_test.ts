import { assertEquals } from "@std/assert";
import type { Answered } from "../../tasks/chaos/exchange.ts";
import { judge } from "../../tasks/chaos/verdict.ts";
import { Tally } from "../../tasks/soak/tally.ts";

const ASK = { kind: "input", id: 1 } as const;

function isFailure(answered: Answered, wasDown: boolean): boolean {
  const tally = new Tally(() => {});
  judge(tally, { ask: ASK, answered, wasDown, where: "a test" });
  assertEquals(tally.passed + tally.failed, 1);
  return tally.failed === 1;
}

const CASES: readonly (readonly [what: string, answered: Answered, fails: "no" | "up" | "yes"])[] =
  [
    ["a whole answer", { kind: "whole" }, "no"],
    ["an error that a trouble explains", { kind: "error", code: "crashed" }, "no"],
    ["a fault of ours", { kind: "error", code: "internal" }, "yes"],
    ["an error that no trouble explains", { kind: "error", code: "bad_request" }, "yes"],
    ["an answer that breaks off", { kind: "cut", begun: true }, "no"],
    ["an end without a byte", { kind: "cut", begun: false }, "up"],
    ["a refused connection", { kind: "refused" }, "up"],
    ["silence", { kind: "silence" }, "yes"],
    ["a wrong answer", { kind: "wrong", why: "other bytes" }, "yes"],
  ];

for (const [what, answered, fails] of CASES) {
  Deno.test(`${what} is a failure: ${fails === "up" ? "unless it was down" : fails}`, () => {
    assertEquals(isFailure(answered, false), fails !== "no");
    assertEquals(isFailure(answered, true), fails === "yes");
  });
}
