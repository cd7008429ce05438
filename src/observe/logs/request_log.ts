/** Makes records of what became of requests: one for each, most of them only for those who look closely. */
import {
  type Clock,
  type EndedRequest,
  ERROR_TABLE,
  formatDuration,
  pathOf,
} from "../../core/mod.ts";
import type { RequestBook } from "../requests/request_book.ts";
import type { LogRecord, ProgramLog } from "./program_log.ts";

/** Failures told in a second; a client that asks on and on must not fill the log. */
const FAILURES_PER_S = 10;

export interface RequestLogOptions {
  readonly requests: RequestBook;
  readonly log: ProgramLog;
  readonly clock: Clock;
}

/** Tells of every request from now on: of those that failed here as a warning, of others for debugging. */
export function logRequests({ requests, log, clock }: RequestLogOptions): void {
  let second = -1;
  let told = 0;
  let untold = 0;
  requests.onEnded((ended) => {
    if (!hasFailed(ended)) {
      if (log.hears("gateway", "debug")) log.write(toRecord(ended, "debug", 0));
      return;
    }
    const now = Math.floor(clock.now() / 1_000);
    if (now !== second) told = 0;
    second = now;
    if (told++ >= FAILURES_PER_S) untold++;
    else {
      log.write(toRecord(ended, "warn", untold));
      untold = 0;
    }
  });
}

/** By us or by the engine, before its answer was whole. */
function hasFailed({ outcome, status }: EndedRequest): boolean {
  return outcome === "cut" || (outcome === "refused" && (status ?? 500) >= 500);
}

function toRecord(ended: EndedRequest, level: LogRecord["level"], untold: number): LogRecord {
  const { id, traceId, engine, model, method, outcome, status, errorCode, totalMs } = ended;
  const path = pathOf(ended.target);
  const about = engine === null ? "" : `${engine}: `;
  const why = errorCode === null ? "" : ` (${ERROR_TABLE[errorCode].title})`;
  const others = untold === 0 ? "" : `; ${untold} more failed that are not told of`;
  const how = outcome === "answered" ? `${status}` : `${outcome}${why}`;
  return {
    level,
    room: "gateway",
    message: `${about}${method} ${path}: ${how} after ${formatDuration(totalMs)}${others}`,
    action: "request",
    reason: errorCode ?? outcome,
    tookMs: totalMs,
    request: { id, traceId, method, path, status },
    labels: {
      ...(engine === null ? {} : { engine }),
      ...(model === null ? {} : { model }),
    },
  };
}
