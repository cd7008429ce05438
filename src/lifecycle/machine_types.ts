/**
 * The vocabulary of one engine's life: states, events, effects. No process, path or log line is
 * known here; times are milliseconds of a monotonic clock.
 *
 * @module
 */
import type { ChangeReason, EndedHow, ExitStatus, SpawnError } from "../core/mod.ts";
import type { FailureRecord } from "./failure_record.ts";

/** Counts the processes of one engine; what a dead process reports late is told by it. */
export type Generation = number;

/** The limits the machine goes by, in milliseconds. */
export interface LifecycleLimits {
  /** From spawn to ready. */
  readonly startTimeoutMs: number;
  /** 0 = as soon as idle, -1 = never. */
  readonly idleTimeoutMs: number;
  /** Between the steps of a stop. */
  readonly graceMs: number;
  /**
   * What ends it where its process does not: the first step of every stop then, a start's end too.
   * @default nothing
   */
  readonly stopCommand?: readonly string[] | null;
  /** For requests in flight after a stop by a user. */
  readonly drainMs: number;
  /** For requests in flight when the program closes. */
  readonly closeDrainMs: number;
  /** For requests and jobs in flight when another process takes the place of this one. */
  readonly reloadDrainMs: number;
  /** Whether a process that ends unasked is followed by another though nobody waits, and never idles out. */
  readonly keep: "when_used" | "always";
}

/**
 * Who wants the engine: a start call, an input, a proxied request; more of them than there are slots; or
 * somebody who wants it there before the first one; one that takes the place of another.
 */
export type WantedBy = "start" | "input" | "request" | "scale" | "preload" | "reload";

/** Who may start a stopped engine again. */
export type Wakes = "on_demand" | "by_hand" | "never";

/** Why a process did not live as it should. */
export type Failure =
  | { readonly kind: "spawn_failed"; readonly error: SpawnError }
  | { readonly kind: "start_timeout" }
  | { readonly kind: "health_failed"; readonly status: number }
  | {
    readonly kind: "crashed";
    readonly exit: ExitStatus;
    readonly during: "start" | "service";
  }
  /** It was alive and did not answer. */
  | { readonly kind: "unhealthy" };

/** What the engine is working on, and since when it is not. */
export interface Work {
  readonly inflight: number;
  /** When the last activity or request ended. */
  readonly lastActivityAt: number;
  /** Until when the engine's own word that it is busy holds. */
  readonly busyUntil: number;
  /** What a request has said instead of `idleTimeoutMs`; `null` = none has. */
  readonly keepAliveMs: number | null;
}

/** Whether another process follows one that ended unasked. */
export type Restarts = "while_waited_for" | "always";

/** What comes once the process is gone. */
export type AfterStop =
  | { readonly to: "stopped"; readonly reason: ChangeReason; readonly failure: null }
  /** It ended unasked: another process, later, always or while somebody waits. */
  | {
    readonly to: "retry";
    readonly reason: ChangeReason;
    readonly failure: Failure;
    readonly restarts: Restarts;
  }
  | { readonly to: "failed"; readonly reason: ChangeReason; readonly failure: Failure };

interface Common {
  /** When the state was entered. */
  readonly since: number;
  /** Why it was entered; `null` before anything happened. */
  readonly reason: ChangeReason | null;
  /** The newest process; 0 before the first. */
  readonly generation: Generation;
  /** How the last process ended; `null` when none has, or one ended unasked. */
  readonly how: EndedHow | null;
  /** How the processes before did. */
  readonly failures: FailureRecord;
}

export interface Stopped extends Common {
  readonly name: "stopped";
  readonly wakes: Wakes;
  /** Set when the last process ended badly. */
  readonly failure: Failure | null;
}

export interface Starting extends Common {
  readonly name: "starting";
  readonly deadline: number;
  /** The last health answer that was not 200. */
  readonly lastStatus: number | null;
}

export interface Ready extends Common {
  readonly name: "ready";
  readonly work: Work;
}

export interface Draining extends Common {
  readonly name: "draining";
  readonly deadline: number;
  readonly inflight: number;
  /** Until when the engine's own word that it is busy holds; `null` where nobody waits for that. */
  readonly busyUntil: number | null;
  readonly wakes: Wakes;
}

