/** What it costs to look for the model in a body: through `/v1`, beside those that look into none. */
import type { AllSamples } from "../measure_sides.ts";
import type { ProxyRig } from "../proxy_rig.ts";
import { pick, type ProxyRow } from "../proxy_row.ts";
import { bySide, type SideName } from "../sides.ts";
import { type Kind, measureLoad, type Round, runRound } from "./load.ts";

const KIND: Kind = { method: "POST", connections: 32 };

/** Ours through `/v1` and through `/upstream`, one after the other; the others have one way only. */
interface Both {
  readonly byModel: Round;
  readonly byName: Round;
}

export async function byModelRows(rig: ProxyRig): Promise<readonly ProxyRow[]> {
  let isModelFirst = false;
  const found = await measureLoad(rig, async (side): Promise<Both> => {
    if (side.prefix === "") {
      const only = await runRound(rig, side, KIND);
      return { byModel: only, byName: only };
    }
    // In turns, so that neither is always the one that is warm.
    isModelFirst = !isModelFirst;
    const first = isModelFirst ? await runRound(rig, { ...side, prefix: "" }, KIND) : undefined;
    const byName = await runRound(rig, side, KIND);
    return { byName, byModel: first ?? await runRound(rig, { ...side, prefix: "" }, KIND) };
  });
  const quantity = "1 kB POST through /v1, the model last in it, 32 connections";
  return [
    {
      quantity,
      unit: "req/s",
      targets: [{ kind: "at_least_times", times: 0.85, of: ["nginx"] }],
      sides: pick(found, ({ byModel }) => byModel.requestsPerSecond),
    },
    {
      quantity: `${quantity}: of the requests per second through /upstream`,
      unit: "×",
      targets: [{ kind: "at_least", limit: 0.9 }],
      sides: ofOurs(pick(found, ({ byModel, byName }) => {
        return byModel.requestsPerSecond / byName.requestsPerSecond;
      })),
    },
    {
      quantity: `${quantity}: processor time of the proxy per request`,
      unit: "µs",
      targets: [],
      sides: pick(found, ({ byModel }) => byModel.cpuUs),
    },
    {
      quantity: `${quantity}: processor time more than through /upstream`,
      unit: "µs",
      targets: [],
      sides: ofOurs(pick(found, ({ byModel, byName }) => byModel.cpuUs - byName.cpuUs)),
    },
  ];
}

const OURS: readonly SideName[] = ["ours", "executable"];

/** Of what only ours have two ways of. */
function ofOurs(all: AllSamples<number>): AllSamples<number> {
  return bySide((name) => OURS.includes(name) ? all[name] : { kind: "absent", why: "" });
}
