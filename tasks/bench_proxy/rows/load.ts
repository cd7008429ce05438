/** As many requests as go: how many a second, and how long they take. */
import { readCpuMs } from "../../bench/proc_files.ts";
import { type AllSamples, measureSides } from "../measure_sides.ts";
import { programOf } from "../packages.ts";
import { startClient } from "../proxy_client.ts";
import type { ProxyRig } from "../proxy_rig.ts";
import { pick, type ProxyRow, type ProxyTarget } from "../proxy_row.ts";
import { type Side, Sides } from "../sides.ts";
import { type Load, runWrk, type WrkFigures } from "../wrk.ts";

export type Kind = Pick<Load, "method" | "connections">;

/** What wrk says, and what each request cost the proxy. */
export interface Round extends WrkFigures {
  readonly cpuUs: number;
}

const ROUND_S = 1;

/** Streams beside the load, each with an event every 100 ms. */
const SLOW_STREAMS = 100;
const SLOW_TARGET = "/sse?every=100";

const RATE_TARGETS: readonly ProxyTarget[] = [
  { kind: "at_least_times", times: 1, of: ["nginx"] },
  { kind: "at_least_times", times: 4, of: ["caddy"] },
];
const SLOWEST_TARGETS: readonly ProxyTarget[] = [
  { kind: "at_most_times", times: 1.2, of: ["nginx"] },
];

/** Requests per second, p50, p99 and processor time. */
export async function loadRows(rig: ProxyRig, kind: Kind): Promise<readonly ProxyRow[]> {
  const found = await measureLoad(rig, (side) => runRound(rig, side, kind));
  const quantity = nameOf(kind);
  return [
    {
      quantity,
      unit: "req/s",
      targets: kind.connections > 1 ? RATE_TARGETS : [],
      sides: pick(found, (one) => one.requestsPerSecond),
    },
    {
      quantity: `${quantity}: p50`,
      unit: "ms",
      targets: [],
      sides: pick(found, (one) => one.p50Ms),
    },
    {
      quantity: `${quantity}: p99`,
      unit: "ms",
      targets: kind.connections === 256 ? SLOWEST_TARGETS : [],
      sides: pick(found, (one) => one.p99Ms),
    },
    {
      quantity: `${quantity}: processor time of the proxy per request`,
      unit: "µs",
      targets: [],
      sides: pick(found, (one) => one.cpuUs),
    },
  ];
}

/** The same load while slow streams are open through the same proxy. */
export async function besideStreamsRows(rig: ProxyRig, kind: Kind): Promise<readonly ProxyRow[]> {
  const found = await measureLoad(rig, async (side) => {
    const job = { what: "hold", target: SLOW_TARGET, number: SLOW_STREAMS } as const;
    await using streams = startClient(rig, side, job);
    await streams.printed(/^holding$/);
    const round = await runRound(rig, side, kind);
    await streams.closeStdin();
    const [left] = await streams.printed(/^\d+$/);
    if (Number(left) !== SLOW_STREAMS) throw new Error(`only ${left} slow streams are left`);
    return round;
  });
  return [{
    quantity: `${nameOf(kind)}, ${SLOW_STREAMS} slow streams beside: p99`,
    unit: "ms",
    targets: SLOWEST_TARGETS,
    sides: pick(found, (one) => one.p99Ms),
  }];
}

/** A measure of each side in rounds, on fresh processes. */
export async function measureLoad<Sample>(
  rig: ProxyRig,
  measure: (side: Side) => Promise<Sample>,
): Promise<AllSamples<Sample>> {
  await using sides = await Sides.start(rig);
  const rounds = rig.isQuick ? { rounds: 1, warmUps: 0 } : { rounds: 9 };
  return await measureSides(sides, measure, { rig, ...rounds });
}

export async function runRound(rig: ProxyRig, side: Side, kind: Kind): Promise<Round> {
  const before = await readCpuMs(side.pid);
  const figures = await runWrk(side, {
    ...kind,
    seconds: ROUND_S,
    yard: rig.yard,
    wrk: programOf(rig.programs.wrk),
  });
  const cpuMs = await readCpuMs(side.pid) - before;
  return { ...figures, cpuUs: 1_000 * cpuMs / (figures.requestsPerSecond * ROUND_S) };
}

function nameOf({ method, connections }: Kind): string {
  const what = method === "POST" ? "1 kB POST" : "GET";
  return `${what}, ${connections} connection${connections === 1 ? "" : "s"}`;
}
