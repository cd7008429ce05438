/** `deno task chaos --minutes N [--seed N] [--executable PATH]`; `--help` says the rest. Linux only. */
import { parseArgs } from "@std/cli";
import { Yard } from "./bench/yard.ts";
import { runChaos } from "./chaos/chaos.ts";
import { KINDS } from "./chaos/kinds.ts";
import { renderReport } from "./chaos/report.ts";
import { executableName, isTarget } from "./support/targets.ts";
import { inRoot } from "./support/root.ts";

const DEFAULT_MINUTES = 2;
const LARGEST_SEED = 2 ** 31;

const HELP = `deno task chaos [--minutes N] [--seed N] [--executable PATH | --source]

Four supervisors side by side. Two have one engine, which draws anew at each start in which of
${KINDS.length} ways it is bad:
${KINDS.join(", ")}.
The two others have a configuration file with seven: bad ones, one of them with replicas, two that
exclude each other, one that comes and goes with reloads, and two that serve well, of which reloads
change one. There is a memory budget, too small for all of them.

Meanwhile 200 requests a second go through /upstream, /v1 and /input, and engines, helpers,
supervisors and both at once are killed, and configurations are read again, bad ones among them; two
of the supervisors are spared to be compared with themselves.

  --minutes N        how long, fractions too (${DEFAULT_MINUTES})
  --seed N           for the same requests, engines and troubles again; when they meet is chance
  --executable PATH  the program (dist/ai-engine-TARGET if it was built, else from source)
  --source           the program from source, though there is an executable

The last line is \`N passed, N failed\`. One is counted for each request: it passes when it ends within
its deadline with a whole and right answer, an error of ours that troubles explain, or a visible cut; of
engines that serve well only with a whole answer, unless their supervisor was ended meanwhile. And one for
each check: no orphan 1 s after a kill of the supervisor (after the next start when its helper was
killed, too), another helper after a kill, no more instances at a time than there may be, what each
reload does and what it leaves alone, and at the end no process, no runtime file, descriptors and memory
as after the warm-up. The exit code is 0 when none failed.`;

async function main(args: string[]): Promise<number> {
  const options = parseArgs(args, {
    string: ["minutes", "seed", "executable"],
    boolean: ["help", "source"],
  });
  if (options.help) {
    console.log(HELP);
    return 0;
  }
  const minutes = Number(options.minutes ?? DEFAULT_MINUTES);
  const seed = Number(options.seed ?? Math.floor(Math.random() * LARGEST_SEED));
  if (!(minutes > 0) || !Number.isInteger(seed)) {
    console.error("--minutes takes a number above 0, --seed a whole one.");
    return 2;
  }
  const program = options.source ? fromSource() : await findProgram(options.executable);
  console.log(`seed ${seed}, ${minutes} min, ${program.join(" ")}`);
  await using yard = new Yard();
  // What was started goes with the chaos, also when it is interrupted.
  const exit = () => Deno.exit(130);
  for (const osSignal of ["SIGINT", "SIGTERM"] as const) {
    Deno.addSignalListener(osSignal, () => {
      yard[Symbol.asyncDispose]().then(exit, exit);
    });
  }
  const report = await runChaos(yard, {
    durationMs: minutes * 60_000,
    seed,
    program,
    onProgress: (line) => console.error(line),
    onFailure: (line) => console.log(`FAILED ${line}`),
  });
  console.log(renderReport(report));
  const { passed, failed } = report.tally;
  console.log(`${passed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}

function fromSource(): readonly string[] {
  return [Deno.execPath(), "run", "--quiet", "-A", inRoot("main.ts")];
}

async function findProgram(given: string | undefined): Promise<readonly string[]> {
  if (given !== undefined) return [await Deno.realPath(given)];
  const { target } = Deno.build;
  const built = isTarget(target) ? inRoot("dist", executableName(target)) : undefined;
  if (built === undefined) return fromSource();
  return await Deno.stat(built).then(() => [built], fromSource);
}

if (import.meta.main) Deno.exit(await main(Deno.args));
