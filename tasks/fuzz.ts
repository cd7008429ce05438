/**
 * `deno task fuzz [--seconds N] [--seed N]`: the properties of tests/http1 and the comparison with
 * Node's parser on random seeds, round after round. A failure prints the seed that brings it back.
 */
import { parseArgs } from "@std/cli";
import fc from "fast-check";
import { assertExplained } from "../tests/http1/support/differential.ts";
import { hasNode, NodeParser } from "../tests/http1/support/node_parser.ts";
import { PROPERTIES } from "../tests/http1/support/properties.ts";
import {
  anyRequests,
  brokenCommonRequests,
  commonRequests,
} from "../tests/http1/support/requests.ts";

const DEFAULT_SECONDS = 60;
/** Cases of each property in one round. */
const ROUND_RUNS = 500;
const LARGEST_SEED = 2 ** 31;

const DIFFERENTIAL = fc.oneof(commonRequests, brokenCommonRequests, anyRequests);

async function main(args: string[]): Promise<number> {
  const options = parseArgs(args, { string: ["seconds", "seed"] });
  const endsAt = performance.now() + Number(options.seconds ?? DEFAULT_SECONDS) * 1_000;
  const given = options.seed === undefined ? undefined : Number(options.seed);
  await using node = await hasNode() ? await NodeParser.start() : undefined;
  if (node === undefined) console.log("skipped: the comparison with Node; there is none here");
  let rounds = 0;
  do {
    const seed = given ?? Math.floor(Math.random() * LARGEST_SEED);
    try {
      await playRound(seed, node);
    } catch (error) {
      console.log(`failed with --seed ${seed}`);
      console.log(error);
      return 1;
    }
    rounds++;
  } while (performance.now() < endsAt && given === undefined);
  console.log(`${rounds} rounds, ${rounds * casesOfRound(node)} cases, 0 failed`);
  return 0;
}

function casesOfRound(node: NodeParser | undefined): number {
  return ROUND_RUNS * (PROPERTIES.length + (node === undefined ? 0 : 1));
}

async function playRound(seed: number, node: NodeParser | undefined): Promise<void> {
  const params = { seed, numRuns: ROUND_RUNS };
  for (const { check } of PROPERTIES) check(params);
  if (node === undefined) return;
  for (const { input } of fc.sample(DIFFERENTIAL, params)) await assertExplained(node, input);
}

if (import.meta.main) Deno.exit(await main(Deno.args));
