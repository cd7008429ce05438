/** Rows of the states with a process that is wanted: `starting` and `ready`. */
import { afterFailure, afterNoRoom } from "./failure_record.ts";
import {
  idleDeadline,
  noWork,
  withActivity,
  withoutRequest,
  withPoll,
  withRequest,
} from "./idle.ts";
import { cleanUpAfterExit, drainMsOf, firstStep, leaveBy, refuseHeld, rest } from "./leaving.ts";
import type {
  AfterStop,
  Draining,
  Failure,
  LifecycleLimits,
  Restarts,
  Stopping,
} from "./machine_types.ts";
import { type EventTyped, ignored, type Moment, type Row } from "./rule.ts";
import { stay, stopReason, toBackoff, toFailed, toStopped, toStopping } from "./steps.ts";

/** Up to this score a process that did not answer is replaced though nobody waits. */
export const MAX_HANGS = 3;

export const starting: Row<"starting"> = {
  want: { label: "wanted", to: ["starting"], run: (state) => stay(state, { type: "hold" }) },
  unhold: ignored("starting", "another is started by hand"),
  touch: ignored("starting", "activity"),
  not_yet: {
    label: "answers, not 200",
    to: ["starting"],
    run: (state, { status }) => stay({ ...state, lastStatus: status }),
  },
  ready: {
    label: "health is 200",
    to: ["ready"],
    run: (state, _event, { now }) => ({
      state: {
        name: "ready",
        since: now,
        reason: state.reason,
        generation: state.generation,
        how: state.how,
        failures: { ...state.failures, deadStarts: 0 },
        work: noWork(now),
      },
      effects: [{ type: "ask_held_again" }],
    }),
  },
  spawn_failed: {
    label: "can't be spawned",
    to: ["failed", "backoff", "stopped"],
    run(state, { error, chance, waiting }, { now, limits }) {
      const reason = "start_failed";
      const failure: Failure = { kind: "spawn_failed", error };
      if (error.fault === "program") return toFailed(state, { now, reason, failure });
      // What there is not enough of may be there again: so long as it is wanted, it is tried.
      const from = { ...state, failures: afterNoRoom(state.failures, { now, chance }) };
      const restarts = restartsOf(limits);
      if (waiting !== null || restarts === "always") {
        return toBackoff(from, { now, reason, failure, restarts });
      }
      return toStopped(from, { now, reason, wakes: "on_demand", failure });
    },
  },
  exited: {
    label: "exits",
    to: ["stopping"],
    run(state, { exit, chance }, moment) {
      const { now, limits } = moment;
      const reason = "crash";
      const failure: Failure = { kind: "crashed", exit, during: "start" };
      const then: AfterStop = { to: "retry", reason, failure, restarts: restartsOf(limits) };
      const failures = afterFailure(state.failures, { now, chance, readyMs: null });
      return cleanUpAfterExit(state, exit, { ...moment, reason, then, failures });
    },
  },
  deadline: {
    label: "start limit",
    to: ["stopping"],
    run(state, _event, moment) {
      const { limits } = moment;
      const failure: Failure = state.lastStatus === null
        ? { kind: "start_timeout" }
        : { kind: "health_failed", status: state.lastStatus };
      const reason = "start_timeout";
      const then: AfterStop = { to: "failed", reason, failure };
      const step = hasStopCommand(limits) ? "asking" : "killing";
      return toStopping(state, step, { ...moment, reason, then });
    },
  },
  stop: {
    label: "stop",
    to: ["stopping"],
    run: (state, event, moment) =>
      leaveBy(state, event, { ...moment, step: firstStepOfStart(event, moment) }),
  },
};

/** One that is not ready can't be asked by a request. */
function firstStepOfStart({ urgency }: EventTyped<"stop">, { limits }: Moment): Stopping["step"] {
  if (urgency === "kill") return "killing";
  return hasStopCommand(limits) ? "asking" : "terminating";
}

