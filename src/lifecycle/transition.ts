/**
 * `transition(state, event, now)`: the one door into the table. Pure: the same arguments give the
 * same step, and nothing else is touched.
 *
 * @module
 */
import { NO_FAILURES } from "./failure_record.ts";
import { idleDeadline } from "./idle.ts";
import type { LifecycleEvent, LifecycleLimits, LifecycleState, Step } from "./machine_types.ts";
import type { Moment } from "./rule.ts";
import { TABLE } from "./table.ts";

/** An event that the table has no row for: a mistake of the caller. */
export class IllegalEventError extends TypeError {
  override readonly name = "IllegalEventError";
  constructor(readonly state: LifecycleState["name"], readonly event: LifecycleEvent["type"]) {
    super(`Event "${event}" has no row in state "${state}"`);
  }
}

export interface Lifecycle {
  /** Throws {@linkcode IllegalEventError}. What a dead process reports late changes nothing. */
  transition(state: LifecycleState, event: LifecycleEvent, now: number): Step;
  /** When `state` wants the event `deadline`, in the same clock; `null` = never. */
  deadlineOf(state: LifecycleState): number | null;
}

export const INITIAL_STATE: LifecycleState = {
  name: "stopped",
  since: 0,
  reason: null,
  generation: 0,
  how: null,
  failures: NO_FAILURES,
  wakes: "on_demand",
  failure: null,
};

/** The machine of an engine with these limits. */
export function createLifecycle(limits: LifecycleLimits): Lifecycle {
  return {
    transition(state, event, now) {
      if ("generation" in event && event.generation !== state.generation) {
        return { state, effects: [] };
      }
      return lookUp(state, event, { now, limits });
    },
    deadlineOf(state) {
      switch (state.name) {
        case "stopped":
        case "failed":
          return null;
        case "ready":
          return idleDeadline(state.work, limits);
        default:
          return state.deadline;
      }
    },
  };
}

function lookUp(state: LifecycleState, event: LifecycleEvent, moment: Moment): Step {
  // The table's type ties each row to its state and event; one look-up can't show that to the
  // compiler, so the two are named again here.
  const rule = TABLE[state.name][event.type] as
    | { run(state: LifecycleState, event: LifecycleEvent, moment: Moment): Step }
    | undefined;
  if (rule === undefined) throw new IllegalEventError(state.name, event.type);
  return rule.run(state, event, moment);
}
