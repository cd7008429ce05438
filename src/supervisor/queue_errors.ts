/** Why somebody who waits, or would, gets no slot. */
import { AdmissionError, formatDuration } from "../core/mod.ts";

interface QueueErrorContext {
  readonly engine: string;
  /** When another try makes sense. */
  readonly retryAfterS: number;
}

export function queueFull(max: number, context: QueueErrorContext): AdmissionError {
  return new AdmissionError("queue_full", {
    ...context,
    detail: `${max} requests wait for the engine, which is the limit.`,
    remedy: "Send fewer at once, or raise queue.max.",
  });
}

export function queueTimeout(timeoutMs: number, context: QueueErrorContext): AdmissionError {
  return new AdmissionError("queue_timeout", {
    ...context,
    detail: `No slot of the engine became free within ${formatDuration(timeoutMs)}.`,
    remedy: "Send fewer at once, or raise queue.timeout.",
  });
}
