/** A short soak; `deno task soak --requests 1000000` is the long one. */
import { assertEquals } from "@std/assert";
import { Yard } from "../../tasks/bench/yard.ts";
import { judgeReport, renderReport } from "../../tasks/soak/report.ts";
import { runSoak } from "../../tasks/soak/soak.ts";

const REQUESTS = 3_000;
const SEED = 3;

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
