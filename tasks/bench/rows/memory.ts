/** What the supervisor takes, and what a stop gives back. PSS out of /proc. */
import { helloReference, startHello } from "../hello.ts";
import { interleave } from "../interleave.ts";
import { readMemory } from "../proc_files.ts";
import { Program, through } from "../program.ts";
import { askOk, INPUT } from "../raw_http.ts";
import { fromSource, inColumns, pickEngine, type Rig, serveArgv, type Subject } from "../rig.ts";
import { type Column, measured, type Row } from "../row.ts";
import { median } from "../stats.ts";
import { formatFigure } from "../table.ts";

/** After which a process is taken to have settled. */
const SETTLE_MS = 1_000;

/** Engines smaller than this may leave {@linkcode SMALL_REST_MIB} behind; larger ones 5 %. */
const SMALL_ENGINE_MIB = 80;
const SMALL_REST_MIB = 4;
const REST_SHARE = 0.05;

/** The supervisor with no engine started, beside a one-line `Deno.serve`. */
export async function supervisorMemoryRow(rig: Rig): Promise<Row> {
  return {
    quantity: "memory of the supervisor alone (PSS)",
    unit: "MiB",
    target: { kind: "at_most", limit: 64 },
    ...await inUnsharedColumns(rig, (subject, deno) => measureAlone(rig, subject, deno)),
  };
}

async function measureAlone(rig: Rig, subject: Subject, deno: string): Promise<Column> {
  const { yard, isQuick } = rig;
  const engine = await pickEngine("builtin", { rig, subject });
  const rss: number[] = [];
  const used: number[] = [];
  const { ours, bare } = await interleave({
    ours: async () => {
      await using program = await Program.start(yard, serveArgv(subject, engine));
      const memory = await settledMemory(program);
      rss.push(memory.rss);
      await program.change("builtin", "start");
      await program.change("builtin", "stop");
      used.push((await settledMemory(program)).pss);
      return [memory.pss];
    },
    bare: async () => {
      if (subject.kind === "executable") return [];
      await using program = await startHello(yard, deno);
      return [(await settledMemory(program)).pss];
    },
  }, { rounds: isQuick ? 2 : 7, warmUps: 0 });
  return measured(ours, {
    references: [helloReference(subject, bare)],
    detail: `RSS ${formatFigure(median(rss))} MiB; ` +
      `after a start and a stop ${formatFigure(median(used))} MiB`,
  });
}

/** One look at the three moments of a cycle, MiB. */
interface Cycle {
  readonly before: number;
  readonly loaded: number;
  readonly after: number;
}

/** What stays of an engine's memory after its stop. */
export async function givenBackRow(rig: Rig, name: "python" | "builtin"): Promise<Row> {
  let limit = SMALL_REST_MIB;
  const columns = await inUnsharedColumns(rig, async (subject) => {
    const engine = await pickEngine(name, { rig, subject });
    await using program = await Program.start(rig.yard, serveArgv(subject, engine));
    await runCycle(program, name);
    const cycles: Cycle[] = [];
    while (cycles.length < (rig.isQuick ? 2 : 7)) cycles.push(await runCycle(program, name));
    if (subject.kind === "source") limit = limitOf(cycles);
    return toColumn(cycles);
  });
  const title = name === "python" ? "Python engine" : "built-in engine";
  return {
    quantity: `memory kept after a stop, supervisor and ${title} (PSS, after − before)`,
    unit: "MiB",
    target: { kind: "at_most", limit },
    ...columns,
  };
}

async function runCycle(program: Program, name: string): Promise<Cycle> {
  const before = (await settledMemory(program)).pss;
  await program.change(name, "start");
  await askOk(program.address, through(name, INPUT));
  const supervisor = (await settledMemory(program)).pss;
  const { pid } = await program.facts(name);
  if (pid === null) throw new Error(`${name} has no process`);
  const loaded = supervisor + (await readMemory(pid)).pss;
  await program.change(name, "stop");
  return { before, loaded, after: (await settledMemory(program)).pss };
}

function toColumn(cycles: readonly Cycle[]): Column {
  const middle = (pick: (cycle: Cycle) => number) => median(cycles.map(pick));
  const back = middle(({ before, loaded, after }) => 100 * (loaded - after) / (loaded - before));
  const moments = [middle((c) => c.before), middle((c) => c.loaded), middle((c) => c.after)];
  const [before = "", loaded = "", after = ""] = moments.map(formatFigure);
  return measured(cycles.map((cycle) => cycle.after - cycle.before), {
    detail: `before ${before}, loaded ${loaded}, after ${after}: ${back.toFixed(1)} % is back`,
  });
}

/** 95 % has to come back; of a small engine all but 4 MiB is enough. */
function limitOf(cycles: readonly Cycle[]): number {
  const engineMib = median(cycles.map(({ before, loaded }) => loaded - before));
  return engineMib < SMALL_ENGINE_MIB ? SMALL_REST_MIB : Math.round(engineMib * REST_SHARE);
}

async function settledMemory(program: Program) {
  await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
  return await readMemory(program.process.pid);
}

/**
 * Columns of which the one from source runs on a copy of Deno: the bench itself and whatever else
 * runs on this Deno would share pages with it and make its share smaller. The copy is read from the
 * disk again, as any installed program: of a file that was just written the kernel keeps larger pieces,
 * and maps about 4 MiB more of it than is used.
 */
async function inUnsharedColumns(
  rig: Rig,
  measure: (subject: Subject, deno: string) => Promise<Column>,
): Promise<Pick<Row, "source" | "executable">> {
  const deno = await rig.yard.file("deno");
  await Deno.copyFile(Deno.execPath(), deno);
  await forgetPages(deno);
  const source = fromSource(deno);
  return await inColumns(
    rig,
    (subject) => measure(subject.kind === "source" ? source : subject, deno),
  );
}

/** Has the kernel drop what it keeps of a file in memory. */
async function forgetPages(path: string): Promise<void> {
  const args = [`of=${path}`, "oflag=nocache", "conv=notrunc,fdatasync", "count=0"];
  const { success, stderr } = await new Deno.Command("dd", { args }).output();
  if (!success) throw new Error(`dd: ${new TextDecoder().decode(stderr)}`);
}
