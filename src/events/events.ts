/**
 * Everything that is ever published, as one union. What carries an id can be replayed.
 *
 * @module
 */
import type {
  ChangeReason,
  EndedHow,
  EngineState,
  EngineView,
  OutputStream,
  RequestView,
} from "../core/mod.ts";

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
  /** Of the request that an engine is started for. */
  readonly requestId?: string;
  readonly traceId?: string;
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

/** Lines of one log, in order. Not replayed by its id: who reads goes by the numbers of the lines. */
export interface LogEvent {
  readonly type: "log";
  /** Whose log it is; `null` = what the program says of no engine. */
  readonly engine: string | null;
  /** At most 64, or 16 kB of text. */
  readonly lines: readonly LoggedLine[];
}

export interface LoggedLine {
  /** Counts the lines of its log, without a hole. */
  readonly n: number;
  /** Counts the lines of all logs. */
  readonly seq: number;
  /** When it came; RFC 3339, UTC. */
  readonly t: string;
  readonly stream: OutputStream | "program";
  readonly text: string;
  /** The same with its colour codes. */
  readonly styled?: string;
  /** Of a line that stands for others: how many. */
  readonly skipped?: number;
}

/** A request to an engine went from one phase to another. Not replayed. */
export type RequestEvent = { readonly type: "request" } & RequestView;

export type EngineEvent =
  | StateEvent
  | PythonStatusEvent
  | PythonInputEvent
  | NoticeEvent
  | SnapshotEvent
  | LogEvent
  | RequestEvent;

export type EventTopic = EngineEvent["type"];

/** Events that stay in the ring and carry an id. */
export const REPLAYABLE: ReadonlySet<EventTopic> = new Set(["state", "python_input", "notice"]);

/** Events that only those get who name their topic, as there are many of them. */
export const BY_NAME: ReadonlySet<EventTopic> = new Set(["log", "request"]);

/** An event as it was published. `id` is `BOOT.SEQ` for a replayable one, else `null`. */
export interface Published {
  readonly id: string | null;
  readonly event: EngineEvent;
}

/** Instead of events a reader was too slow for, or that have left the ring. */
export interface Gap {
  readonly type: "gap";
  /** How many events were lost, lines apart; `null` when it can't be known. */
  readonly missed: number | null;
  /** How many lines of logs were lost. @default none */
  readonly lines?: number;
}

/** What a subscriber takes out of its mailbox. */
export type Delivery = Published | Gap;

/** The publishing side, all that most rooms know of the bus. */
export interface EventSink {
  /** Never waits and never throws. */
  publish(event: EngineEvent): void;
}
