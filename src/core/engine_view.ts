/**
 * What the outside sees of an engine: the JSON of `GET /api/engines/NAME` and of the events.
 * The API, the pages and the command line all read these shapes and nothing else.
 *
 * @module
 */

/** The states of one engine. *Busy* is `ready` with work in flight: drawn, not a state. */
export const ENGINE_STATES = [
  "stopped",
  "starting",
  "ready",
  "draining",
  "stopping",
  "backoff",
  "failed",
] as const;

export type EngineState = typeof ENGINE_STATES[number];

/** Why an engine went from one state to another. */
export type ChangeReason =
  | "requested"
  | "idle"
  | "input"
  | "request"
  | "exit"
  | "start_timeout"
  | "start_failed"
  | "crash"
  | "retry"
  | "unhealthy"
  | "scale"
  | "evicted"
  | "preload"
  | "reload"
  | "shutdown";

/** How a process ended: by itself when asked, by SIGTERM, by SIGKILL, or not confirmed at all. */
export type EndedHow = "graceful" | "terminated" | "killed" | "lost";

/** `python` is our Python engine (from source or as a sidecar); `command` any other program. */
export type EngineKind = "builtin" | "python" | "command" | "remote";

/** An error as the view carries it; the same fields as a problem document. */
export interface ErrorView {
  readonly code: string;
  readonly title: string;
  readonly detail: string;
  readonly remedy: string;
  /** RFC 3339, UTC. */
  readonly at: string;
  /** The engine's last output lines, oldest first. */
  readonly lastLines: readonly string[];
}

/** One of several instances of an engine. */
export interface InstanceView {
  /** From 0 on. */
  readonly id: number;
  readonly state: EngineState;
  readonly since: string;
  readonly pid: number | null;
  readonly readyAt: string | null;
  readonly inflight: number;
  readonly rssBytes: number | null;
  readonly lastError: ErrorView | null;
  readonly socket: string;
}

/** One engine. Times are RFC 3339 in UTC, `null` where there is none; durations are `…Ms`. */
export interface EngineView {
  readonly name: string;
  readonly kind: EngineKind;
  readonly state: EngineState;
  /** Why it is in this state; `null` before anything happened. */
  readonly reason: ChangeReason | null;
  /** How the last process ended; `null` while none has. */
  readonly how: EndedHow | null;
  /** When it came into this state. */
  readonly since: string;
  readonly pid: number | null;
  readonly startedAt: string | null;
  readonly readyAt: string | null;
  /** When the idle stop comes; `null` when nothing is counting down. */
  readonly stopsAt: string | null;
  /**
   * When a state that does not last goes on by itself: the start limit, the end of the drain, the next
   * signal of a stop, the next try after a failure.
   */
  readonly deadlineAt?: string;
  readonly lastActivityAt: string | null;
  /** Milliseconds; 0 = as soon as idle, -1 = never. */
  readonly idleTimeoutMs: number;
  /** Requests the engine is working on. */
  readonly inflight: number;
  /** Callers held until the engine is ready, or has a free slot. */
  readonly queued: number;
  /** When the one began to wait who has waited longest. */
  readonly queuedSince: string | null;
  /** Requests that one instance works on at once; `null` = as many as come. */
  readonly slots: number | null;
  /** How long it usually takes until it is ready, by the starts that were seen; `null` = none was. */
  readonly usualStartMs: number | null;
  /** Resident memory of the engine's leader process in bytes; `null` where it is not known. */
  readonly rssBytes: number | null;
  /** Processes started after the first one, since the supervisor started. */
  readonly restarts: number;
  readonly lastError: ErrorView | null;
  /** Where it listens: the path of a Unix socket, HOST:PORT, or the URL of a remote engine. */
  readonly socket: string;
  /** Of an engine with replicas: each of them. What is said above is of the foremost, or of all. */
  readonly instances?: readonly InstanceView[];
}
