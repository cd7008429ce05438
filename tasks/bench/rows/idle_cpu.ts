/** What the supervisor costs while nobody does anything. */
import { startHello } from "../hello.ts";
import { readCpuMs } from "../proc_files.ts";
import { Program } from "../program.ts";
import { inColumns, pickEngine, type Rig, serveArgv } from "../rig.ts";
import { measured, reference, type Row } from "../row.ts";

const ENGINE = "python";

/** After which a start is over for the processor, too: V8 collects what it left half a minute later. */
const SETTLE_MS = 40_000;

/** utime + stime while one engine runs and is looked at once a second. */
export async function idleCpuRow(rig: Rig): Promise<Row> {
  const seconds = rig.isQuick ? 10 : 60;
  const columns = await inColumns(rig, async (subject) => {
    const engine = await pickEngine(ENGINE, { rig, subject });
    await using bare = await startHello(rig.yard);
    await using program = await Program.start(rig.yard, serveArgv(subject, engine));
    await program.change(ENGINE, "start");
    await pause(SETTLE_MS);
    const pids = [program.process.pid, bare.process.pid];
    const before = await Promise.all(pids.map(readCpuMs));
    const begun = performance.now();
    await pause(seconds * 1_000);
    const after = await Promise.all(pids.map(readCpuMs));
    const passedMs = performance.now() - begun;
    const shares = after.map((ms, at) => 100 * (ms - before[at]!) / passedMs);
    const [ours = NaN, idle = NaN] = shares;
    return measured([ours], { references: [reference("one-line `Deno.serve`", [idle])] });
  });
  return {
    quantity: `processor of the supervisor over ${seconds} idle seconds with the Python engine ` +
      "running (share of a core)",
    unit: "%",
    target: { kind: "at_most", limit: 0.2 },
    ...columns,
  };
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
