/** Turns what the machine knows of a failure into an error that says why and what to do. */
import { type EngineSettings, quote, transportOf } from "../config/mod.ts";
import {
  AdmissionError,
  type AiEngineError,
  type ExitStatus,
  formatDuration,
  LifecycleError,
  RequestError,
  SpawnError,
} from "../core/mod.ts";
import type { Failure, Refusal, Stopping } from "../lifecycle/mod.ts";
import { toExcessText } from "./memory_text.ts";

export interface FailureContext {
  readonly settings: EngineSettings;
  /** Where it listens, or is to. */
  readonly address: string;
  readonly lastLines: readonly string[];
  /** When another try makes sense. */
  readonly retryAfterMs?: number | undefined;
}

export function toError(failure: Failure, context: FailureContext): AiEngineError {
  const { settings, address, lastLines, retryAfterMs } = context;
  const engine = settings.name;
  const retry = retryAfterMs === undefined ? {} : { retryAfterS: Math.ceil(retryAfterMs / 1_000) };
  const limit = formatDuration(settings.startTimeoutMs);
  switch (failure.kind) {
    case "spawn_failed": {
      const { message, remedy, fault } = failure.error;
      const details = { engine, detail: message, remedy, cause: failure.error, ...retry };
      return new SpawnError(details, fault);
    }
    case "start_timeout":
      return new LifecycleError("start_timeout", {
        engine,
        ...retry,
        ...unanswered(settings, { address, limit }),
      }, lastLines);
    case "health_failed":
      return new LifecycleError("health_failed", {
        engine,
        ...retry,
        detail: `${engine} answered GET ${settings.healthPath} with ${failure.status}, not 200, ` +
          `for ${limit} and was ended.`,
        remedy:
          "Set --health-path to a path that it answers with 200 once it can serve, or raise " +
          "--start-timeout.",
      }, lastLines);
    case "crashed":
      if (failure.exit.overMemory !== undefined) {
        const text = toExcessText(failure.exit.overMemory, settings);
        return new LifecycleError("crashed", { engine, ...retry, ...text }, lastLines);
      }
      if (failure.during === "start" && settings.model !== null) {
        const text = unloaded(settings.model, { engine, exit: failure.exit, lastLines });
        return new LifecycleError("crashed", { engine, ...retry, ...text }, lastLines);
      }
      return new LifecycleError("crashed", {
        engine,
        ...retry,
        detail: `${engine} ${howItEnded(failure.exit)} ${
          failure.during === "start" ? "before it was ready" : "while it was running"
        }.`,
        remedy: "Read its last output lines; start it again once the cause is mended.",
      }, lastLines);
    case "unhealthy":
      return new LifecycleError("health_failed", {
        engine,
        ...retry,
        detail: `${engine} was alive but did not answer three times in a row and was ended.`,
        remedy: "Read its last output lines; an engine that works must still answer GET " +
          `${settings.healthPath}.`,
      }, lastLines);
  }
}

/** Why a GGUF file was not loaded: what the engine said last, or how llama.cpp ended it. */
function unloaded(
  model: string,
  { engine, exit, lastLines }: Pick<FailureContext, "lastLines"> & {
    readonly engine: string;
    readonly exit: ExitStatus;
  },
): { readonly detail: string; readonly remedy: string } {
  const last = lastLines.at(-1) ?? "";
  const said = last === "" ? "It said nothing." : `Its last line: ${last.replace(/\.?$/, ".")}`;
  return {
    detail: `${engine} ${howItEnded(exit)} before it had loaded ${model}. ${said}`,
    remedy:
      "Read its last output lines. The file may be incomplete, damaged, larger than there is " +
      "memory for, or of a kind that this llama.cpp does not know: get it again, or another one.",
  };
}

/** Why a start took too long without an answer, and what to do. */
function unanswered(
  settings: EngineSettings,
  { address, limit }: { readonly address: string; readonly limit: string },
): { readonly detail: string; readonly remedy: string } {
  const { name, ready: { line } } = settings;
  const place = transportOf(settings) === "tcp"
    ? "on the port in AI_ENGINE_PORT, of 127.0.0.1"
    : "on the path in AI_ENGINE_SOCKET";
  const longer =
    "Read its last output lines. If it only needs longer, raise --start-timeout; if it ";
  if (line === null) {
    return {
      detail: `${name} did not answer on ${address} within ${limit} and was ended.`,
      remedy: `${longer}listens elsewhere, let it listen ${place}.`,
    };
  }
  return {
    detail: `${name} did not print a line with ${quote(line)} and take connections on ${address} ` +
      `within ${limit}, and was ended.`,
    remedy: `${longer}prints something else, correct ready.line; it has to listen ${place}.`,
  };
}

export function toRefusalError(refusal: Refusal, context: FailureContext): AiEngineError {
  const engine = context.settings.name;
  switch (refusal.kind) {
    case "stopped_by_user":
      return new AdmissionError("stopped_by_user", {
        engine,
        detail: `${engine} was stopped by a user.`,
        remedy: `Start it again: \`ai-engine start ${engine}\`.`,
      });
    case "shutting_down":
      return shuttingDown(engine);
    case "backoff":
      return inBackoff(refusal, context);
    case "failure":
      return toError(refusal.failure, { ...context, retryAfterMs: refusal.retryAfterMs });
  }
}

/** Why a request to a process that has ended could not be finished. */
export function toEndError(ended: Stopping, context: FailureContext): AiEngineError {
  if (ended.then.failure !== null) return toError(ended.then.failure, context);
  if (ended.reason === "shutdown") return shuttingDown(context.settings.name);
  if (ended.reason === "requested") return toRefusalError({ kind: "stopped_by_user" }, context);
  const exit = ended.exit ?? { code: 0, osSignal: null };
  return toError({ kind: "crashed", exit, during: "service" }, context);
}

function inBackoff(
  { failure, retryAfterMs }: Extract<Refusal, { kind: "backoff" }>,
  context: FailureContext,
): AdmissionError {
  const engine = context.settings.name;
  const cause = toError(failure, context);
  return new AdmissionError("backoff", {
    engine,
    detail: `${cause.message} Another try comes in ${formatDuration(retryAfterMs)}.`,
    // Of a lack there is something to say; a crash is in the engine's own output.
    remedy: failure.kind === "spawn_failed"
      ? cause.remedy
      : `Repeat the request then, or start it now: \`ai-engine start ${engine}\`.`,
    retryAfterS: Math.ceil(retryAfterMs / 1_000),
    cause,
  });
}

export function shuttingDown(engine: string): AdmissionError {
  return new AdmissionError("shutting_down", {
    engine,
    detail: "The supervisor is closing.",
    remedy: "Start it again with `ai-engine serve` and repeat the request.",
  });
}

/** It is in the configuration no more. */
export function takenOut(engine: string): RequestError {
  return new RequestError("unknown_engine", {
    engine,
    detail: `${engine} was taken out of the configuration.`,
    remedy: "Use another engine, or put it back.",
  });
}

function howItEnded(exit: ExitStatus): string {
  return exit.osSignal === null ? `exited with code ${exit.code}` : `was ended by ${exit.osSignal}`;
}