export interface Stopping extends Common {
  readonly name: "stopping";
  /** Asked by `POST /stop`, told by SIGTERM, or killed. */
  readonly step: "asking" | "terminating" | "killing";
  readonly deadline: number;
  /** How the leader ended; `null` while it lives. */
  readonly exit: ExitStatus | null;
  readonly then: AfterStop;
  readonly wakes: Wakes;
}

/** No process, and another one at `deadline`. */
export interface Backoff extends Common {
  readonly name: "backoff";
  readonly deadline: number;
  readonly failure: Failure;
  readonly restarts: Restarts;
}

export interface Failed extends Common {
  readonly name: "failed";
  readonly failure: Failure;
}

export type LifecycleState = Stopped | Starting | Ready | Draining | Stopping | Backoff | Failed;

/**
 * `scale`: it is one more than is needed. `evicted`: its room is needed. `reload`: another takes its place.
 */
export type StopCause = "user" | "restart" | "shutdown" | "scale" | "evicted" | "reload";

/** `drain` lets requests in flight end, `force` does not, `kill` sends SIGKILL at once. */
export type StopUrgency = "drain" | "force" | "kill";

export type LifecycleEvent =
  /** `until` is how long, in the machine's time, the one who wants it waits for another process. */
  | { readonly type: "want"; readonly by: WantedBy; readonly until: number }
  /** A granted request has ended; `keepAliveMs`: what the process's idle time-out is from now on. */
  | {
    readonly type: "release";
    readonly generation: Generation;
    readonly keepAliveMs?: number | undefined;
  }
  /** Somebody uses the app. */
  | { readonly type: "touch" }
  /** Another instance of the engine is started by hand: any request may wake this one again. */
  | { readonly type: "unhold" }
  | {
    readonly type: "stop";
    readonly cause: StopCause;
    readonly urgency: StopUrgency;
    readonly wakes: Wakes;
  }
  | {
    readonly type: "spawn_failed";
    readonly generation: Generation;
    readonly error: SpawnError;
    readonly chance: number;
    readonly waiting: WantedBy | null;
  }
  /** The health path answered, but not 200. */
  | { readonly type: "not_yet"; readonly generation: Generation; readonly status: number }
  | { readonly type: "ready"; readonly generation: Generation }
  | { readonly type: "polled"; readonly generation: Generation; readonly busy: boolean }
  /** The engine has no `POST /stop`. */
  | { readonly type: "stop_unavailable"; readonly generation: Generation }
  /** The leader is gone and reaped; others of its group may live. `chance`: from 0 to below 1. */
  | {
    readonly type: "exited";
    readonly generation: Generation;
    readonly exit: ExitStatus;
    readonly chance: number;
  }
  /** The process lives and has not answered, often enough to be sure. */
  | { readonly type: "unhealthy"; readonly generation: Generation; readonly chance: number }
  /** Nothing of the process is left. `waiting` is who waits longest, if anybody does. */
  | {
    readonly type: "gone";
    readonly generation: Generation;
    readonly waiting: WantedBy | null;
  }
  /** The time that {@linkcode LifecycleState} named as its deadline has come. */
  | { readonly type: "deadline"; readonly waiting: WantedBy | null };

/** Why somebody who wants the engine does not get it. */
export type Refusal =
  | { readonly kind: "stopped_by_user" }
  | { readonly kind: "shutting_down" }
  | { readonly kind: "backoff"; readonly failure: Failure; readonly retryAfterMs: number }
  | { readonly kind: "failure"; readonly failure: Failure; readonly retryAfterMs?: number };

export type Effect =
  | { readonly type: "spawn"; readonly generation: Generation }
  | { readonly type: "ask_stop"; readonly generation: Generation }
  | {
    readonly type: "signal";
    readonly generation: Generation;
    readonly osSignal: "SIGTERM" | "SIGKILL";
  }
  /** To the one whose `want` this answers. */
  | { readonly type: "grant" }
  | { readonly type: "hold" }
  | { readonly type: "refuse"; readonly refusal: Refusal }
  /** To all who are held. */
  | { readonly type: "ask_held_again" }
  | { readonly type: "refuse_held"; readonly refusal: Refusal }
  /** To those held who do not wait until `at`. */
  | { readonly type: "refuse_impatient"; readonly at: number; readonly refusal: Refusal };

/** What a transition gives: the next state and what is to be done. */
export interface Step {
  readonly state: LifecycleState;
  readonly effects: readonly Effect[];
}
