/** What the rules need to know besides the engine they look at. */
import type { EngineState } from "../../../src/core/mod.ts";
import type { Call } from "./calls.ts";
import type { EngineRecord } from "./engine_record.ts";
import type { Weather } from "./temper.ts";

/** The rules, as docs/reliability.md names them. */
export type Rule =
  | "one process"
  | "reload"
  | "replicas"
  | "settled once"
  | "no idle stop under work"
  | "a way out"
  | "deadlines"
  | "generations"
  | "backoff"
  | "justified"
  | "outcomes"
  | "time"
  | "views"
  | "bounds"
  | "no error of ours";

export interface Court {
  /** The clock's time. */
  readonly now: number;
  readonly weather: Weather;
  /** When the close of all began; `Infinity` = it did not. */
  readonly closingAt: number;
  /** The last moment in which nothing could be looked at, for want of descriptors. */
  readonly blindUntil: number;
  /** For how long in all timers that were due could not fire. */
  readonly lateMs: number;
  /** Calls that are not settled. */
  readonly open: ReadonlySet<Call>;
  fault(rule: Rule, text: string): void;
}

/** A fraction of a millisecond is lost where timers take whole ones. */
export const ROUNDING_MS = 2;

/** How late something may be that was waited for since the engine's state began. */
export function graceOf(record: EngineRecord, court: Court): number {
  return court.lateMs - record.lateAtSince + ROUNDING_MS;
}

/** Those who wait for a process of this engine. */
export function heldCalls(record: EngineRecord, court: Court): Call[] {
  return [...court.open].filter(({ engine, kind, servedBy, abort }) =>
    engine === record.name && kind !== "stop" && servedBy === null && !abort.signal.aborted
  );
}

/** The clock is asked for the time of a request in steps when there are many. */
export const STEP_MS = 100;

export function isLeaving(state: EngineState): boolean {
  return state === "draining" || state === "stopping";
}
