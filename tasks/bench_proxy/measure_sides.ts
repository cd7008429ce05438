/** The same measure on every side, in interleaved rounds. */
import { interleave } from "../bench/interleave.ts";
import type { ProxyRig } from "./proxy_rig.ts";
import { type BySide, bySide, firstLine, type Side, type SideName, type Sides } from "./sides.ts";

/** What a side gave, a sample a round; or why it gave none, an empty `why` where none belongs. */
export type SideSamples<Sample> =
  | { readonly kind: "measured"; readonly samples: readonly Sample[] }
  | { readonly kind: "absent"; readonly why: string };

export type AllSamples<Sample> = BySide<SideSamples<Sample>>;

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
  const measures = bySide((name) => async (): Promise<readonly Sample[]> => {
    const start = sides.starts[name];
    if (start.kind === "absent" || failed.has(name)) return [];
    try {
      return [await measure(start.side)];
    } catch (error) {
      if (rig.yard.isClosed) throw error;
      console.error(`${name}:`, error);
      failed.set(name, `failed: ${firstLine(error)}`);
      return [];
    }
  });
  const samples = await interleave(measures, { rounds, warmUps });
  return bySide((name) => {
    const start = sides.starts[name];
    const why = start.kind === "absent" ? start.why : failed.get(name);
    return why === undefined
      ? { kind: "measured", samples: samples[name] }
      : { kind: "absent", why };
  });
}
