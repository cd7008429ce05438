/**
 * `deno task bench:balance [--requests N] [--seed N]`: ways to share requests among servers, in simulated
 * time. Prints mean and p99 of the time in system as a Markdown table, medians of several runs, and how
 * ours compares with a central queue. Nothing is asserted.
 */
import { parseArgs } from "@std/cli";
import { choose } from "../src/balance/mod.ts";
import { type Case, type Policy, simulate } from "./bench_balance/simulate.ts";
import { STRATEGIES } from "./bench_balance/strategies.ts";
import { formatFigure } from "./bench/table.ts";
import { mean, median, percentile } from "./bench/stats.ts";

const RUNS = 3;

const same = (count: number, slots: number) => Array(count).fill({ slots, speed: 1 });

const CASES: readonly Case[] = [
  { name: "4 servers × 1 slot, load 0.8", servers: same(4, 1), load: 0.8 },
  { name: "4 × 4, 0.8", servers: same(4, 4), load: 0.8 },
  { name: "8 × 4, 0.9", servers: same(8, 4), load: 0.9 },
  {
    name: "4 × 4, one 4 times slower, 0.7",
    servers: [...same(3, 4), { slots: 4, speed: 0.25 }],
    load: 0.7,
  },
];

const FAILING: Case = {
  name: "4 × 4, one fails at once, 0.5: share sent to it",
  servers: [...same(3, 4), { slots: 4, speed: 1, fails: true }],
  load: 0.5,
};

/** The first server with a free slot; who finds none waits in one line. */
const centralQueue: Policy["choose"] = (candidates) => {
  const place = candidates.findIndex(({ inflight, slots }) => inflight < slots);
  return place === -1 ? undefined : place;
};

const POLICIES: Readonly<Record<string, () => Policy>> = {
  ...Object.fromEntries(
    Object.entries(STRATEGIES).map(([name, make]) => [
      name,
      () => ({ choose: make(), waits: "push" } as const),
    ]),
  ),
  "least in flight": () => ({ choose, waits: "push" }),
  "weighted least": () => ({ choose, waits: "push", knowsWeights: true }),
  "central queue": () => ({ choose: centralQueue, waits: "pull" }),
  ours: () => ({ choose, waits: "pull", knowsWeights: true, ejects: true }),
};

const args = parseArgs(Deno.args, {
  string: ["requests", "seed"],
  boolean: ["help"],
  default: { requests: "200000", seed: "1" },
});
if (args.help) {
  console.log("deno task bench:balance [--requests N] [--seed N]");
  Deno.exit(0);
}
const requests = Number(args.requests);
const seeds = Array.from({ length: RUNS }, (_, run) => Number(args.seed) + run);

const names = Object.keys(POLICIES);
console.log(`| mean / p99 | ${[...names, "ours ÷ central queue"].join(" | ")} |`);
console.log(`| --- ${"| --- ".repeat(names.length + 1)}|`);
for (const it of CASES) {
  const figures = names.map((name) => timesOf(it, POLICIES[name]!));
  const [central, ours] = figures.slice(-2) as [Figures, Figures];
  const ratio = `${formatFigure(ours.mean / central.mean)} / ${
    formatFigure(ours.p99 / central.p99)
  }`;
  console.log(`| ${[it.name, ...figures.map(show), ratio].join(" | ")} |`);
}
const shares = names.map((name) => {
  const runs = seeds.map((seed) => simulate(FAILING, POLICIES[name]!(), { seed, requests }));
  return `${formatFigure(100 * median(runs.map(({ shares }) => shares[3]!)))} %`;
});
console.log(`| ${[FAILING.name, ...shares, ""].join(" | ")} |`);

interface Figures {
  readonly mean: number;
  readonly p99: number;
}

function timesOf(it: Case, policy: () => Policy): Figures {
  const runs = seeds.map((seed) => Array.from(simulate(it, policy(), { seed, requests }).times));
  return {
    mean: median(runs.map(mean)),
    p99: median(runs.map((times) => percentile(times, 99))),
  };
}

/** A line that only grows is no figure. */
function show(figures: Figures): string {
  if (figures.mean > 100) return "unstable";
  return `${formatFigure(figures.mean)} / ${formatFigure(figures.p99)}`;
}
