import { assertEquals } from "@std/assert";
import type { Answered } from "../../tasks/chaos/exchange.ts";
import { type Case, judge } from "../../tasks/chaos/verdict.ts";
import { Tally } from "../../tasks/soak/tally.ts";

const ASK = { kind: "input", id: 1, engine: "e" } as const;

function isFailure(one: Pick<Case, "answered" | "wasDown"> & Partial<Case>): boolean {
  const tally = new Tally(() => {});
  judge(tally, { ask: ASK, character: "bad", where: "a test", ...one });
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
    assertEquals(isFailure({ answered, wasDown: false }), fails !== "no");
    assertEquals(isFailure({ answered, wasDown: true }), fails === "yes");
  });
}

for (const character of ["steady", "renewed"] as const) {
  Deno.test(`of an engine that is ${character} only a whole answer will do, unless it was down`, () => {
    const ends: readonly Answered[] = [
      { kind: "error", code: "crashed" },
      { kind: "error", code: "backoff" },
      { kind: "cut", begun: true },
      { kind: "cut", begun: false },
      { kind: "refused" },
    ];
    for (const answered of ends) {
      assertEquals(isFailure({ character, answered, wasDown: false }), true);
      assertEquals(isFailure({ character, answered, wasDown: true }), false);
    }
    assertEquals(isFailure({ character, answered: { kind: "whole" }, wasDown: false }), false);
    const internal = { kind: "error", code: "internal" } as const;
    assertEquals(isFailure({ character, answered: internal, wasDown: true }), true);
  });
}

Deno.test("only an engine that is not always there may be unknown", () => {
  for (const code of ["unknown_engine", "unknown_model"]) {
    const one = { answered: { kind: "error", code }, wasDown: false } as const;
    assertEquals(isFailure({ ...one, character: "passing" }), false);
    assertEquals(isFailure({ ...one, character: "bad" }), true);
    assertEquals(isFailure({ ...one, character: "steady" }), true);
  }
});

Deno.test("a reload of a bad file has to be refused as that, one of a good file is not", () => {
  const whole: Answered = { kind: "whole", text: "{}" };
  const invalid: Answered = { kind: "error", code: "config_invalid" };
  for (const isGood of [true, false]) {
    const one = {
      ask: { kind: "reload", id: 1, isGood },
      character: "steady",
      wasDown: false,
    } as const;
    assertEquals(isFailure({ ...one, answered: whole }), !isGood);
    assertEquals(isFailure({ ...one, answered: invalid }), isGood);
  }
});
