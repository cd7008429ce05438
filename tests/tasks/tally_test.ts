import { assertEquals } from "@std/assert";
import {
  add,
  NOTHING,
  tallyOfCode,
  tallyOfDeno,
  tallyOfPytest,
} from "../../tasks/support/tally.ts";

Deno.test("tallyOfDeno() takes the summary that counts errors outside of tests", () => {
  const output = [
    "\x1b[38;5;245mrunning 3 tests from ./a_test.ts\x1b[0m",
    "one ... \x1b[32mok\x1b[0m (1ms)",
    'needs "root" ... \x1b[33mignored\x1b[0m (0ms)',
    "Uncaught error from ./b_test.ts FAILED",
    "",
    "\x1b[31mFAILED\x1b[0m | 2 passed (1 step) | 5 failed (1 step) | 1 ignored (161ms)",
    "",
  ].join("\n");
  assertEquals(tallyOfDeno(output, 1), { passed: 2, failed: 5, ignored: ['needs "root"'] });
});

Deno.test("tallyOfDeno() takes the last summary when a test printed one itself", () => {
  const output = "ok | 9 passed | 9 failed (1ms)\n\nok | 1 passed | 0 failed (2ms)\n";
  assertEquals(tallyOfDeno(output, 0), { passed: 1, failed: 0, ignored: [] });
});

Deno.test("a run that ends badly without a summary has failed once", () => {
  assertEquals(tallyOfDeno("error: Module not found", 1).failed, 1);
  assertEquals(tallyOfDeno("ok | 4 passed | 0 failed (2ms)\n", 137).failed, 1);
  assertEquals(tallyOfPytest("ImportError while loading conftest", 4).failed, 1);
  assertEquals(tallyOfPytest("no tests ran in 0.01s", 5).failed, 1);
});

Deno.test("tallyOfPytest() reads the quiet and the framed summary", () => {
  assertEquals(tallyOfPytest(".....\n5 passed in 0.52s\n", 0), { ...NOTHING, passed: 5 });
  assertEquals(
    tallyOfPytest("=== 2 failed, 3 passed, 1 skipped, 1 error in 61.20s (0:01:01) ===", 1),
    { passed: 3, failed: 3, ignored: ["1 of pytest"] },
  );
});

Deno.test("suites add up", () => {
  const sum = add(add(tallyOfCode(0), tallyOfCode(2)), { passed: 3, failed: 0, ignored: ["x"] });
  assertEquals(sum, { passed: 4, failed: 1, ignored: ["x"] });
});
