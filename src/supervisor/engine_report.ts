/** What an engine shows of itself: its view, and the event of a state change. Pure but for time. */
import type { EngineSettings } from "../config/mod.ts";
import {
  type AiEngineError,
  type EngineView,
  type ErrorView,
  LifecycleError,
} from "../core/mod.ts";
import type { StateEvent } from "../events/mod.ts";
import { idleDeadline, type LifecycleState } from "../lifecycle/mod.ts";
import type { WallTime } from "./wall_time.ts";

/** What is known of a process. Times are monotonic milliseconds; `null` = not yet, or not here. */
export interface ProcessFacts {
  readonly pid: number | null;
  readonly startedAt: number | null;
  readonly readyAt: number | null;
  readonly rssBytes: number | null;
}

/** What is known of an engine besides its state. */
export interface EngineFacts {
  /** `null` when there is none. */
  readonly process: ProcessFacts | null;
  readonly queued: number;
  readonly lastError: ErrorView | null;
}

export interface ReportContext {
  /** The time of the view. */
  readonly now: number;
  readonly settings: EngineSettings;
  readonly socket: string;
  readonly wallTime: WallTime;
}

export function toEngineView(
  state: LifecycleState,
  facts: EngineFacts,
  { now, settings, socket, wallTime }: ReportContext,
): EngineView {
  const { process, queued, lastError } = facts;
  const show = (at: number | null) => at === null ? null : wallTime.show(at);
  const work = state.name === "ready" ? state.work : null;
  const stopsAt = stopTime(state, { now, settings });
  return {
    name: settings.name,
    kind: settings.kind,
    state: state.name,
    reason: state.reason,
    how: state.how,
    since: wallTime.show(state.since),
    pid: process?.pid ?? null,
    startedAt: show(process?.startedAt ?? null),
    readyAt: show(process?.readyAt ?? null),
    stopsAt: show(stopsAt),
    lastActivityAt: show(work === null ? null : work.lastActivityAt),
    idleTimeoutMs: settings.idleTimeoutMs,
    inflight: work?.inflight ?? (state.name === "draining" ? state.inflight : 0),
    queued,
    rssBytes: process?.rssBytes ?? null,
    restarts: Math.max(state.generation - 1, 0),
    lastError,
    socket,
  };
}

/**
 * What of a view moves while its state has nothing to tell, as text: the same text, the same view.
 * Looked at every second for every engine, where a view would cost ten times as much.
 */
export function toViewMark(
  state: LifecycleState,
  { process, queued }: EngineFacts,
  { now, settings, wallTime }: ReportContext,
): string {
  const work = state.name === "ready" ? state.work : null;
  const stopsAt = stopTime(state, { now, settings });
  const parts = [work?.lastActivityAt, stopsAt, work?.inflight, queued, process?.rssBytes];
  return `${parts.join(" ")} ${wallTime.show(state.since)}`;
}

export function toErrorView(error: AiEngineError, at: string): ErrorView {
  return {
    code: error.code,
    title: error.title,
    detail: error.message,
    remedy: error.remedy,
    at,
    lastLines: error instanceof LifecycleError ? error.lastLines : [],
  };
}

/** When the engine stops for being idle; while it is busy the idle clock has not started. */
function stopTime(
  state: LifecycleState,
  { now, settings }: Pick<ReportContext, "now" | "settings">,
): number | null {
  if (state.name !== "ready" || state.work.busyUntil > now) return null;
  return idleDeadline(state.work, settings);
}

/** The event of going from one state to another. */
export function toStateEvent(
  from: LifecycleState,
  to: LifecycleState,
  { view, now }: { readonly view: EngineView; readonly now: number },
): StateEvent {
  const exit = from.name === "stopping" ? from.exit : null;
  return {
    type: "state",
    engine: view.name,
    from: from.name,
    to: to.name,
    reason: to.reason ?? "requested",
    ...(exit === null ? {} : { exitCode: exit.code }),
    ...(exit?.osSignal ? { signal: exit.osSignal } : {}),
    ...(from.name === "stopping" && view.how !== null ? { how: view.how } : {}),
    tookMs: Math.round(now - from.since),
    view,
  };
}
