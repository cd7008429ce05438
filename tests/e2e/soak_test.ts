/** Short soaks; `deno task soak --requests 1000000` and `--cycles 10000` are the long ones. */
import { assertEquals } from "@std/assert";
import { Yard } from "../../tasks/bench/yard.ts";
import { runCycles } from "../../tasks/soak/cycles.ts";
import { judgeReport, renderCycles, renderReport } from "../../tasks/soak/report.ts";
import { runSoak } from "../../tasks/soak/soak.ts";
import { works } from "./support/harness.ts";

const REQUESTS = 3_000;
const SEED = 3;
const CYCLES = 60;

Deno.test({
  name: "starts and stops leave no descriptor, no connection and nobody held",
  ignore: !works("cc", "--version"),
  async fn() {
    const executable = Deno.env.get("AI_ENGINE_E2E_EXECUTABLE");
    await using yard = new Yard();
    const report = await runCycles(yard, {
      ...executable === undefined ? {} : { executable },
      cycles: CYCLES,
      onProgress: () => {},
    });
    // What grows with the first of them is no leak.
    assertEquals(judgeReport({ ...report, memory: null }), [], renderCycles(report));
  },
});

Deno.test("every mixed request is accounted for while its engine is restarted and killed", async () => {
  const executable = Deno.env.get("AI_ENGINE_E2E_EXECUTABLE");
  const failures: string[] = [];
  await using yard = new Yard();
  const report = await runSoak(yard, {
    ...executable === undefined ? {} : { executable },
    requests: REQUESTS,
    seed: SEED,
    onProgress: () => {},
    onFailure: (line) => failures.push(line),
  });
  assertEquals([...failures, ...judgeReport(report)], [], renderReport(report));
  assertEquals(report.tally.passed, REQUESTS);
  // Under this seed the first three troubles are one of each kind.
  assertEquals([...report.troubles.counts.keys()].sort(), ["kill", "restart", "stop"]);
});
