/** What a proxy adds to a request while nothing else goes on, all on one core. */
import { median } from "../../bench/stats.ts";
import { measureSides } from "../measure_sides.ts";
import { runClient } from "../proxy_client.ts";
import type { ProxyRig } from "../proxy_rig.ts";
import { addedToDirect, type ProxyRow } from "../proxy_row.ts";
import { Sides } from "../sides.ts";

/** p50 of 1 kB POSTs by a client in C on one connection; a sample is the median of a round. */
export async function oneCoreRows(rig: ProxyRig): Promise<readonly ProxyRow[]> {
  const { oneCore: before, isQuick } = rig;
  await using sides = await Sides.start(rig, { before });
  const number = isQuick ? 1_000 : 5_000;
  const found = await measureSides(sides, async (side) => {
    const job = { what: "ask", target: "/v1/completions", number, before, lines: number } as const;
    const times = await runClient(rig, side, job);
    return median(times.map(([ns = NaN]) => ns / 1_000));
  }, { rig, rounds: isQuick ? 3 : 10 });
  const isPinned = before.length > 0;
  const where = isPinned ? "all on one core" : "not on one core: no taskset";
  const quantity = `1 kB POST, 1 connection, ${where}: p50`;
  return [
    { quantity, unit: "µs", targets: [], sides: found },
    {
      quantity: `${quantity}, added to the backend alone`,
      unit: "µs",
      targets: isPinned ? [{ kind: "at_most_times", times: 1.3, of: ["nginx"] }] : [],
      sides: addedToDirect(found),
    },
  ];
}
