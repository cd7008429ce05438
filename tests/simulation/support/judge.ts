/** What a play and its callers tell whoever judges them, and ask of it. */
import type { EngineSettings } from "../../../src/config/mod.ts";
import type { EngineView } from "../../../src/core/mod.ts";
import type { EngineEvent, StateEvent } from "../../../src/events/mod.ts";
import type { EngineLease } from "../../../src/supervisor/mod.ts";
import type { Call } from "./calls.ts";
import type { Court, Rule } from "./court.ts";
import type { SimProcess } from "./sim_process.ts";
import type { Weather } from "./temper.ts";

/** How a fault is told among all that happens. */
export const FAULT = "FAULT";

export interface Fault {
  readonly rule: Rule;
  readonly text: string;
}

export interface JudgeOptions {
  readonly engines: readonly EngineSettings[];
  readonly weather: Weather;
  readonly now: () => number;
  /** Hears of all that happens. */
  readonly tell: (text: () => string) => void;
}

export interface Judge extends Court {
  readonly faults: readonly Fault[];
  /** Names of all engines, in the configuration or not. */
  readonly names: readonly string[];
  lateMs: number;
  /** Called with each change, once it was looked at. */
  onChange: (event: StateEvent) => void;
  readonly publish: (event: EngineEvent) => void;
  readonly onSpawn: (process: SimProcess) => void;
  /** As they were set last. */
  settingsOf(engine: string): EngineSettings;
  /** Its processes that faults may happen to. */
  victims(engine: string): readonly SimProcess[];
  /** Whether it is in the configuration. */
  has(engine: string): boolean;
  /** What somebody who asks now finds: the newest process, and whether a user may hold it stopped. */
  meeting(engine: string): { readonly generation: number; readonly metHold: boolean };
  /** Whether a lease that is asked for now has to be given at once. */
  owesLease(engine: string): boolean;
  /** `lease` was given for `call`. */
  lends(call: Call, lease: EngineLease): EngineLease;
  /** A process works on an input; gives what tells its end. */
  works(call: Call): () => void;
  /** Somebody uses the app. */
  touches(engine: string): void;
  opens(call: Call): void;
  /** A user stops an engine until it is started by hand. */
  holds(engine: string, held: "maybe" | "yes"): void;
  /** Somebody does not want any more what was asked for. */
  leaves(call: Call): void;
  /** A call came to its end. */
  settles(call: Call, outcome: string): void;
  /** Until now nobody could look at anything, if `isBlind`. */
  looksUntil(isBlind: boolean): void;
  /** All is to be closed. */
  closes(): void;
  /** Nothing but time can move anything now. */
  look(): void;
  /** The same, of what is shown. */
  lookAt(view: EngineView): void;
}

/** Only one that nothing can end, or that can't be found, may live beside its successor. */
export function isExcused({ isReleased, hasOutlivedKill, hasEscaped }: SimProcess): boolean {
  return isReleased && (hasOutlivedKill || hasEscaped);
}

export function showTemper(temper: SimProcess["temper"]): string {
  return Object.entries(temper).map(([name, value]) => `${name}=${value}`).join(" ");
}

/** Why callers leave; an error would be made with its stack, thousands of times. */
export const LEFT = { name: "left" };
