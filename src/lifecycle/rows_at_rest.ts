/** Rows of the states without a process: `stopped`, `backoff` and `failed`. */
import type { ChangeReason } from "../core/mod.ts";
import { refuseHeld, strictest, unheld } from "./leaving.ts";
import type { Effect, Failure, LifecycleState, Step, WantedBy } from "./machine_types.ts";
import { type EventTyped, ignored, type Moment, type Row } from "./rule.ts";
import {
  refusalOf,
  startReason,
  stay,
  stopReason,
  toBackoff,
  toStarting,
  toStopped,
} from "./steps.ts";

/** How long a failed engine answers proxied requests with the stored error. */
export const FAILED_HOLDS_MS = 30_000;

/** Why an engine is at rest after a failure that nobody waits any more to see mended. */
const REASONS: Readonly<Record<Failure["kind"], ChangeReason>> = {
  spawn_failed: "start_failed",
  start_timeout: "start_timeout",
  health_failed: "start_timeout",
  crashed: "crash",
  unhealthy: "unhealthy",
};

export const stopped: Row<"stopped"> = {
  want: {
    label: "wanted",
    to: ["starting", "backoff", "stopped"],
    run(state, event, moment) {
      const { by } = event;
      if (state.wakes === "never" || (state.wakes === "by_hand" && by !== "start")) {
        return stay(state, { type: "refuse", refusal: refusalOf(state.wakes) });
      }
      const { failure, failures: { retryAt } } = state;
      const { now } = moment;
      if (failure === null || by === "start" || retryAt <= now) return startFor(state, by, moment);
      const held = holdUntil(retryAt, event, { now, failure });
      if (held.type === "refuse") return stay(state, held);
      const reason = startReason(by);
      const next = toBackoff(state, { now, reason, failure, restarts: "while_waited_for" });
      return stay(next.state, held);
    },
  },
  stop: {
    label: "stop",
    to: ["stopped"],
    // Who is held waits for room, where others are in the way.
    run: (state, event) =>
      stay({ ...state, wakes: strictest(state.wakes, event.wakes) }, ...refuseHeld(event)),
  },
  unhold: {
    label: "another is started by hand",
    to: ["stopped"],
    run: (state) => stay({ ...state, wakes: unheld(state.wakes) }),
  },
  touch: ignored("stopped", "activity"),
  release: ignored("stopped", "late end of a request"),
  exited: ignored("stopped", "late end of a lost process"),
  gone: ignored("stopped", "late end of a lost process"),
};

export const backoff: Row<"backoff"> = {
  want: {
    label: "wanted",
    to: ["starting", "backoff"],
    run(state, event, moment) {
      // Whoever starts it by hand does not mean later.
      if (event.by === "start") return startFor(state, event.by, moment);
      const { failure, deadline } = state;
      return stay(state, holdUntil(deadline, event, { now: moment.now, failure }));
    },
  },
  deadline: {
    label: "backoff is over",
    to: ["starting", "stopped"],
    run(state, { waiting }, { now, limits }) {
      if (waiting === null && state.restarts === "while_waited_for") {
        const { failure } = state;
        const reason = REASONS[failure.kind];
        return toStopped(state, { now, reason, wakes: "on_demand", failure });
      }
      const next = toStarting(state, { now, limits, reason: "retry" });
      return stay(next.state, next.spawn);
    },
  },
  stop: {
    label: "stop",
    to: ["stopped", "backoff"],
    run(state, event, { now }) {
      // Nothing to stop: the start that is the other half of a restart comes now.
      if (event.cause === "restart") return stay(state);
      const { wakes } = event;
      const reason = stopReason(event.cause);
      const stopped = toStopped(state, { now, reason, wakes, failure: state.failure });
      return stay(stopped.state, ...refuseHeld(event));
    },
  },
  unhold: ignored("backoff", "another is started by hand"),
  touch: ignored("backoff", "activity"),
  release: ignored("backoff", "late end of a request"),
  exited: ignored("backoff", "late end of a lost process"),
  gone: ignored("backoff", "late end of a lost process"),
};

export const failed: Row<"failed"> = {
  want: {
    label: "wanted",
    to: ["starting", "failed"],
    run(state, { by }, moment) {
      const retryAfterMs = state.since + FAILED_HOLDS_MS - moment.now;
      if (by === "start" || by === "input" || retryAfterMs <= 0) return startFor(state, by, moment);
      const { failure } = state;
      return stay(state, { type: "refuse", refusal: { kind: "failure", failure, retryAfterMs } });
    },
  },
  stop: {
    label: "stop",
    to: ["stopped"],
    run(state, event, { now }) {
      const { wakes } = event;
      const reason = stopReason(event.cause);
      const stopped = toStopped(state, { now, reason, wakes, failure: state.failure });
      // Who is held waits for another program that is on its way.
      return stay(stopped.state, ...refuseHeld(event));
    },
  },
  unhold: ignored("failed", "another is started by hand"),
  touch: ignored("failed", "activity"),
  release: ignored("failed", "late end of a request"),
  exited: ignored("failed", "late end of a lost process"),
  gone: ignored("failed", "late end of a lost process"),
};

function startFor(state: LifecycleState, by: WantedBy, moment: Moment): Step {
  const next = toStarting(state, { ...moment, reason: startReason(by) });
  return stay(next.state, next.spawn, { type: "hold" });
}

/** Holds who waits until `at`, and tells the others when to come again. */
function holdUntil(
  at: number,
  { until }: EventTyped<"want">,
  { now, failure }: { readonly now: number; readonly failure: Failure },
): Extract<Effect, { type: "hold" | "refuse" }> {
  if (until >= at) return { type: "hold" };
  return { type: "refuse", refusal: { kind: "backoff", failure, retryAfterMs: at - now } };
}
