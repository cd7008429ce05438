/**
 * `deno task bench:ui [--quick] [--write] [--executable PATH] [ROW…]`: measures what requests and memory
 * feel of open tabs, and how soon a page is there; prints the table of docs/performance.md, or the named rows of it. Nothing is
 * asserted: what is missed is said there. `--write` puts the table into the page.
 */
import type { Row } from "./bench/row.ts";
import { runBench } from "./bench/run_bench.ts";
import { renderTable } from "./bench/table.ts";
import { firstViewRows } from "./bench_ui/first_view.ts";
import { tabsRows } from "./bench_ui/tabs_rows.ts";
import { setUpUiRig, type UiRig } from "./bench_ui/ui_rig.ts";

/** What can be named, and measures it. */
const ROWS: Readonly<Record<string, (rig: UiRig) => Promise<readonly Row[]>>> = {
  "deaf-tabs": tabsRows,
  "first-view": firstViewRows,
};

Deno.exit(
  await runBench(Deno.args, {
    task: "bench:ui",
    setUp: setUpUiRig,
    rows: ROWS,
    render: (rows) => renderTable(rows.flat()),
  }),
);
