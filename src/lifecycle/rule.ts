/** What a row of the transition table is. */
import type { EngineState } from "../core/mod.ts";
import type { LifecycleEvent, LifecycleLimits, LifecycleState, Step } from "./machine_types.ts";
import { stay } from "./steps.ts";

export type StateNamed<N extends EngineState> = Extract<LifecycleState, { name: N }>;
export type EventTyped<T extends LifecycleEvent["type"]> = Extract<LifecycleEvent, { type: T }>;

/** What a row knows besides state and event. */
export interface Moment {
  readonly now: number;
  readonly limits: LifecycleLimits;
}

export interface Rule<N extends EngineState, T extends LifecycleEvent["type"]> {
  /** In words, for the diagram. */
  readonly label: string;
  /** Every state this row may lead to, itself included where it may stay. */
  readonly to: readonly EngineState[];
  readonly run: (state: StateNamed<N>, event: EventTyped<T>, moment: Moment) => Step;
}

/** What one state knows of each event; an event without a rule is illegal there. */
export type Row<N extends EngineState> = {
  readonly [T in LifecycleEvent["type"]]?: Rule<N, T>;
};

export type Table = { readonly [N in EngineState]: Row<N> };

/** An event that may come late or twice and means nothing in `state`. */
export function ignored<N extends EngineState>(state: N, label: string) {
  return { label, to: [state], run: (current: StateNamed<N>) => stay(current) };
}
