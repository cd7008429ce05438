/** Event streams: how soon the first event is there, and how fast many go through. */
import { median } from "../../bench/stats.ts";
import { measureSides } from "../measure_sides.ts";
import { runClient } from "../proxy_client.ts";
import type { ProxyRig } from "../proxy_rig.ts";
import { addedToDirect, pick, type ProxyRow } from "../proxy_row.ts";
import { Growth } from "../resident_growth.ts";
import { Sides } from "../sides.ts";

const EVENTS = 20_000;

/**
 * A stream that outlives its client costs the engine: the backend sends no end, and each is left
 * after its first event.
 */
const SLOW_TARGET = "/sse?every=100";

/** From the start of connecting to the first event; a sample is the median of a round. */
export async function firstEventRows(rig: ProxyRig): Promise<readonly ProxyRow[]> {
  await using sides = await Sides.start(rig);
  const number = rig.isQuick ? 20 : 100;
  const found = await measureSides(sides, async (side) => {
    const job = { what: "first", target: SLOW_TARGET, number, lines: number } as const;
    const times = await runClient(rig, side, job);
    return median(times.map(([ns = NaN]) => ns / 1e6));
  }, { rig, rounds: rig.isQuick ? 3 : 10, warmUps: 2 });
  const quantity = "event stream on a new connection: first event";
  return [
    { quantity, unit: "ms", targets: [{ kind: "added", limit: 0.2 }], sides: found },
    {
      quantity: `${quantity}, later than from the backend alone`,
      unit: "ms",
      targets: [],
      sides: addedToDirect(found),
    },
  ];
}

/** One stream of many events, each written by itself. */
export async function manyEventsRows(rig: ProxyRig): Promise<readonly ProxyRow[]> {
  await using sides = await Sides.start(rig);
  const growth = new Growth();
  const found = await measureSides(sides, async (side) => {
    const begin = await growth.begin(side.pid);
    const target = `/sse?events=${EVENTS}`;
    const [line = []] = await runClient(rig, side, { what: "events", target, lines: 1 });
    const [events = NaN, ns = NaN] = line;
    if (events !== EVENTS) throw new Error(`${events} of ${EVENTS} events`);
    return { eventsPerSecond: events * 1e9 / ns, growthMib: await begin.peak() };
  }, { rig, rounds: rig.isQuick ? 3 : 20, warmUps: 2 });
  const quantity = `${EVENTS.toLocaleString("en-US")} events as fast as they go`;
  return [
    {
      quantity,
      unit: "events/s",
      targets: [{ kind: "at_least_times", times: 1, of: ["nginx"] }],
      sides: pick(found, (one) => one.eventsPerSecond),
    },
    {
      quantity: `${quantity}: peak of the proxy's resident memory over its start`,
      unit: "MiB",
      targets: [],
      sides: pick(found, (one) => one.growthMib),
    },
  ];
}
