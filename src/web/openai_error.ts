/**
 * Our errors under `/v1`, in the shape that clients of OpenAI's API read.
 *
 * @module
 */
import { type AiEngineError, ModelError } from "../core/mod.ts";

export interface OpenAiError {
  readonly error: {
    /** What happened, and what to do next. */
    readonly message: string;
    readonly type: string;
    /** The field of the request that it is about. */
    readonly param: string | null;
    /** Our code. */
    readonly code: string;
  };
}

/** Whether errors of requests for `path` have this shape. */
export function isOpenAiPath(path: string): boolean {
  return path === "/v1" || path.startsWith("/v1/");
}

export function toOpenAiError(error: AiEngineError, status: number): OpenAiError {
  return {
    error: {
      message: `${error.message} ${error.remedy}`,
      type: typeOf(status),
      param: error instanceof ModelError ? "model" : null,
      code: error.code,
    },
  };
}

function typeOf(status: number): string {
  if (status === 401) return "authentication_error";
  if (status === 403) return "permission_error";
  if (status === 429) return "rate_limit_error";
  return status < 500 ? "invalid_request_error" : "server_error";
}
