/** Moves out of a running state: by a stop, by the drain's end, by an exit nobody asked for. */
import type { FailureRecord } from "./failure_record.ts";
import type {
  AfterStop,
  Draining,
  LifecycleState,
  Ready,
  Starting,
  Step,
  Stopping,
  Wakes,
} from "./machine_types.ts";
import type { EventTyped, Moment } from "./rule.ts";
import { refusalOf, stay, stopReason, toStopping } from "./steps.ts";

export function rest(reason: NonNullable<LifecycleState["reason"]>): AfterStop {
  return { to: "stopped", reason, failure: null };
}

export function holdForNext(state: Draining | Stopping, event: EventTyped<"want">): Step {
  if (state.wakes === "never" || (state.wakes === "by_hand" && event.by !== "start")) {
    return stay(state, { type: "refuse", refusal: refusalOf(state.wakes) });
  }
  return stay(state, { type: "hold" });
}

export function firstStep(event: EventTyped<"stop">): Stopping["step"] {
  return event.urgency === "kill" ? "killing" : "asking";
}

/** How long requests in flight may go on after this stop. */
export function drainMsOf(event: EventTyped<"stop">, { limits }: Moment): number {
  if (event.cause === "reload") return limits.reloadDrainMs;
  return event.cause === "shutdown" ? limits.closeDrainMs : limits.drainMs;
}

/** Those whom a stop finds held: a user's stop and a close let them go, others keep them. */
export function refuseHeld(event: EventTyped<"stop">): Step["effects"] {
  if (event.cause !== "user" && event.cause !== "shutdown") return [];
  const kind = event.cause === "shutdown" ? "shutting_down" : "stopped_by_user";
  return [{ type: "refuse_held", refusal: { kind } }];
}

export function leaveBy(
  state: Starting | Ready | Draining,
  event: EventTyped<"stop">,
  options: Moment & { readonly step: Stopping["step"] },
): Step {
  const reason = stopReason(event.cause);
  const left = toStopping(state, options.step, {
    ...options,
    reason,
    then: rest(reason),
    wakes: event.wakes,
  });
  return { state: left.state, effects: [...refuseHeld(event), ...left.effects] };
}

export function endDrain(state: Draining, moment: Moment): Step {
  const reason = state.reason ?? "requested";
  return toStopping(state, "asking", { ...moment, reason, then: rest(reason), wakes: state.wakes });
}

/** The leader is gone unasked: what is left of its group gets the ladder from SIGTERM on. */
export function cleanUpAfterExit(
  state: Starting | Ready | Draining,
  exit: NonNullable<Stopping["exit"]>,
  options: Moment & {
    readonly reason: NonNullable<LifecycleState["reason"]>;
    readonly then: AfterStop;
    readonly wakes?: Stopping["wakes"];
    readonly failures?: FailureRecord;
  },
): Step {
  return toStopping(state, "terminating", { ...options, exit });
}

/** The rule once the engine was started by hand. */
export function unheld(wakes: Wakes): Wakes {
  return wakes === "by_hand" ? "on_demand" : wakes;
}

/** Of two rules about who may wake the engine the one that lets fewer. */
export function strictest(a: Wakes, b: Wakes): Wakes {
  const order = ["on_demand", "by_hand", "never"] as const;
  return order.indexOf(a) >= order.indexOf(b) ? a : b;
}
