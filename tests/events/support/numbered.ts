/** Events that carry a number, so that a test can tell one from another. */
import type {
  EngineEvent,
  NoticeEvent,
  PythonStatusEvent,
  StateEvent,
} from "../../../src/events/mod.ts";
import type { EngineView } from "../../../src/core/mod.ts";

/** An event that stays in the ring. */
export function replayable(number: number): NoticeEvent {
  const at = "2025-01-01T00:00:00Z";
  return { type: "notice", level: "info", title: String(number), detail: "", at };
}

/** An event that is never replayed. */
export function volatile(number: number): PythonStatusEvent {
  return statusOf("any", number);
}

export function statusOf(engine: string, number: number): PythonStatusEvent {
  return { type: "python_status", engine, status: { n: number } };
}

export function numberOf(event: EngineEvent): number {
  if (event.type === "notice") return Number(event.title);
  if (event.type === "python_status") return Number(event.status["n"]);
  throw new TypeError(`${event.type} carries no number`);
}

export function stateOf(engine: string, more: Partial<StateEvent> = {}): StateEvent {
  return {
    type: "state",
    engine,
    from: "starting",
    to: "ready",
    reason: "requested",
    view: viewOf(engine),
    ...more,
  };
}

export function viewOf(name: string, more: Partial<EngineView> = {}): EngineView {
  return {
    name,
    kind: "command",
    state: "ready",
    reason: "requested",
    how: null,
    since: "2025-01-01T00:00:00Z",
    pid: null,
    startedAt: null,
    readyAt: null,
    stopsAt: null,
    lastActivityAt: null,
    idleTimeoutMs: 0,
    inflight: 0,
    queued: 0,
    queuedSince: null,
    slots: null,
    usualStartMs: null,
    rssBytes: null,
    restarts: 0,
    lastError: null,
    socket: "/tmp/x.sock",
    ...more,
  };
}
