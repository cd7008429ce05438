/** Rows of the states with a process on its way out: `draining` and `stopping`. */
import {
  cleanUpAfterExit,
  drainMsOf,
  endDrain,
  firstStep,
  holdForNext,
  leaveBy,
  refuseHeld,
  rest,
  strictest,
  unheld,
} from "./leaving.ts";
import { BUSY_HOLDS_MS } from "./idle.ts";
import type { Draining, Step, Stopping } from "./machine_types.ts";
import { ignored, type Moment, type Row } from "./rule.ts";
import { afterStop, endedHow, stay, stopReason, toStep } from "./steps.ts";

export const draining: Row<"draining"> = {
  want: { label: "wanted", to: ["draining"], run: holdForNext },
  release: {
    label: "request ends",
    to: ["draining", "stopping"],
    run(state, _event, moment) {
      return endWhenUnused({ ...state, inflight: state.inflight - 1 }, moment);
    },
  },
  polled: {
    label: "status",
    to: ["draining", "stopping"],
    run(state, { busy }, moment) {
      if (state.busyUntil === null) return stay(state);
      const busyUntil = moment.now + (busy ? BUSY_HOLDS_MS : 0);
      return endWhenUnused({ ...state, busyUntil }, moment);
    },
  },
  deadline: {
    label: "drain limit",
    to: ["stopping"],
    run: (state, _event, moment) => endDrain(state, moment),
  },
  stop: {
    label: "stop again",
    to: ["draining", "stopping"],
    run(state, event, moment) {
      const wakes = strictest(state.wakes, event.wakes);
      if (event.urgency !== "drain") {
        return leaveBy(state, { ...event, wakes }, { ...moment, step: firstStep(event) });
      }
      const deadline = Math.min(state.deadline, moment.now + drainMsOf(event, moment));
      const reason = event.cause === "shutdown" ? "shutdown" : state.reason;
      return stay({ ...state, deadline, reason, wakes }, ...refuseHeld(event));
    },
  },
  exited: {
    label: "exits",
    to: ["stopping"],
    run: (state, { exit }, moment) =>
      cleanUpAfterExit(state, exit, {
        ...moment,
        reason: state.reason ?? "requested",
        then: rest(state.reason ?? "requested"),
        wakes: state.wakes,
      }),
  },
  unhold: {
    label: "another is started by hand",
    to: ["draining"],
    run: (state) => stay({ ...state, wakes: unheld(state.wakes) }),
  },
  touch: ignored("draining", "activity"),
  unhealthy: ignored("draining", "does not answer"),
};

export const stopping: Row<"stopping"> = {
  want: { label: "wanted", to: ["stopping"], run: holdForNext },
  stop: {
    label: "stop again",
    to: ["stopping"],
    run(state, event, moment) {
      const then = rest(stopReason(event.cause));
      const next: Stopping = { ...state, then, wakes: strictest(state.wakes, event.wakes) };
      const effects = refuseHeld(event);
      if (event.urgency !== "kill" || state.step === "killing") return stay(next, ...effects);
      const killed = toStep(next, "killing", moment);
      return { state: killed.state, effects: [...effects, ...killed.effects] };
    },
  },
  stop_unavailable: {
    label: "has no /stop",
    to: ["stopping"],
    run: (state, _event, moment) =>
      state.step === "asking" ? toStep(state, "terminating", moment) : stay(state),
  },
  exited: {
    label: "leader exits",
    to: ["stopping"],
    run(state, { exit }, moment) {
      const next: Stopping = { ...state, exit, how: endedHow(state.step) };
      // The leader's end is not the end of its group: the ladder goes on for the rest.
      return state.step === "asking" ? toStep(next, "terminating", moment) : stay(next);
    },
  },
  deadline: {
    label: "grace is over",
    to: ["stopping", "stopped", "starting", "backoff", "failed"],
    run(state, { waiting }, moment) {
      if (state.step === "asking") return toStep(state, "terminating", moment);
      if (state.step === "terminating") return toStep(state, "killing", moment);
      return afterStop({ ...state, how: "lost" }, { ...moment, waiting });
    },
  },
  gone: {
    label: "nothing is left",
    to: ["stopped", "starting", "backoff", "failed"],
    run: (state, { waiting }, moment) => afterStop(state, { ...moment, waiting }),
  },
  release: ignored("stopping", "request ends"),
  unhold: {
    label: "another is started by hand",
    to: ["stopping"],
    run: (state) => stay({ ...state, wakes: unheld(state.wakes) }),
  },
  touch: ignored("stopping", "activity"),
  ready: ignored("stopping", "late health answer"),
  not_yet: ignored("stopping", "late health answer"),
  polled: ignored("stopping", "late status"),
  unhealthy: ignored("stopping", "does not answer"),
};

function endWhenUnused(state: Draining, moment: Moment): Step {
  const isUsed = state.inflight > 0 || (state.busyUntil ?? 0) > moment.now;
  return isUsed ? stay(state) : endDrain(state, moment);
}
