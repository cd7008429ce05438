/** Measuring several things side by side, so that a machine that changes its pace changes it for all. */

/** Gives the samples of one round. */
export type Measure<Sample = number> = () => Promise<readonly Sample[]>;

export interface InterleaveOptions {
  readonly rounds: number;
  /** Rounds before those that count. @default 1 */
  readonly warmUps?: number;
}

/**
 * Runs every measure once per round, each round beginning with another one, and gives all samples of
 * each.
 */
export async function interleave<Name extends string, Sample = number>(
  measures: Readonly<Record<Name, Measure<Sample>>>,
  options: InterleaveOptions,
): Promise<Record<Name, readonly Sample[]>> {
  const { rounds, warmUps = 1 } = options;
  const names = Object.keys(measures) as Name[];
  const samples = Object.fromEntries(names.map((name) => [name, []])) as unknown as Record<
    Name,
    Sample[]
  >;
  for (let round = -warmUps; round < rounds; round++) {
    const first = (round + warmUps) % Math.max(names.length, 1);
    for (const name of [...names.slice(first), ...names.slice(0, first)]) {
      const found = await measures[name]();
      if (round >= 0) samples[name].push(...found);
    }
  }
  return samples;
}

/** A measure of one sample: the milliseconds that `work` takes. */
export function timed(work: () => Promise<unknown>): Measure {
  return async () => {
    const begun = performance.now();
    await work();
    return [performance.now() - begun];
  };
}
