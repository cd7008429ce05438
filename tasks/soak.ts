/** `deno task soak`: long runs of the whole program; `--help` says which. Linux only. */
import { parseArgs } from "@std/cli";
import { Yard } from "./bench/yard.ts";
import { runCycles } from "./soak/cycles.ts";
import { idleRows } from "./soak/idle.ts";
import { judgeReport, renderCycles, renderReport } from "./soak/report.ts";
import { runSoak } from "./soak/soak.ts";

const USAGE = `deno task soak [--requests N] [--seed N] [--executable PATH]
    N mixed requests (100,000) through the whole program while its engine is restarted and killed.
    Every one has to be accounted for, and nothing may be left of them. The seed is printed.
deno task soak --cycles N [--executable PATH]
    Starts and stops an engine N times (needs a C compiler); nothing may be left of that.
deno task soak --idle-connections N [--executable PATH]
    What N connections at rest cost.

The program is run from source unless --executable names one. Memory is looked into by V8's inspector,
from source only. Exit code 0: nothing failed.`;

const DEFAULT_REQUESTS = 100_000;
const LARGEST_SEED = 2 ** 31;

async function main(args: string[]): Promise<number> {
  const options = parseArgs(args, {
    boolean: ["help"],
    string: ["requests", "seed", "executable", "cycles", "idle-connections"],
  });
  if (options.help) {
    console.log(USAGE);
    return 0;
  }
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
  if (options.cycles !== undefined) {
    return await goThroughCycles(yard, { ...program, cycles: Number(options.cycles) });
  }
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

async function goThroughCycles(
  yard: Yard,
  options: Omit<Parameters<typeof runCycles>[1], "onProgress">,
): Promise<number> {
  const report = await runCycles(yard, { ...options, onProgress: (line) => console.error(line) });
  console.log(renderCycles(report));
  const faults = judgeReport(report);
  for (const fault of faults) console.log(`FAILED ${fault}`);
  console.log(`${options.cycles} passed, ${faults.length} failed`);
  return faults.length === 0 ? 0 : 1;
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
