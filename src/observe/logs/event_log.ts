/** Makes records of what happens to the engines: one for each event that is worth telling. */
import { formatDuration } from "../../core/mod.ts";
import type { Delivery, EventBus, NoticeEvent, StateEvent } from "../../events/mod.ts";
import type { LogRecord } from "./program_log.ts";

/** Tells every state change and notice from now on until the bus is closed. */
export function logEvents(bus: EventBus, tell: (record: LogRecord) => void): void {
  const subscription = bus.subscribe();
  const read = () => {
    for (const delivery of subscription.take()) {
      const record = toRecord(delivery);
      if (record !== null) tell(record);
    }
    if (!subscription.isClosed) subscription.onNext(read);
  };
  subscription.onNext(read);
}

function toRecord(delivery: Delivery): LogRecord | null {
  if ("type" in delivery) {
    const message = `… ${delivery.missed ?? "some"} events were not shown`;
    return { level: "warn", room: "events", message, action: "gap" };
  }
  const { event } = delivery;
  switch (event.type) {
    case "state":
      return stateRecord(event);
    case "notice":
      return noticeRecord(event);
    default:
      return null;
  }
}

function noticeRecord({ level, engine, title, detail, remedy }: NoticeEvent): LogRecord {
  const about = engine === undefined ? "" : `${engine}: `;
  return {
    level,
    room: engine === undefined ? "app" : "supervisor",
    message: `${about}${title}: ${detail}${remedy === undefined ? "" : ` ${remedy}`}`,
    action: "notice",
    ...(engine === undefined ? {} : { labels: { engine } }),
  };
}

function stateRecord(event: StateEvent): LogRecord {
  const { engine, from, to, reason, tookMs, exitCode, signal, how, requestId, traceId = "" } =
    event;
  const isFailure = to === "failed" || to === "backoff" || reason === "crash" ||
    reason === "unhealthy";
  const took = tookMs === undefined ? "" : `, ${from} for ${formatDuration(tookMs)}`;
  const line = `${engine}: ${to} (${reason}${took})`;
  const error = isFailure ? event.view.lastError : null;
  return {
    level: isFailure ? "error" : "info",
    room: "supervisor",
    message: error === null ? line : `${line}: ${error.title}. ${error.detail} ${error.remedy}`,
    action: "state",
    reason,
    ...(tookMs === undefined ? {} : { tookMs }),
    labels: {
      engine,
      from,
      to,
      ...(exitCode === undefined ? {} : { exit_code: `${exitCode}` }),
      ...(signal === undefined ? {} : { signal }),
      ...(how === undefined ? {} : { how }),
    },
    ...(requestId === undefined ? {} : { request: { id: requestId, traceId } }),
  };
}
