/**
 * `deno task soak --requests N [--seed N] [--executable PATH]`: mixed requests through the whole
 * program while its engine is restarted and killed; every one has to be accounted for, and nothing
 * may be left of them. `deno task soak --idle-connections N` measures what a connection at rest
 * costs. Linux only.
 */
import { parseArgs } from "@std/cli";
import { Yard } from "./bench/yard.ts";
import { idleRows } from "./soak/idle.ts";
import { judgeReport, renderReport } from "./soak/report.ts";
import { runSoak } from "./soak/soak.ts";

const DEFAULT_REQUESTS = 100_000;
const LARGEST_SEED = 2 ** 31;

async function main(args: string[]): Promise<number> {
  const options = parseArgs(args, {
    string: ["requests", "seed", "executable", "idle-connections"],
  });
  const { executable } = options;
  const program = executable === undefined ? {} : { executable };
  const idle = options["idle-connections"];
  await using yard = new Yard();
  // What was started goes with the soak, also when it is interrupted.
  const exit = () => Deno.exit(130);
  Deno.addSignalListener("SIGINT", () => {
    yard[Symbol.asyncDispose]().then(exit, exit);
  });
  if (idle !== undefined) return await measureIdle(yard, { ...program, connections: Number(idle) });
  const seed = Number(options.seed ?? Math.floor(Math.random() * LARGEST_SEED));
  const report = await runSoak(yard, {
    ...program,
    requests: Number(options.requests ?? DEFAULT_REQUESTS),
    seed,
    onProgress: (line) => console.error(line),
    onFailure: (line) => console.log(`FAILED ${line}`),
  });
  console.log(`seed ${seed}\n${renderReport(report)}`);
  const faults = judgeReport(report);
  for (const fault of faults) console.log(`FAILED ${fault}`);
  const failed = report.tally.failed + faults.length;
  console.log(`${report.tally.passed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}

async function measureIdle(yard: Yard, options: Parameters<typeof idleRows>[1]): Promise<number> {
  let failed = 0;
  let passed = 0;
  for await (const { line, isWithinLimit } of idleRows(yard, options)) {
    console.log(line);
    if (isWithinLimit) passed++;
    else failed++;
  }
  console.log(`${passed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}

if (import.meta.main) Deno.exit(await main(Deno.args));
