/** Rows of the states without a process: `stopped` and `failed`. */
import { strictest } from "./leaving.ts";
import type { LifecycleState, Step, WantedBy } from "./machine_types.ts";
import { ignored, type Moment, type Row } from "./rule.ts";
import { refusalOf, startReason, stay, stopReason, toStarting } from "./steps.ts";

/** How long a failed engine answers proxied requests with the stored error. */
export const FAILED_HOLDS_MS = 30_000;

export const stopped: Row<"stopped"> = {
  want: {
    label: "wanted",
    to: ["starting", "stopped"],
    run(state, { by }, moment) {
      if (state.wakes === "never" || (state.wakes === "by_hand" && by !== "start")) {
        return stay(state, { type: "refuse", refusal: refusalOf(state.wakes) });
      }
      return startFor(state, by, moment);
    },
  },
  stop: {
    label: "stop",
    to: ["stopped"],
    run: (state, { wakes }) => stay({ ...state, wakes: strictest(state.wakes, wakes) }),
  },
  touch: ignored("stopped", "activity"),
  release: ignored("stopped", "late end of a request"),
  exited: ignored("stopped", "late end of a lost process"),
  gone: ignored("stopped", "late end of a lost process"),
};

export const failed: Row<"failed"> = {
  want: {
    label: "wanted",
    to: ["starting", "failed"],
    run(state, { by }, moment) {
      const retryAfterMs = state.since + FAILED_HOLDS_MS - moment.now;
      if (by !== "request" || retryAfterMs <= 0) return startFor(state, by, moment);
      const { failure } = state;
      return stay(state, { type: "refuse", refusal: { kind: "failure", failure, retryAfterMs } });
    },
  },
  stop: {
    label: "stop",
    to: ["stopped"],
    run: (state, event, { now }) =>
      stay({
        name: "stopped",
        since: now,
        reason: stopReason(event.cause),
        generation: state.generation,
        how: state.how,
        wakes: event.wakes,
        failure: state.failure,
      }),
  },
  touch: ignored("failed", "activity"),
  release: ignored("failed", "late end of a request"),
  exited: ignored("failed", "late end of a lost process"),
  gone: ignored("failed", "late end of a lost process"),
};

function startFor(state: LifecycleState, by: WantedBy, moment: Moment): Step {
  const next = toStarting(state, { ...moment, reason: startReason(by), attempt: 1 });
  return stay(next.state, next.spawn, { type: "hold" });
}
