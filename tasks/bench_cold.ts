/**
 * `deno task bench:cold [--quick] [--write] [--executable PATH] [ROW…]`: measures what the first request
 * to a stopped engine takes more than it does of the bare engine, and prints the table of
 * docs/performance.md, or the named rows of it. Nothing is asserted: what is missed is said there.
 * `--write` puts the table into the page.
 */
import type { Row } from "./bench/row.ts";
import { runBench } from "./bench/run_bench.ts";
import { renderTable } from "./bench/table.ts";
import { type ColdRig, setUpColdRig } from "./bench_cold/cold_rig.ts";
import { coldRow } from "./bench_cold/cold_row.ts";

/** What can be named, and measures it. */
const ROWS: Readonly<Record<string, (rig: ColdRig) => Promise<Row>>> = {
  "after-20": (rig) => coldRow(rig, { ms: 20 }),
  "after-100": (rig) => coldRow(rig, { ms: 100 }),
  "after-260": (rig) => coldRow(rig, { ms: 260 }),
  "after-500": (rig) => coldRow(rig, { ms: 500 }),
  "after-1500": (rig) => coldRow(rig, { ms: 1_500 }),
  "hundred": (rig) => coldRow(rig, { ms: 260, count: 100 }),
};

Deno.exit(
  await runBench(Deno.args, {
    task: "bench:cold",
    setUp: setUpColdRig,
    rows: ROWS,
    render: renderTable,
  }),
);
