/** How an engine's process behaves in the simulation, and how that is drawn. */
import type { Dice } from "../../../tasks/soak/dice.ts";

/** Readable by all, changed by whoever plays fate. Times are milliseconds. */
export interface Temper {
  /** From the spawn to the socket; `Infinity` = never. */
  bindMs: number;
  /** From the socket to a health of 200. */
  warmMs: number;
  /** What it does with connections meanwhile. */
  cold: 503 | "hangs" | "refuses";
  /** What its health is once it is warm. */
  health: 200 | 500 | "hangs";
  status: 200 | 404 | 500 | "garbage" | "hangs";
  busy: boolean;
  /** What `POST /stop` does. */
  stop: "exits" | "missing" | "ignored" | "hangs";
  term: "exits" | "ignored";
  kill: "exits" | "ignored";
  /** From what makes it exit to its end. */
  exitMs: number;
  /** From its end until that is known. */
  reapMs: number;
  /** What else descends from it: see {@linkcode Family}. */
  family: Family;
  /** What becomes of requests. */
  work: Work;
  /** From a request to its answer. */
  workMs: number;
  /** How long bytes are on their way, those of a process that ends included. */
  wireMs: number;
  /** How long a look into the process table takes. */
  lookMs: number;
  dial: "works" | "backlog_full";
}

/**
 * `obeys` and `stays` are in its group and outlive it, until SIGTERM or SIGKILL; `stray` and `forks`
 * left the group with the run id; `holds_pipes` left everything but the pipes.
 */
export type Family = "alone" | "obeys" | "stays" | "stray" | "forks" | "holds_pipes";

/** `in_pieces`: never silent for long; `closes`: the connection, too; `dies`: in the middle of it. */
export type Work =
  | "answers"
  | "in_pieces"
  | "closes"
  | "hangs"
  | "breaks"
  | "garbage"
  | "missing"
  | "dies";

/** How much goes wrong in a schedule: in `calm` weather nothing but what callers and clocks do. */
export type Weather = "calm" | "mixed" | "storm";

const GOOD: Temper = {
  bindMs: 0,
  warmMs: 0,
  cold: "refuses",
  health: 200,
  status: 200,
  busy: false,
  stop: "exits",
  term: "exits",
  kill: "exits",
  exitMs: 0,
  reapMs: 0,
  family: "alone",
  work: "answers",
  workMs: 0,
  wireMs: 0,
  lookMs: 0,
  dial: "works",
};

/** A process without a fault, quick or less so. */
export function goodTemper(dice: Dice): Temper {
  return {
    ...GOOD,
    bindMs: dice.pick([[3, 0], [3, 2], [2, 9]]),
    warmMs: dice.pick([[4, 0], [2, 6]]),
    cold: dice.pick<Temper["cold"]>([[1, "refuses"], [1, 503]]),
    busy: dice.roll() < 0.05,
    exitMs: dice.pick([[5, 0], [3, 1], [1, 4]]),
    workMs: dice.pick([[4, 0], [3, 2], [3, 35], [1, 250]]),
    wireMs: dice.pick([[6, 0], [1, 1]]),
    status: dice.pick([[8, 200], [1, 404]]),
    stop: dice.pick([[6, "exits"], [1, "missing"]]),
  };
}

/** What may be wrong with a process. */
const FLAWS: readonly (readonly [number, (dice: Dice) => Partial<Temper>])[] = [
  [3, (dice) => ({ bindMs: dice.pick([[2, 40], [1, 400], [1, Infinity]]) })],
  [
    3,
    (dice) => ({
      warmMs: dice.pick([[2, 60], [1, Infinity]]),
      cold: dice.pick<Temper["cold"]>([[1, 503], [1, "hangs"], [1, "refuses"]]),
    }),
  ],
  [
    4,
    (dice) => ({
      status: dice.pick<Temper["status"]>([[2, 404], [1, 500], [1, "garbage"], [2, "hangs"]]),
    }),
  ],
  [3, (dice) => ({ health: dice.pick<Temper["health"]>([[1, 500], [1, "hangs"]]) })],
  [1, () => ({ busy: true })],
  [4, (dice) => ({ stop: dice.pick([[1, "missing"], [1, "ignored"], [1, "hangs"]]) })],
  [4, () => ({ term: "ignored" })],
  [1, () => ({ kill: "ignored" })],
  [5, (dice) => ({ exitMs: dice.pick([[1, 20], [1, 49], [1, 51], [1, 600]]) })],
  [4, (dice) => ({ reapMs: dice.pick([[2, 1], [2, 30], [1, 700]]) })],
  [
    6,
    (dice) => ({
      family: dice.pick<Family>([
        [1, "obeys"],
        [1, "stays"],
        [1, "stray"],
        [1, "forks"],
        [1, "holds_pipes"],
      ]),
    }),
  ],
  [
    8,
    (dice) => ({
      work: dice.pick<Work>([
        [2, "in_pieces"],
        [1, "closes"],
        [3, "hangs"],
        [1, "breaks"],
        [1, "garbage"],
        [1, "missing"],
        [2, "dies"],
      ]),
    }),
  ],
  [4, (dice) => ({ workMs: dice.pick([[1, 60], [1, 700], [1, 6_000]]) })],
  [3, (dice) => ({ wireMs: dice.pick([[2, 1], [1, 20]]) })],
  [2, (dice) => ({ lookMs: dice.pick([[2, 1], [1, 60]]) })],
  [1, () => ({ dial: "backlog_full" })],
];

export function flaw(dice: Dice): Partial<Temper> {
  return dice.pick(FLAWS)(dice);
}

/** What the next process is like. */
export function drawTemper(dice: Dice, weather: Weather): Temper {
  const temper = goodTemper(dice);
  const flaws = weather === "calm"
    ? 0
    : weather === "mixed"
    ? dice.between(0, 1)
    : dice.between(0, 3);
  for (let left = flaws; left > 0; left--) Object.assign(temper, flaw(dice));
  return temper;
}
