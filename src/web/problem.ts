/**
 * Our errors on the wire: `application/problem+json` (RFC 9457), the same fields wherever an error
 * is shown.
 *
 * @module
 */
import { type ConfigFault, ConfigFileError } from "../config/mod.ts";
import { type AiEngineError, CallError, ERROR_TABLE, LifecycleError } from "../core/mod.ts";

export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly remedy: string;
  readonly code: string;
  /** The engine it is about. */
  readonly engine: string | null;
  /** Told apart from an engine's own errors, which pass unchanged. */
  readonly source: "supervisor";
  readonly requestId: string;
  /** The engine's last output lines, oldest first; only where an engine's life went wrong. */
  readonly lastLines?: readonly string[];
  /** What a function that was called raised; `type` is `null` where its engine does not say it. */
  readonly raised?: CallError["raised"];
  /** All that is wrong with a configuration file. */
  readonly faults?: readonly ConfigFault[];
  /** Of that file. */
  readonly path?: string;
}

/** An error of a kind that never reaches HTTP by itself counts as 500. */
export function toProblem(error: AiEngineError, requestId: string): Problem {
  return {
    type: `urn:ai-engine:error:${error.code}`,
    title: error.title,
    status: ERROR_TABLE[error.code].status ?? 500,
    detail: error.message,
    remedy: error.remedy,
    code: error.code,
    engine: error.engine ?? null,
    source: "supervisor",
    requestId,
    ...(error instanceof LifecycleError ? { lastLines: error.lastLines } : {}),
    ...(error instanceof CallError ? { raised: error.raised } : {}),
    ...(error instanceof ConfigFileError ? { path: error.path, faults: error.faults } : {}),
  };
}

/** The header fields that go with an error of ours, in whatever form its body is. */
export function problemHeaders(error: AiEngineError): Record<string, string> {
  return {
    "ai-engine-error-source": "supervisor",
    "cache-control": "no-store",
    // Clients of OpenAI's API would send once more what somebody has just ended by hand.
    ...(error.code === "stopped_by_user" ? { "x-should-retry": "false" } : {}),
    // RFC 9110 section 11.6.1: a 401 says what would do.
    ...(error.code === "unauthorized" ? { "www-authenticate": "Bearer" } : {}),
    ...(error.retryAfterS === undefined ? {} : { "retry-after": String(error.retryAfterS) }),
  };
}
