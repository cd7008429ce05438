/** What a seed stands for. */
import { ENGINE_DEFAULTS, type EngineSettings } from "../../../src/config/mod.ts";
import { Dice } from "../../../tasks/soak/dice.ts";
import type { Weather } from "./temper.ts";

export const STEPS = 200;

/** One schedule, whole or with some of its steps left out. */
export interface Plan {
  readonly seed: number;
  /** Which of its steps are taken. @default all {@linkcode STEPS} */
  readonly steps?: readonly number[];
  /** `stands`: nobody sets the wall clock. @default "moves" */
  readonly wall?: "moves" | "stands";
}

/** Dice for one purpose: what is drawn from them changes with no other purpose's. */
export function diceFor(seed: number, purpose: string): Dice {
  let mixed = seed | 0;
  for (let at = 0; at < purpose.length; at++) {
    mixed = Math.imul(mixed ^ purpose.charCodeAt(at), 0x01000193);
    mixed ^= mixed >>> 15;
  }
  return new Dice(mixed);
}

export function drawWeather(dice: Dice): Weather {
  return dice.pick<Weather>([[15, "calm"], [55, "mixed"], [30, "storm"]]);
}

/** The engines of a schedule: each with settings of its own. */
export function drawEngines(dice: Dice, weather: Weather): EngineSettings[] {
  const names = ["ant", "bee", "cow"].slice(0, dice.pick([[9, 1], [8, 2], [3, 3]]));
  return names.map((name) => ({ ...settingsOf(name), ...drawSettings(dice, weather) }));
}

/** The first seeds are those of the breaks in docs/reliability.md, which were found without slots. */
const PLAIN_SEEDS = 1_000;

/** How many requests an engine works on at once: nothing else that is drawn changes by it. */
export function withSlots(seed: number, engines: readonly EngineSettings[]): EngineSettings[] {
  const dice = diceFor(seed, "slots");
  return engines.map((engine) => {
    const slots = dice.pick([[3, null], [2, 1], [1, 2], [1, 4]]);
    return seed < PLAIN_SEEDS ? engine : { ...engine, slots };
  });
}

/** An engine as it is when nobody sets anything. */
export function settingsOf(name: string): EngineSettings {
  return { ...ENGINE_DEFAULTS, name, kind: "command", command: [name] };
}

export function drawSettings(dice: Dice, weather: Weather): Partial<EngineSettings> {
  const settings: Partial<EngineSettings> = {
    idleTimeoutMs: dice.pick([[1, -1], [1, 0], [2, 60], [2, 300], [2, 2_000], [1, 20_000]]),
    drainMs: dice.pick([[1, 0], [2, 40], [2, 400], [1, 5_000]]),
    keep: dice.pick<EngineSettings["keep"]>([[3, "when_used"], [1, "always"]]),
    liveness: dice.pick<EngineSettings["liveness"]>([[1, "off"], [1, "restart"]]),
  };
  if (weather === "calm") return settings;
  return {
    ...settings,
    startTimeoutMs: dice.pick([[2, 100], [2, 300], [1, 1_000], [1, 10_000]]),
    graceMs: dice.pick([[1, 0], [2, 5], [4, 50], [2, 500]]),
    queue: {
      max: dice.pick([[1, 2], [8, 1_024]]),
      timeoutMs: dice.pick([[1, 800], [3, 600_000]]),
    },
  };
}
