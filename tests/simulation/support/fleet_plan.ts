/** Engines with several processes, and how a configuration changes while they run. */
import type { EngineSettings } from "../../../src/config/mod.ts";
import type { Dice } from "../../../tasks/soak/dice.ts";
import { diceFor, drawSettings, settingsOf } from "./plan.ts";
import type { Weather } from "./temper.ts";

/** From here on some seeds are schedules of reloads and replicas; those before stay as they were. */
const FIRST_FLEET = 20_000;
export const FLEET_EVERY = 8;

/** Those of docs/reliability.md lie below: more of them are of this kind. */
const SEEDS_OF_BREAKS = 21_000;

export function isFleet(seed: number): boolean {
  return seed >= FIRST_FLEET && seed % (seed < SEEDS_OF_BREAKS ? 4 : FLEET_EVERY) === 0;
}

/** What a program does that never comes up: it is not there, it never answers, it exits. */
const BAD = ["gone", "deaf", "dies"] as const;

export function drawFleet(seed: number, weather: Weather): EngineSettings[] {
  const dice = diceFor(seed, "fleet");
  const names = ["ant", "bee"].slice(0, dice.pick([[3, 1], [1, 2]]));
  return names.map((name) => {
    const place = dice.pick<"any" | "socket" | "group">([[4, "any"], [1, "socket"], [1, "group"]]);
    return {
      ...settingsOf(name),
      ...drawSettings(dice, weather),
      command: [name, "v0"],
      slots: drawSlots(dice),
      replicas: place === "any" ? drawReplicas(dice) : { min: 1, max: null },
      reloadDrainMs: dice.pick([[1, 300], [2, 5_000], [1, 600_000]]),
      socket: place === "socket" ? `/run/fixed-${name}.sock` : null,
      exclusive: place === "group" ? `${name}s` : null,
    };
  });
}

/** `before` with something changed. */
export function changeEngine(before: EngineSettings, dice: Dice, serial: number): EngineSettings {
  const version = `v${serial}`;
  const { name } = before;
  const isOnlyOne = before.socket !== null || before.exclusive !== null;
  const change = dice.pick<(dice: Dice) => Partial<EngineSettings>>([
    [5, () => ({ command: [name, version] })],
    [3, (dice) => ({ command: [name, version, BAD[dice.between(0, 2)] ?? "gone"] })],
    [1, () => ({ command: [name, "v0"] })],
    [2, (dice) => ({ idleTimeoutMs: dice.pick([[1, -1], [1, 0], [2, 300], [1, 20_000]]) })],
    [3, (dice) => ({ slots: drawSlots(dice) })],
    [2, (dice) => ({
      queue: {
        max: dice.pick([[1, 2], [4, 1_024]]),
        timeoutMs: dice.pick([[1, 800], [3, 600_000]]),
      },
    })],
    [3, (dice) => isOnlyOne ? {} : { replicas: drawReplicas(dice) }],
    [1, (dice) => ({ keep: dice.pick<EngineSettings["keep"]>([[1, "when_used"], [1, "always"]]) })],
    [1, () => ({})],
  ]);
  return { ...before, ...change(dice) };
}

function drawSlots(dice: Dice): number | null {
  return dice.pick([[2, null], [3, 1], [2, 2]]);
}

function drawReplicas(dice: Dice): EngineSettings["replicas"] {
  const min = dice.pick([[3, 1], [2, 2]]);
  return { min, max: dice.pick([[1, null], [3, min + 1], [2, min + 2]]) };
}
