/**
 * `deno task bench:proxy [--quick] [--write] [--executable PATH] [ROW…]`: measures our proxy beside
 * nginx, Caddy and HAProxy, and prints the table of docs/performance.md, or the named rows of it.
 * Nothing is asserted: what is missed is said there. `--write` puts the table into the page.
 */
import { runBench } from "./bench/run_bench.ts";
import { type ProxyRig, setUpProxyRig } from "./bench_proxy/proxy_rig.ts";
import type { ProxyRow } from "./bench_proxy/proxy_row.ts";
import { renderProxyTable } from "./bench_proxy/proxy_table.ts";
import { bodyRows, DOWN, JSON_BODY, UP } from "./bench_proxy/rows/bodies.ts";
import { byModelRows } from "./bench_proxy/rows/by_model.ts";
import { firstEventRows, manyEventsRows } from "./bench_proxy/rows/events.ts";
import { besideStreamsRows, loadRows } from "./bench_proxy/rows/load.ts";
import { oneCoreRows } from "./bench_proxy/rows/one_core.ts";

/** What can be named, and measures it. */
const ROWS: Readonly<Record<string, (rig: ProxyRig) => Promise<readonly ProxyRow[]>>> = {
  "wrk-post-1": (rig) => loadRows(rig, { method: "POST", connections: 1 }),
  "wrk-post-32": (rig) => loadRows(rig, { method: "POST", connections: 32 }),
  "wrk-post-256": (rig) => loadRows(rig, { method: "POST", connections: 256 }),
  "wrk-get-1": (rig) => loadRows(rig, { method: "GET", connections: 1 }),
  "wrk-get-32": (rig) => loadRows(rig, { method: "GET", connections: 32 }),
  "wrk-get-256": (rig) => loadRows(rig, { method: "GET", connections: 256 }),
  "by-model": byModelRows,
  "beside-streams": (rig) => besideStreamsRows(rig, { method: "POST", connections: 256 }),
  "one-core": oneCoreRows,
  "first-event": firstEventRows,
  "many-events": manyEventsRows,
  "down": (rig) => bodyRows(rig, DOWN),
  "up": (rig) => bodyRows(rig, UP),
  "json": (rig) => bodyRows(rig, JSON_BODY),
};

Deno.exit(
  await runBench(Deno.args, {
    task: "bench:proxy",
    setUp: setUpProxyRig,
    rows: ROWS,
    render: (rows) => renderProxyTable(rows.flat()),
  }),
);
