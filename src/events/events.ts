/**
 * Everything that is ever published, as one union. What carries an id can be replayed.
 *
 * @module
 */
import type { ChangeReason, EndedHow, EngineState, EngineView } from "../core/mod.ts";

/** An engine went from one state to another. */
export interface StateEvent {
  readonly type: "state";
  readonly engine: string;
  /** Of an engine with replicas, the one it is about. */
  readonly instance?: number;
  readonly from: EngineState;
  readonly to: EngineState;
  readonly reason: ChangeReason;
  /** Of the process that ended with this change. */
  readonly exitCode?: number;
  readonly signal?: string;
  readonly how?: EndedHow;
  /** How long the state `from` lasted. */
  readonly tookMs?: number;
  /** The engine after the change. */
  readonly view: EngineView;
}

/** The answer of the engine to `GET /status`, once a second. Not replayed. */
export interface PythonStatusEvent {
  readonly type: "python_status";
  readonly engine: string;
  /** The engine's own JSON. */
  readonly status: Readonly<Record<string, unknown>>;
}

/** An input was answered. Texts are cut to 4 KiB of UTF-8. */
export interface PythonInputEvent {
  readonly type: "python_input";
  readonly engine: string;
  readonly input: string;
  readonly message: string;
  /** Which of the two texts were cut. */
  readonly cut: readonly ("input" | "message")[];
  /** The engine's own count, if it gave one. */
  readonly count: number | null;
  /** When the answer came; RFC 3339, UTC. */
  readonly at: string;
  readonly tookMs: number;
  /** Of the request it came with. */
  readonly requestId?: string;
  readonly traceId?: string;
}

/** Something a person should know. */
export interface NoticeEvent {
  readonly type: "notice";
  readonly level: "info" | "warn";
  readonly engine?: string;
  readonly title: string;
  readonly detail: string;
  readonly remedy?: string;
  /** RFC 3339, UTC. */
  readonly at: string;
}

/** The current view of some or all engines: after a connect, and when numbers changed. Not replayed. */
export interface SnapshotEvent {
  readonly type: "snapshot";
  readonly engines: readonly EngineView[];
}

export type EngineEvent =
  | StateEvent
  | PythonStatusEvent
  | PythonInputEvent
  | NoticeEvent
  | SnapshotEvent;

export type EventTopic = EngineEvent["type"];

/** Events that stay in the ring and carry an id. */
export const REPLAYABLE: ReadonlySet<EventTopic> = new Set(["state", "python_input", "notice"]);

/** An event as it was published. `id` is `BOOT.SEQ` for a replayable one, else `null`. */
export interface Published {
  readonly id: string | null;
  readonly event: EngineEvent;
}

/** Instead of events a reader was too slow for, or that have left the ring. */
export interface Gap {
  readonly type: "gap";
  /** How many events were lost; `null` when it can't be known. */
  readonly missed: number | null;
}

/** What a subscriber takes out of its mailbox. */
export type Delivery = Published | Gap;

/** The publishing side, all that most rooms know of the bus. */
export interface EventSink {
  /** Never waits and never throws. */
  publish(event: EngineEvent): void;
}
