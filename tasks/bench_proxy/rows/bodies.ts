/** Large bodies: how fast they go through, and what the proxy keeps of them. */
import { measureSides } from "../measure_sides.ts";
import { type ClientJob, runClient } from "../proxy_client.ts";
import type { ProxyRig } from "../proxy_rig.ts";
import { highest, pick, type ProxyRow, type ProxyTarget } from "../proxy_row.ts";
import { Growth } from "../resident_growth.ts";
import { Sides } from "../sides.ts";

const PROXIES = ["nginx", "caddy", "haproxy"] as const;

/** A transfer of one body. */
export interface BodyKind {
  readonly name: string;
  readonly direction: "down" | "up";
  readonly bytes: number;
  /** MiB that resident memory may grow by. */
  readonly growthLimit: number;
  /** Whether it has to go as fast as through the fastest of the others. */
  readonly isRaced: boolean;
}

export const DOWN: BodyKind = {
  name: "1 GiB down",
  direction: "down",
  bytes: 2 ** 30,
  growthLimit: 16,
  isRaced: true,
};

export const UP: BodyKind = { ...DOWN, name: "1 GiB up", direction: "up" };

export const JSON_BODY: BodyKind = {
  name: "32 MiB JSON body up",
  direction: "up",
  bytes: 2 ** 25,
  growthLimit: 40,
  isRaced: false,
};

/** Fresh processes, so that growth is not hidden in what an earlier row left behind. */
export async function bodyRows(rig: ProxyRig, kind: BodyKind): Promise<readonly ProxyRow[]> {
  await using sides = await Sides.start(rig);
  const growth = new Growth();
  const bytes = rig.isQuick ? Math.min(kind.bytes, 2 ** 27) : kind.bytes;
  const job = jobOf(kind.direction, bytes);
  const found = await measureSides(sides, async (side) => {
    const begin = await growth.begin(side.pid);
    const [line = []] = await runClient(rig, side, { ...job, lines: 1 });
    const ns = line.at(-1) ?? NaN;
    return { megabytesPerSecond: bytes * 1e3 / ns, growthMib: await begin.peak() };
  }, { rig, rounds: rig.isQuick ? 1 : 5, warmUps: 0 });
  const fast: ProxyTarget = { kind: "at_least_times", times: 1, of: PROXIES };
  const quantity = `${kind.name}${rig.isQuick && bytes < kind.bytes ? " (128 MiB of it)" : ""}`;
  return [
    {
      quantity,
      unit: "MB/s",
      targets: kind.isRaced ? [fast] : [],
      sides: pick(found, (one) => one.megabytesPerSecond),
    },
    {
      quantity: `${quantity}: highest peak of the proxy's resident memory over its start`,
      unit: "MiB",
      targets: [{ kind: "at_most", limit: kind.growthLimit }],
      sides: highest(pick(found, (one) => one.growthMib)),
    },
  ];
}

function jobOf(direction: "down" | "up", bytes: number): ClientJob {
  return direction === "down"
    ? { what: "down", target: `/down?bytes=${bytes}` }
    : { what: "up", target: "/up", number: bytes };
}
