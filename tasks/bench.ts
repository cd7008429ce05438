/**
 * `deno task bench [--quick] [--write] [--executable PATH] [ROW…]`: measures, and prints the table of
 * docs/performance.md, or the named rows of it. Nothing is asserted: what is missed is said there.
 * `--write` puts the table into the page.
 */
import { parseArgs } from "@std/cli";
import { describeMachine } from "./bench/machine.ts";
import { replaceFigures } from "./bench/page.ts";
import { INPUT, STATUS } from "./bench/raw_http.ts";
import { type Rig, setUpRig } from "./bench/rig.ts";
import type { Row } from "./bench/row.ts";
import { controlApiRow } from "./bench/rows/control_api.ts";
import { displayRow } from "./bench/rows/display.ts";
import { idleCpuRow } from "./bench/rows/idle_cpu.ts";
import { keptRow } from "./bench/rows/kept_connection.ts";
import { listeningRow } from "./bench/rows/listening.ts";
import { givenBackRow, supervisorMemoryRow } from "./bench/rows/memory.ts";
import { oneCoreRow } from "./bench/rows/one_core.ts";
import { readyRow, restartRow } from "./bench/rows/spawn.ts";
import { renderTable } from "./bench/table.ts";
import { Yard } from "./bench/yard.ts";
import { runCommand } from "./support/command.ts";
import { showProgress } from "./support/progress.ts";
import { inRoot } from "./support/root.ts";

/** What can be named, and measures it. */
const ROWS: Readonly<Record<string, (rig: Rig) => Promise<Row>>> = {
  "ready-python": (rig) => readyRow(rig, "python"),
  "ready-builtin": (rig) => readyRow(rig, "builtin"),
  "restart": restartRow,
  "kept-status": (rig) => keptRow(rig, STATUS),
  "kept-input": (rig) => keptRow(rig, INPUT),
  "one-core": oneCoreRow,
  "api-status": (rig) => controlApiRow(rig, "status"),
  "api-input": (rig) => controlApiRow(rig, "input"),
  "display": displayRow,
  "back-python": (rig) => givenBackRow(rig, "python"),
  "back-builtin": (rig) => givenBackRow(rig, "builtin"),
  "memory": supervisorMemoryRow,
  "idle": idleCpuRow,
  "listening": listeningRow,
};

const PAGE = inRoot("docs", "performance.md");

interface Wanted {
  readonly names: readonly string[];
  readonly isQuick: boolean;
  readonly isWritten: boolean;
  readonly executable: string | undefined;
}

/** Measures and prints; gives the exit code. */
async function bench(yard: Yard, wanted: Wanted): Promise<number> {
  const { names, isQuick, isWritten, executable } = wanted;
  const rig = await setUpRig(yard, {
    isQuick,
    ...(executable === undefined ? {} : { executable }),
  });
  const rows: Row[] = [];
  for (const name of names) {
    const measure = ROWS[name];
    if (measure === undefined) throw new RangeError(`no row ${name}`);
    rows.push(await showProgress(`Measuring ${name}`, () => measure(rig)));
  }
  const figures = await renderFigures(rows, isQuick);
  console.log(figures);
  if (isWritten) await writePage(figures);
  return 0;
}

async function renderFigures(rows: readonly Row[], isQuick: boolean): Promise<string> {
  const quick = "Measured with `--quick`: few and short rounds, no figures to rely on.\n\n";
  return `${await describeMachine()}\n${isQuick ? quick : ""}${renderTable(rows)}`;
}

async function writePage(figures: string): Promise<void> {
  await Deno.writeTextFile(PAGE, replaceFigures(await Deno.readTextFile(PAGE), figures));
  await runCommand([Deno.execPath(), "fmt", "--quiet", PAGE]);
}

function parseWanted(args: readonly string[]): Wanted | string {
  const flags = parseArgs([...args], { boolean: ["quick", "write"], string: ["executable"] });
  const { _: given, quick, write, executable, ...others } = flags;
  const names = given.map(String);
  const unknown = [
    ...Object.keys(others).map((flag) => `--${flag}`),
    ...names.filter((name) => !Object.hasOwn(ROWS, name)),
  ];
  if (unknown.length > 0) {
    return `unknown: ${unknown.join(", ")}. Rows: ${Object.keys(ROWS).join(", ")}`;
  }
  if (write && names.length > 0) return "--write writes the whole table: name no rows";
  return {
    names: names.length > 0 ? names : Object.keys(ROWS),
    isQuick: quick,
    isWritten: write,
    executable,
  };
}

/** Whatever ends the bench, all it has started ends first. */
async function main(args: readonly string[]): Promise<number> {
  const wanted = parseWanted(args);
  if (typeof wanted === "string") {
    console.error(`bench: ${wanted}`);
    return 2;
  }
  await using yard = new Yard();
  const { promise: told, resolve } = Promise.withResolvers<number>();
  for (const osSignal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    Deno.addSignalListener(osSignal, () => resolve(130));
  }
  return await Promise.race([bench(yard, wanted), told]);
}

Deno.exit(await main(Deno.args));