function hasStopCommand({ stopCommand = null }: LifecycleLimits): boolean {
  return stopCommand !== null;
}

export const ready: Row<"ready"> = {
  unhold: ignored("ready", "another is started by hand"),
  want: {
    label: "wanted",
    to: ["ready"],
    run: (state, { by }, { now }) =>
      stay({
        ...state,
        work: by === "input" || by === "request"
          ? withRequest(state.work)
          : withActivity(state.work, now),
      }, { type: "grant" }),
  },
  release: {
    label: "request ends",
    to: ["ready"],
    run: (state, { keepAliveMs }, { now }) =>
      stay({ ...state, work: withoutRequest(state.work, { now, keepAliveMs }) }),
  },
  touch: {
    label: "activity",
    to: ["ready"],
    run: (state, _event, { now }) => stay({ ...state, work: withActivity(state.work, now) }),
  },
  polled: {
    label: "status",
    to: ["ready"],
    run: (state, { busy }, { now }) => stay({ ...state, work: withPoll(state.work, busy, now) }),
  },
  deadline: {
    label: "idle limit",
    to: ["stopping", "ready"],
    run(state, _event, moment) {
      const due = idleDeadline(state.work, moment.limits);
      if (due === null || due > moment.now) return stay(state);
      return toStopping(state, "asking", { ...moment, reason: "idle", then: rest("idle") });
    },
  },
  exited: {
    label: "exits",
    to: ["stopping"],
    run(state, { exit, chance }, moment) {
      const { now, limits } = moment;
      const isCrash = exit.code !== 0;
      const reason = isCrash ? "crash" : "exit";
      // An engine that has done its work may say so by exit 0, unless it is to be there always.
      if (!isCrash && limits.keep !== "always") {
        return cleanUpAfterExit(state, exit, { ...moment, reason, then: rest(reason) });
      }
      const failure: Failure = { kind: "crashed", exit, during: "service" };
      const then: AfterStop = { to: "retry", reason, failure, restarts: restartsOf(limits) };
      const failures = afterFailure(state.failures, { now, chance, readyMs: now - state.since });
      return cleanUpAfterExit(state, exit, { ...moment, reason, then, failures });
    },
  },
  unhealthy: {
    label: "does not answer",
    to: ["stopping"],
    run(state, { chance }, moment) {
      const { now, limits } = moment;
      const reason = "unhealthy";
      const failures = afterFailure(state.failures, { now, chance, readyMs: now - state.since });
      // Nobody need wait for it to be mended, unless it hangs again and again.
      const restarts = failures.score > MAX_HANGS ? restartsOf(limits) : "always";
      const then: AfterStop = { to: "retry", reason, failure: { kind: "unhealthy" }, restarts };
      const step = hasStopCommand(limits) ? "asking" : "terminating";
      return toStopping(state, step, { ...moment, reason, then, failures });
    },
  },
  stop: {
    label: "stop",
    to: ["draining", "stopping"],
    run(state, event, moment) {
      const { now } = moment;
      const drainMs = drainMsOf(event, moment);
      const { inflight, busyUntil } = state.work;
      // A job that runs is in use, too; who wants it stopped does not wait for it.
      const isUsed = inflight > 0 || event.cause === "reload" && busyUntil > now;
      if (event.urgency !== "drain" || !isUsed || drainMs === 0) {
        return leaveBy(state, event, { ...moment, step: firstStep(event) });
      }
      const draining: Draining = {
        name: "draining",
        since: now,
        reason: stopReason(event.cause),
        generation: state.generation,
        how: state.how,
        failures: state.failures,
        deadline: now + drainMs,
        inflight,
        busyUntil: event.cause === "reload" ? busyUntil : null,
        wakes: event.wakes,
      };
      return stay(draining, ...refuseHeld(event));
    },
  },
};

function restartsOf({ keep }: LifecycleLimits): Restarts {
  return keep === "always" ? "always" : "while_waited_for";
}
