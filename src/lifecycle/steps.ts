/** The moves that several rows of the table share. Each gives a whole {@linkcode Step}. */
import type { ChangeReason, EndedHow, ExitStatus } from "../core/mod.ts";
import type {
  AfterStop,
  Draining,
  Effect,
  Failure,
  LifecycleLimits,
  LifecycleState,
  Ready,
  Refusal,
  Starting,
  Step,
  StopCause,
  Stopping,
  WantedBy,
} from "./machine_types.ts";

/** How long after SIGKILL a process may take to disappear before it counts as lost. */
export const KILL_LIMIT_MS = 2_000;

/** How many processes one start may use while somebody waits: the first, and one try more. */
export const MAX_ATTEMPTS = 2;

export function stay(state: LifecycleState, ...effects: Effect[]): Step {
  return { state, effects };
}

export function startReason(by: WantedBy): ChangeReason {
  return by === "start" ? "requested" : by;
}

export function stopReason(cause: StopCause): ChangeReason {
  return cause === "shutdown" ? "shutdown" : "requested";
}

/** A new process. */
export function toStarting(
  from: LifecycleState,
  next: {
    readonly now: number;
    readonly reason: ChangeReason;
    readonly attempt: number;
    readonly limits: LifecycleLimits;
  },
): { state: Starting; spawn: Effect } {
  const generation = from.generation + 1;
  return {
    state: {
      name: "starting",
      since: next.now,
      reason: next.reason,
      generation,
      how: from.how,
      deadline: next.now + next.limits.startTimeoutMs,
      attempt: next.attempt,
      lastStatus: null,
    },
    spawn: { type: "spawn", generation },
  };
}

interface StoppingOptions {
  readonly now: number;
  readonly limits: LifecycleLimits;
  readonly reason: ChangeReason;
  readonly then: AfterStop;
  readonly wakes?: Stopping["wakes"];
  readonly exit?: ExitStatus;
}

/** Enters the ladder of a stop at `step`, with the effect that belongs to the step. */
export function toStopping(
  from: Starting | Ready | Draining,
  step: Stopping["step"],
  options: StoppingOptions,
): Step {
  const entered: Stopping = {
    name: "stopping",
    since: options.now,
    reason: options.reason,
    generation: from.generation,
    step,
    deadline: 0,
    exit: options.exit ?? null,
    how: null,
    attempt: from.name === "starting" ? from.attempt : 1,
    then: options.then,
    wakes: options.wakes ?? "on_demand",
  };
  return toStep(entered, step, { now: options.now, limits: options.limits });
}

/** Moves a stop to `step` of its ladder. */
export function toStep(
  state: Stopping,
  step: Stopping["step"],
  { now, limits }: { readonly now: number; readonly limits: LifecycleLimits },
): Step {
  const { generation } = state;
  const deadline = now + (step === "killing" ? KILL_LIMIT_MS : limits.graceMs);
  const effect: Effect = step === "asking"
    ? { type: "ask_stop", generation }
    : { type: "signal", generation, osSignal: step === "killing" ? "SIGKILL" : "SIGTERM" };
  return { state: { ...state, step, deadline }, effects: [effect] };
}

/** How a leader that exits at `step` has ended. */
export function endedHow(step: Stopping["step"]): EndedHow {
  if (step === "asking") return "graceful";
  return step === "terminating" ? "terminated" : "killed";
}

/** What the one gets who finds this state after a stop that lets nobody wake the engine. */
export function refusalOf(wakes: "by_hand" | "never"): Refusal {
  return { kind: wakes === "never" ? "shutting_down" : "stopped_by_user" };
}

/** Nothing of the process is left: rest, fail, or start for those who wait. */
export function afterStop(
  state: Stopping,
  { now, limits, waiting }: {
    readonly now: number;
    readonly limits: LifecycleLimits;
    readonly waiting: WantedBy | null;
  },
): Step {
  const { then } = state;
  if (then.to === "failed") return toFailed(state, { ...then, now });
  if (waiting !== null && state.wakes !== "never") {
    if (then.to === "retry" && state.attempt >= MAX_ATTEMPTS) {
      return toFailed(state, { now, reason: "crash", failure: then.failure });
    }
    const isRetry = then.to === "retry";
    const { state: next, spawn } = toStarting(state, {
      now,
      limits,
      reason: isRetry ? "retry" : startReason(waiting),
      attempt: isRetry ? state.attempt + 1 : 1,
    });
    return { state: next, effects: [spawn] };
  }
  return stay({
    name: "stopped",
    since: now,
    reason: then.to === "retry" ? "crash" : then.reason,
    generation: state.generation,
    how: state.how,
    wakes: state.wakes,
    failure: then.failure,
  });
}

export function toFailed(
  state: LifecycleState,
  { now, reason, failure }: {
    readonly now: number;
    readonly reason: ChangeReason;
    readonly failure: Failure;
  },
): Step {
  return {
    state: {
      name: "failed",
      since: now,
      reason,
      generation: state.generation,
      how: state.how,
      failure,
    },
    effects: [{ type: "refuse_held", refusal: { kind: "failure", failure } }],
  };
}
