/**
 * The closed family of errors: one base, one table that maps a code to an HTTP status, an exit code
 * and a title. Foreign errors are translated into one of these once, at the border.
 *
 * @module
 */

/** What each code means on the wire and at the shell. `status: null` never reaches HTTP. */
export const ERROR_TABLE = {
  bad_request: { status: 400, exit: 2, title: "Bad request" },
  bad_input: { status: 422, exit: 2, title: "Bad input" },
  unauthorized: { status: 401, exit: 8, title: "Token needed" },
  forbidden_origin: { status: 403, exit: 8, title: "Origin not allowed" },
  forbidden_role: { status: 403, exit: 8, title: "Token not good for this" },
  unknown_engine: { status: 404, exit: 5, title: "Unknown engine" },
  unknown_model: { status: 404, exit: 5, title: "Unknown model" },
  not_found: { status: 404, exit: 5, title: "Not found" },
  method_not_allowed: { status: 405, exit: 2, title: "Method not allowed" },
  too_large: { status: 413, exit: 2, title: "Too large" },
  head_too_large: { status: 431, exit: 2, title: "Head too large" },
  not_managed: { status: 409, exit: 1, title: "Not managed here" },
  wrong_host: { status: 421, exit: 8, title: "Host not served here" },
  queue_full: { status: 429, exit: 1, title: "Queue full" },
  too_many_streams: { status: 503, exit: 1, title: "Too many event streams" },
  too_many_connections: { status: 503, exit: 1, title: "Too many connections" },
  over_budget: { status: 503, exit: 1, title: "Does not fit the budget" },
  start_timeout: { status: 502, exit: 1, title: "Socket startup timeout" },
  health_failed: { status: 502, exit: 1, title: "Health check failed" },
  spawn_failed: { status: 502, exit: 1, title: "Engine could not be started" },
  crashed: { status: 502, exit: 1, title: "Engine crashed" },
  upstream_failed: { status: 502, exit: 1, title: "Engine did not answer properly" },
  call_failed: { status: 502, exit: 1, title: "Function failed" },
  stopped_by_user: { status: 503, exit: 1, title: "Stopped by user" },
  backoff: { status: 503, exit: 1, title: "Waiting after a failure" },
  shutting_down: { status: 503, exit: 1, title: "Shutting down" },
  queue_timeout: { status: 504, exit: 7, title: "Waited too long for a slot" },
  upstream_timeout: { status: 504, exit: 7, title: "Engine took too long" },
  loop_detected: { status: 508, exit: 1, title: "Loop detected" },
  usage: { status: null, exit: 2, title: "Usage error" },
  config_invalid: { status: 422, exit: 6, title: "Configuration invalid" },
  binary_missing: { status: 422, exit: 6, title: "Engine program not found" },
  unreachable: { status: null, exit: 4, title: "Supervisor not reachable" },
  port_in_use: { status: null, exit: 9, title: "Address in use" },
  already_running: { status: null, exit: 10, title: "Already running" },
  unclean_close: { status: null, exit: 11, title: "Not everything was closed" },
  internal: { status: 500, exit: 1, title: "Internal error" },
} as const satisfies Record<
  string,
  { readonly status: number | null; readonly exit: number; readonly title: string }
>;

export type ErrorCode = keyof typeof ERROR_TABLE;

/** What every error of ours says: what happened and why (`detail`), what to do next (`remedy`). */
export interface ErrorDetails {
  /** One or two sentences: what happened and why. */
  readonly detail: string;
  /** One sentence: what to do next. */
  readonly remedy: string;
  /** The engine it is about. */
  readonly engine?: string;
  /** Seconds after which another try makes sense; becomes `Retry-After`. */
  readonly retryAfterS?: number;
  readonly cause?: unknown;
}

/** The base of all errors that this program raises on purpose. */
export abstract class AiEngineError extends Error {
  abstract readonly code: ErrorCode;
  readonly remedy: string;
  readonly engine: string | undefined;
  readonly retryAfterS: number | undefined;

