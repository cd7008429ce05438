/** Requests per second, and how long the slowest hundredth takes. */
import { measureSides } from "../measure_sides.ts";
import type { ProxyRig } from "../proxy_rig.ts";
import { pick, type ProxyRow, type ProxyTarget } from "../proxy_row.ts";
import { Sides } from "../sides.ts";
import { programOf } from "../packages.ts";
import { type Load, runWrk } from "../wrk.ts";

const RATE_TARGETS: readonly ProxyTarget[] = [
  { kind: "at_least_times", times: 1, of: ["nginx"] },
  { kind: "at_least_times", times: 4, of: ["caddy"] },
];

/** As many requests as go. */
export async function loadRows(
  rig: ProxyRig,
  { method, connections }: Pick<Load, "method" | "connections">,
): Promise<readonly ProxyRow[]> {
  await using sides = await Sides.start(rig);
  const load = {
    method,
    connections,
    seconds: 1,
    yard: rig.yard,
    wrk: programOf(rig.programs.wrk),
  };
  const found = await measureSides(sides, (side) => runWrk(side, load), {
    rig,
    rounds: rig.isQuick ? 1 : 6,
  });
  const what = `${method === "POST" ? "1 kB POST" : "GET"}, ` +
    (connections === 1 ? "1 connection" : `${connections} connections`);
  const isLoaded = connections > 1;
  return [
    {
      quantity: what,
      unit: "req/s",
      targets: isLoaded ? RATE_TARGETS : [],
      sides: pick(found, (one) => one.requestsPerSecond),
    },
    { quantity: `${what}: p50`, unit: "ms", targets: [], sides: pick(found, (one) => one.p50Ms) },
    {
      quantity: `${what}: p99`,
      unit: "ms",
      targets: connections === 256 ? [{ kind: "at_most_times", times: 1.2, of: ["nginx"] }] : [],
      sides: pick(found, (one) => one.p99Ms),
    },
  ];
}
