/** The same measure on every side, in interleaved rounds. */
import { interleave } from "../bench/interleave.ts";
import type { ProxyRig } from "./proxy_rig.ts";
import { type Side, type SideName, SIDES, type Sides } from "./sides.ts";

/** What a side gave, a sample a round; or why it gave none. */
export type SideSamples<Sample> =
  | { readonly kind: "measured"; readonly samples: readonly Sample[] }
  | { readonly kind: "absent"; readonly why: string };

export type AllSamples<Sample> = Readonly<Record<SideName, SideSamples<Sample>>>;

export interface RoundOptions {
  readonly rig: ProxyRig;
  readonly rounds: number;
  /** Rounds before those that count. @default 1 */
  readonly warmUps?: number;
}

/** A side that fails in one round is asked no more, and has no figures. */
export async function measureSides<Sample>(
  sides: Sides,
  measure: (side: Side) => Promise<Sample>,
  { rig, rounds, warmUps = 1 }: RoundOptions,
): Promise<AllSamples<Sample>> {
  const failed = new Map<SideName, string>();
  const measures = SIDES.map((name) => [name, async () => {
    const start = sides.starts[name];
    if (start.kind === "absent" || failed.has(name)) return [];
    try {
      return [await measure(start.side)];
    } catch (error) {
      if (rig.yard.isClosed) throw error;
      console.error(`${name}:`, error);
      failed.set(name, `failed: ${error instanceof Error ? error.message.split("\n")[0] : error}`);
      return [];
    }
  }]);
  const all = Object.fromEntries(measures) as Record<SideName, () => Promise<readonly Sample[]>>;
  const samples = await interleave(all, { rounds, warmUps });
  const found = SIDES.map((name): [SideName, SideSamples<Sample>] => {
    const start = sides.starts[name];
    const why = start.kind === "absent" ? start.why : failed.get(name);
    return [
      name,
      why === undefined ? { kind: "measured", samples: samples[name] } : { kind: "absent", why },
    ];
  });
  return Object.fromEntries(found) as Record<SideName, SideSamples<Sample>>;
}
