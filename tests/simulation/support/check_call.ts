/** Whether a call may have come to what it came to. */
import type { Call } from "./calls.ts";
import type { Court } from "./court.ts";
import type { EngineRecord } from "./engine_record.ts";

/** Codes that speak of how a process ended or failed to begin. */
const FAILURES: ReadonlySet<string> = new Set([
  "spawn_failed",
  "start_timeout",
  "health_failed",
  "crashed",
]);

/** `call` has just been settled. */
export function checkCall(call: Call, record: EngineRecord, court: Court): void {
  const why = objection(call, record, court);
  if (why === null) return;
  const { kind, id, engine, at, outcome } = call;
  const text = `${kind} ${id} of ${engine}, asked at ${at}, came to ${outcome}: ${why}`;
  court.fault("outcomes", text);
}

function objection(call: Call, record: EngineRecord, court: Court): string | null {
  const { outcome = "nothing" } = call;
  if (outcome === "ok") return objectionToSuccess(call, record);
  if (outcome === "left") return call.abort.signal.aborted ? null : "it did not leave";
  if (FAILURES.has(outcome)) return objectionToFailure(call, record);
  switch (outcome) {
    case "stopped_by_user": {
      const isStopped = record.stoppedByCallAt >= call.at || call.metHold || record.held !== "no";
      return isStopped ? null : "nobody stopped it";
    }
    case "shutting_down":
      return court.closingAt < Infinity ? null : "nobody closes anything";
    case "backoff":
      return court.now <= record.backoffUntil ? null : "there is nothing to wait for";
    case "queue_full":
      return record.settings.queue.max < 10 ? null : "there are not so many";
    case "queue_timeout":
      return court.now >= call.at + record.settings.queue.timeoutMs ? null : "it is too early";
    case "too_many_connections":
      return court.weather === "calm" ? "there is no lack of anything" : null;
    case "cut":
    case "upstream_failed":
    case "upstream_timeout":
      return objectionToBreak(call, record, court);
    default:
      return "that must never be";
  }
}

function objectionToSuccess(call: Call, record: EngineRecord): string | null {
  const { kind, at, generation } = call;
  switch (kind) {
    case "stop":
      return record.restedUntil >= at ? null : "it had a process all the time";
    case "restart":
      return record.generation > generation ? null : "it is the same process";
    default:
      return record.readyUntil >= at ? null : "it was not ready meanwhile";
  }
}

/** A failure since it was asked, or the one for which the engine is `failed`. */
function objectionToFailure({ outcome = "", at, kind }: Call, record: EngineRecord): string | null {
  if ((record.failedAt.get(outcome) ?? -Infinity) >= at) return null;
  if (record.state === "failed" && kind !== "start") return null;
  return "there was no such failure";
}

/** A break needs somebody who broke it. */
function objectionToBreak(
  { kind, at }: Call,
  record: EngineRecord,
  court: Court,
): string | null {
  if (kind !== "input" && kind !== "request") return "it has no connection to break";
  if (court.weather !== "calm" || record.restedUntil >= at) return null;
  return "the engine is as good as can be";
}