  constructor(details: ErrorDetails) {
    super(details.detail, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = new.target.name;
    this.remedy = details.remedy;
    this.engine = details.engine;
    this.retryAfterS = details.retryAfterS;
  }

  /** The short name of what went wrong, e.g. `Socket startup timeout`. */
  get title(): string {
    return ERROR_TABLE[this.code].title;
  }
}

/** A setting, or the place it names, can't be used. */
export class ConfigError extends AiEngineError {
  constructor(
    readonly code: "config_invalid" | "binary_missing" | "port_in_use" | "already_running",
    details: ErrorDetails,
  ) {
    super(details);
  }
}

/** What is wrong with one of the two files of TLS. */
export interface TlsFault extends ErrorDetails {
  readonly file: "cert" | "key";
}

/** The files of TLS can't be used. */
export class TlsFileError extends ConfigError {
  constructor(readonly faults: readonly [TlsFault, ...TlsFault[]]) {
    super("config_invalid", {
      ...faults[0],
      detail: faults.map(({ detail }) => detail).join(" "),
    });
  }
}

/** A command line that can't be understood. */
export class UsageError extends AiEngineError {
  readonly code = "usage";
}

/** A request to our own API that can't be served as it is. */
export class RequestError extends AiEngineError {
  constructor(
    readonly code:
      | "bad_request"
      | "bad_input"
      | "unknown_engine"
      | "unknown_model"
      | "not_found"
      | "method_not_allowed"
      | "not_managed"
      | "too_large"
      | "loop_detected",
    details: ErrorDetails,
  ) {
    super(details);
  }
}

/** A request of which the engine can't be told: what it says of its `model`, or that it says nothing. */
export class ModelError extends RequestError {
  constructor(code: "bad_request" | "unknown_model" | "too_large", details: ErrorDetails) {
    super(code, details);
  }
}

/** A request refused for where it comes from, or for who sends it. */
export class AccessError extends AiEngineError {
  constructor(
    readonly code: "wrong_host" | "forbidden_origin" | "unauthorized" | "forbidden_role",
    details: ErrorDetails,
  ) {
    super(details);
  }
}

/** A request that is well-formed but not taken in now. */
export class AdmissionError extends AiEngineError {
  constructor(
    readonly code:
      | "stopped_by_user"
      | "backoff"
      | "shutting_down"
      | "too_many_streams"
      | "too_many_connections"
      | "queue_full"
      | "queue_timeout"
      | "over_budget",
    details: ErrorDetails,
  ) {
    super(details);
  }
}

/**
 * What keeps a process from being created: what is to be run, until somebody mends it; or something that
 * there is not enough of now, which may pass by itself.
 */
export type SpawnFault = "program" | "descriptors" | "processes" | "memory";

/** A process that could not be created. */
export class SpawnError extends AiEngineError {
  readonly code = "spawn_failed";
  constructor(details: ErrorDetails, readonly fault: SpawnFault = "program") {
    super(details);
  }
}

/** A process that was created and did not live as it should. */
export class LifecycleError extends AiEngineError {
  constructor(
    readonly code: "start_timeout" | "health_failed" | "crashed" | "unclean_close",
    details: ErrorDetails,
    /** The engine's last output lines, oldest first. */
    readonly lastLines: readonly string[] = [],
  ) {
    super(details);
  }
}

/**
 * HTTP that breaks the rules. `side` says whose fault it is: `local` is ours (a caller asked for
 * something that must not be sent), `remote` the peer's.
 */
export class ProtocolError extends AiEngineError {
  readonly code: "internal" | "upstream_failed" | "bad_request" | "head_too_large" | "too_large";
  constructor(
    readonly side: "local" | "remote",
    /** The broken rule, e.g. `BAD_STATUS`; names follow the table in docs/http.md. */
    readonly rule: string,
    details: ErrorDetails,
  ) {
    super(details);
    this.code = side === "local" ? "internal" : "upstream_failed";
  }
}

/** A connection that could not be made or that broke. */
export class ConnectError extends AiEngineError {
  constructor(
    /** `too_many_connections`: this program has no descriptor left for one; the peer is blameless. */
    readonly code: "upstream_failed" | "unreachable" | "too_many_connections",
    /** Whether a byte of the request may have reached the peer. */
    readonly stage: "before_send" | "after_send",
    details: ErrorDetails,
  ) {
    super(details);
  }
}

/** A function of an engine that was called and failed, by the engine's own account. */
export class CallError extends AiEngineError {
  readonly code = "call_failed";
  constructor(
    /** What the function raised; `type` is what kind of error it was, where the engine says so. */
    readonly raised: { readonly type: string | null; readonly message: string },
    details: ErrorDetails,
  ) {
    super(details);
  }
}

/** A wait that reached its limit. */
export class TimeoutError extends AiEngineError {
  readonly code = "upstream_timeout";
  constructor(
    readonly phase: "connect" | "write" | "head" | "body" | "total",
    details: ErrorDetails,
  ) {
    super(details);
  }
}

/** A file of ours that can't be read or written. */
export class StorageError extends AiEngineError {
  readonly code = "internal";
  constructor(
    readonly path: string,
    readonly stage: "open" | "read" | "write",
    details: ErrorDetails,
  ) {
    super(details);
  }
}

/** A fault of this program: a foreign error nobody translated. */
export class InternalError extends AiEngineError {
  readonly code = "internal";
}

/** Returns `error` itself when it is ours, else an `InternalError` around it. */
export function toAiEngineError(error: unknown): AiEngineError {
  if (error instanceof AiEngineError) return error;
  const detail = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return new InternalError({
    detail: `Something failed that should not: ${detail}.`,
    remedy: "Please report this with the supervisor's last output lines.",
    cause: error,
  });
}
