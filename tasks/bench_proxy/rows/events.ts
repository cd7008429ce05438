/** Event streams: how soon the first event is there, and how fast many go through. */
import { median } from "../../bench/stats.ts";
import { measureSides } from "../measure_sides.ts";
import { runClient } from "../proxy_client.ts";
import type { ProxyRig } from "../proxy_rig.ts";
import { addedToDirect, highest, pick, type ProxyRow } from "../proxy_row.ts";
import { Growth } from "../resident_growth.ts";
import { type Side, Sides } from "../sides.ts";

const EVENTS = 20_000;

/** What counts as flat memory. */
const FLAT_MIB = 4;

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
  const take = async (side: Side): Promise<number> => {
    const job = { what: "events", target: `/sse?events=${EVENTS}`, lines: 1 } as const;
    const [[events = NaN, ns = NaN] = []] = await runClient(rig, side, job);
    if (events !== EVENTS) throw new Error(`${events} of ${EVENTS} events`);
    return events * 1e9 / ns;
  };
  await measureSides(sides, take, { rig, rounds: 0, warmUps: 3 });
  const growth = new Growth();
  const rounds = rig.isQuick ? 3 : 20;
  const found = await measureSides(sides, async (side) => {
    const begin = await growth.begin(side.pid);
    return { eventsPerSecond: await take(side), growthMib: await begin.peak() };
  }, { rig, rounds, warmUps: 0 });
  const quantity = `${EVENTS.toLocaleString("en-US")} events as fast as they go`;
  return [
    {
      quantity,
      unit: "events/s",
      targets: [{ kind: "at_least_times", times: 1, of: ["nginx"] }],
      sides: pick(found, (one) => one.eventsPerSecond),
    },
    {
      quantity: `${quantity}, ${rounds} times after 3: highest peak of the proxy's resident ` +
        "memory over where it began",
      unit: "MiB",
      targets: [{ kind: "at_most", limit: FLAT_MIB }],
      sides: highest(pick(found, (one) => one.growthMib)),
    },
  ];
}
