/**
 * What the rest of the house knows of the supervisor. Every call either settles or rejects with one
 * of our errors; none waits without a deadline.
 *
 * @module
 */
import type {
  AiEngineError,
  EndedHow,
  EngineView,
  RequestRecord,
  RequestWishes,
} from "../core/mod.ts";
import type { FailureKind } from "../balance/mod.ts";
import type { Call, Payload } from "../frames/mod.ts";
import type { InstancePool } from "../pool/mod.ts";

export interface WaitOptions {
  /** The caller left: its place in the queue is given up, what was started goes on. */
  readonly signal?: AbortSignal;
}

export interface LeaseOptions extends WaitOptions, RecordOptions {
  /**
   * How long the caller waits for another process after a failure, in milliseconds; who would have to
   * wait longer is refused with `backoff`. @default the engine's `startTimeoutMs`
   */
  readonly patienceMs?: number;
  /** Higher goes first. @default the engine's */
  readonly priority?: number | undefined;
}

export interface StopOptions extends WaitOptions {
  /** Skip the drain. @default false */
  readonly force?: boolean;
  /** Stay stopped until a start by hand. @default false */
  readonly hold?: boolean;
}

/** What `input` gives back: the engine's answer as it came. */
export interface InputAnswer {
  /** The engine's own status. */
  readonly status: number;
  /** The engine's own body, usually JSON. */
  readonly body: Uint8Array;
  readonly contentType: string;
  /** Parsed body when it is a JSON object, else `{}`. */
  readonly json: Readonly<Record<string, unknown>>;
  /** From the first byte to the engine to the last byte back. */
  readonly tookMs: number;
}

/** Where an input is on its way. */
export type InputPhase = "queued" | "starting" | "answering";

/** What is told of a request while it is on its way. */
export interface RecordOptions {
  /** Begun and ended with it; it is cancelled there. @default nothing is told of it */
  readonly record?: RequestRecord | undefined;
}

export interface InputOptions extends WaitOptions, RequestWishes, RecordOptions {
  /** `position`: the place in the line, from 1 on, while it waits. Told again when either changes. */
  readonly onPhase?: (phase: InputPhase, position?: number) => void;
  /** Told each piece of an answer that is plain text as it comes; every other answer comes whole. */
  readonly onText?: (text: string) => void;
}

/** A call of one function, what goes into it and what comes out of it. */
export type { Call, Payload as CallPayload };

export interface CallOptions extends WaitOptions, RequestWishes, RecordOptions {
  /**
   * From the engine's readiness to the result, in milliseconds; never more than the limit of an input.
   * @default as much as that
   */
  readonly timeoutMs?: number;
}

/** The right to send one request to a ready engine, which is in flight until `release`. */
export interface EngineLease {
  /** Connections to the process that was ready when the lease was given, and to no later one. */
  readonly pool: InstancePool;
  /** Counts the engine's processes. */
  readonly generation: number;
  /** Tells that the request went wrong; instances that fail often get none for a while. */
  failed(kind: FailureKind): void;
  /**
   * How long, in milliseconds, the process may be idle from the request's end on, until another one says
   * otherwise: 0 = not at all, -1 = for ever. An engine with `keep: always` stays whatever is said.
   */
  keepAlive(ms: number): void;
  /** The request has ended, however. Idempotent. */
  release(): void;
  /**
   * Why the request broke off: the end of the process, for which it waits a moment to hear its last
   * words, else (it lives on) `broke` itself.
   */
  explainBreak(broke: AiEngineError): Promise<AiEngineError>;
  /**
   * Whether the process has ended by a signal or with another code than 0, for which it waits a moment:
   * a connection ends before the process that held it is reaped. Then an answer that ended with its
   * connection is not to be trusted. A child of it that dies alone is not noticed.
   */
  hasCrashed(): Promise<boolean>;
}

/** What is only asked for when somebody reads the metrics. */
export interface FleetMetrics {
  /** How often an instance got no requests for a while, as they failed; by engine. */
  readonly ejections: readonly { readonly engine: string; readonly count: number }[];
  /** Of all processes that are ready and have metrics of their own. */
  readonly engines: readonly EngineMetrics[];
}

/** What one process of an engine says to `GET /metrics`. */
export interface EngineMetrics {
  readonly engine: string;
  /** Of an engine with replicas, which of them: from 0 on. */
  readonly replica: number | null;
  readonly answer: MetricsAnswer;
}

export type MetricsAnswer =
  | { readonly kind: "told"; readonly bytes: Uint8Array }
  /** It took over a second, was over 1 MiB, had another status than 200, or there was none. */
  | { readonly kind: "failed"; readonly why: "timeout" | "too_large" | "status" | "unreachable" };

export interface ProfileOptions extends WaitOptions {
  /** How long is looked. */
  readonly seconds: number;
}

/** How the program's close went. */
export interface ShutdownReport {
  readonly clean: boolean;
  readonly engines: readonly { readonly name: string; readonly how: EndedHow | null }[];
}

export interface SupervisorApi {
  /** All engines, in the order of the configuration. */
  views(): readonly EngineView[];
  /** Throws `unknown_engine`. */
  view(engine: string): EngineView;
  /** Resolves when the engine is ready; at once when it is. Counts as activity. */
  start(engine: string, options?: WaitOptions): Promise<EngineView>;
  /** Resolves when the engine's processes are gone and reaped. */
  stop(engine: string, options?: StopOptions): Promise<EngineView>;
  /** A stop and a start as one; held callers keep their place. */
  restart(engine: string, options?: WaitOptions): Promise<EngineView>;
  /** Sends `{"input": text}` to the engine, started first if need be. */
  input(engine: string, text: string, options?: InputOptions): Promise<InputAnswer>;
  /**
   * Calls a function of the engine directly, started first if need be. Throws `not_found` for what it
   * does not have, `bad_input` for an argument that the function does not take, `call_failed` when it
   * fails, and whatever refuses an input.
   */
  call(engine: string, call: Call, options?: CallOptions): Promise<Payload>;
  /**
   * The right to one proxied request: at once when the engine is ready, else when it is, started if
   * need be; its record is told the engine. Throws `unknown_engine` and whatever refuses the request.
   */
  lease(engine: string, options?: LeaseOptions): EngineLease | Promise<EngineLease>;
  /** Asks all that are ready for their own metrics, for a second at most. Wakes none, keeps none. */
  metrics(options?: WaitOptions): Promise<FleetMetrics>;
  /**
   * A profile that a ready engine takes of itself, in the form of cProfile. Throws `not_managed` for one that
   * can't, `bad_request` for one that is not ready.
   */
  profile(engine: string, options: ProfileOptions): Promise<Uint8Array<ArrayBuffer>>;
  /** Somebody uses the app: the idle clock starts anew. */
  touch(engine: string): void;
  /** Closes everything; later calls and held ones get `shutting_down`. Idempotent. */
  shutdown(options?: { readonly force?: boolean }): Promise<ShutdownReport>;
}
