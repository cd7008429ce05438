/** What is the same for every bench: its command line, its end, and its place in the page. */
import { parseArgs } from "@std/cli";
import { runCommand } from "../support/command.ts";
import { showProgress } from "../support/progress.ts";
import { inRoot } from "../support/root.ts";
import { describeMachine } from "./machine.ts";
import { replaceFigures } from "./page.ts";
import { Yard } from "./yard.ts";

export interface RigOptions {
  /** Fewer and shorter rounds. */
  readonly isQuick: boolean;
  /** The executable to measure. @default the one in dist/ for this machine */
  readonly executable?: string;
}

export interface Bench<Rig, Found> {
  /** Its name for `deno task`. */
  readonly task: string;
  /** Sets up what the rows measure with. */
  readonly setUp: (yard: Yard, options: RigOptions) => Promise<Rig>;
  /** What can be named, and measures it. */
  readonly rows: Readonly<Record<string, (rig: Rig) => Promise<Found>>>;
  /** The table, in Markdown. */
  readonly render: (found: readonly Found[]) => string;
}

interface Wanted {
  readonly names: readonly string[];
  readonly isQuick: boolean;
  readonly isWritten: boolean;
  readonly executable: string | undefined;
}

const PAGE = inRoot("docs", "performance.md");

/**
 * Measures what `args` ask for and prints it; gives the exit code. Whatever ends the bench, all it has
 * started ends first.
 */
export async function runBench<Rig, Found>(
  args: readonly string[],
  bench: Bench<Rig, Found>,
): Promise<number> {
  const rows = Object.keys(bench.rows);
  if (args.includes("--help")) {
    console.log(usage(bench.task, rows));
    return 0;
  }
  const wanted = parseWanted(args, rows);
  if (typeof wanted === "string") {
    console.error(`${bench.task}: ${wanted}`);
    return 2;
  }
  await using yard = new Yard();
  const { promise: told, resolve } = Promise.withResolvers<number>();
  for (const osSignal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    Deno.addSignalListener(osSignal, () => resolve(130));
  }
  return await Promise.race([measureAll(yard, bench, wanted), told]);
}

async function measureAll<Rig, Found>(
  yard: Yard,
  bench: Bench<Rig, Found>,
  { names, isQuick, isWritten, executable }: Wanted,
): Promise<number> {
  const rig = await bench.setUp(yard, {
    isQuick,
    ...(executable === undefined ? {} : { executable }),
  });
  const found: Found[] = [];
  for (const name of names) {
    const measure = bench.rows[name];
    if (measure === undefined) throw new RangeError(`no row ${name}`);
    found.push(await showProgress(`Measuring ${name}`, () => measure(rig)));
  }
  const quick = "Measured with `--quick`: few and short rounds, no figures to rely on.\n\n";
  const figures = `${await describeMachine()}\n${isQuick ? quick : ""}${bench.render(found)}`;
  console.log(figures);
  if (isWritten) await writePage(figures, bench.task);
  return 0;
}

async function writePage(figures: string, task: string): Promise<void> {
  await Deno.writeTextFile(PAGE, replaceFigures(await Deno.readTextFile(PAGE), { figures, task }));
  await runCommand([Deno.execPath(), "fmt", "--quiet", PAGE]);
}

function usage(task: string, rows: readonly string[]): string {
  return [
    `deno task ${task} [--quick] [--write] [--executable PATH] [ROW…]`,
    "    Measures all rows, or those named, and prints their table.",
    "    --quick            fewer and shorter rounds: no figures to rely on",
    "    --write            puts the whole table into docs/performance.md",
    "    --executable PATH  measures that one too, not the one in dist/",
    `Rows: ${rows.join(", ")}`,
  ].join("\n");
}

function parseWanted(args: readonly string[], rows: readonly string[]): Wanted | string {
  const flags = parseArgs([...args], { boolean: ["quick", "write"], string: ["executable"] });
  const { _: given, quick, write, executable, ...others } = flags;
  const names = given.map(String);
  const unknown = [
    ...Object.keys(others).map((flag) => `--${flag}`),
    ...names.filter((name) => !rows.includes(name)),
  ];
  if (unknown.length > 0) return `unknown: ${unknown.join(", ")}. Rows: ${rows.join(", ")}`;
  if (write && names.length > 0) return "--write writes the whole table: name no rows";
  return {
    names: names.length > 0 ? names : rows,
    isQuick: quick,
    isWritten: write,
    executable,
  };
}
