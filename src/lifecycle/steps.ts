/** The moves that several rows of the table share. Each gives a whole {@linkcode Step}. */
import type { ChangeReason, EndedHow, ExitStatus } from "../core/mod.ts";
import { type FailureRecord, MAX_DEAD_STARTS, NO_FAILURES } from "./failure_record.ts";
import type {
  AfterStop,
  Backoff,
  Draining,
  Effect,
  Failure,
  LifecycleLimits,
  LifecycleState,
  Ready,
  Refusal,
  Restarts,
  Starting,
  Step,
  StopCause,
  Stopping,
  WantedBy,
} from "./machine_types.ts";

/** How long after SIGKILL a process may take to disappear before it counts as lost. */
export const KILL_LIMIT_MS = 2_000;

export function stay(state: LifecycleState, ...effects: Effect[]): Step {
  return { state, effects };
}

export function startReason(by: WantedBy): ChangeReason {
  return by === "start" ? "requested" : by;
}

export function stopReason(cause: StopCause): ChangeReason {
  return cause === "user" || cause === "restart" ? "requested" : cause;
}

/** A new process. */
export function toStarting(
  from: LifecycleState,
  next: {
    readonly now: number;
    readonly reason: ChangeReason;
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
      failures: from.name === "failed" ? NO_FAILURES : from.failures,
      deadline: next.now + next.limits.startTimeoutMs,
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
  /** Changed by how the process ended. */
  readonly failures?: FailureRecord;
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
    failures: options.failures ?? from.failures,
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
  const { then, wakes } = state;
  if (then.to === "failed") return toFailed(state, { ...then, now });
  const isWanted = waiting !== null || (then.to === "retry" && then.restarts === "always");
  if (!isWanted || wakes === "never") return toStopped(state, { ...then, now, wakes });
  if (then.to === "retry") return retry(state, then, { now, limits });
  const reason = waiting === null ? "requested" : startReason(waiting);
  const { state: next, spawn } = toStarting(state, { now, limits, reason });
  return stay(next, spawn);
}

function retry(
  state: Stopping,
  { failure, reason, restarts }: Extract<AfterStop, { to: "retry" }>,
  { now, limits }: { readonly now: number; readonly limits: LifecycleLimits },
): Step {
  const { deadStarts, retryAt } = state.failures;
  if (deadStarts >= MAX_DEAD_STARTS) return toFailed(state, { now, reason, failure });
  if (retryAt > now) return toBackoff(state, { now, reason, failure, restarts });
  const { state: next, spawn } = toStarting(state, { now, limits, reason: "retry" });
  return stay(next, spawn);
}

export function toStopped(
  from: LifecycleState,
  next: {
    readonly now: number;
    readonly reason: ChangeReason;
    readonly wakes: Stopping["wakes"];
    readonly failure: Failure | null;
  },
): Step {
  const { generation, how, failures } = from;
  const { now, reason, wakes, failure } = next;
  return stay({ name: "stopped", since: now, reason, generation, how, failures, wakes, failure });
}

/** Waits until another process may begin; who does not wait that long is told so. */
export function toBackoff(
  from: LifecycleState,
  next: {
    readonly now: number;
    readonly reason: ChangeReason;
    readonly failure: Failure;
    readonly restarts: Restarts;
  },
): Step {
  const { generation, how, failures } = from;
  const { now, reason, failure, restarts } = next;
  const deadline = failures.retryAt;
  const state: Backoff = {
    name: "backoff",
    since: now,
    reason,
    generation,
    how,
    failures,
    deadline,
    failure,
    restarts,
  };
  const refusal: Refusal = { kind: "backoff", failure, retryAfterMs: deadline - now };
  return stay(state, { type: "refuse_impatient", at: deadline, refusal });
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
      failures: state.failures,
      failure,
    },
    effects: [{ type: "refuse_held", refusal: { kind: "failure", failure } }],
  };
}
