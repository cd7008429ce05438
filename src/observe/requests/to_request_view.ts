import {
  pathOf,
  type RequestProgress,
  type RequestRecord,
  type RequestView,
} from "../../core/mod.ts";

/** How a request stands now, in text. */
export function toRequestView(record: RequestRecord): RequestView {
  const { totalMs } = record;
  return {
    id: record.id,
    traceId: record.traceId,
    way: record.way,
    engine: record.engine,
    model: record.model,
    method: record.method,
    path: pathOf(record.target),
    progress: progressOf(record),
    place: record.place,
    startedAt: new Date(record.beganAt + record.wallLessClockMs).toISOString(),
    status: record.status,
    errorCode: record.errorCode,
    heldMs: round(record.heldMs),
    firstByteMs: round(record.firstByteMs),
    totalMs: record.phase === "ended" ? round(totalMs) : null,
    bytesIn: record.bytesIn,
    bytesOut: record.bytesOut,
    tokensIn: record.tokensIn,
    tokensOut: record.tokensOut,
  };
}

function progressOf({ phase, outcome }: RequestRecord): RequestProgress {
  if (phase === "ended") return { phase, outcome };
  return { phase: phase === "unbooked" ? "held" : phase };
}

/** To microseconds. */
function round(ms: number | null): number | null {
  return ms === null ? null : Math.round(ms * 1_000) / 1_000;
}
