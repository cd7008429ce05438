/**
 * `deno task bench [--quick] [--write] [--executable PATH] [ROW…]`: measures, and prints the table of
 * docs/performance.md, or the named rows of it. Nothing is asserted: what is missed is said there.
 * `--write` puts the table into the page.
 */
import { INPUT, STATUS } from "./bench/raw_http.ts";
import { type Rig, setUpRig } from "./bench/rig.ts";
import type { Row } from "./bench/row.ts";
import { controlApiRow } from "./bench/rows/control_api.ts";
import { COSINE, directCallRow, ECHO } from "./bench/rows/direct_call.ts";
import { displayRow } from "./bench/rows/display.ts";
import { idleCpuRow } from "./bench/rows/idle_cpu.ts";
import { keptRow } from "./bench/rows/kept_connection.ts";
import { listeningRow } from "./bench/rows/listening.ts";
import { givenBackRow, supervisorMemoryRow } from "./bench/rows/memory.ts";
import { oneCoreRow } from "./bench/rows/one_core.ts";
import { readyRow, restartRow } from "./bench/rows/spawn.ts";
import { runBench } from "./bench/run_bench.ts";
import { renderTable } from "./bench/table.ts";

/** What can be named, and measures it. */
const ROWS: Readonly<Record<string, (rig: Rig) => Promise<Row>>> = {
  "ready-python": (rig) => readyRow(rig, "python"),
  "ready-builtin": (rig) => readyRow(rig, "builtin"),
  "restart": restartRow,
  "kept-status": (rig) => keptRow(rig, STATUS),
  "kept-input": (rig) => keptRow(rig, INPUT),
  "frames": (rig) => directCallRow(rig, ECHO),
  "frames-cosine": (rig) => directCallRow(rig, COSINE),
  "frames-32": (rig) => directCallRow(rig, { ...ECHO, atOnce: 32 }),
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

Deno.exit(
  await runBench(Deno.args, { task: "bench", setUp: setUpRig, rows: ROWS, render: renderTable }),
);
