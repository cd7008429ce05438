/** What an engine shows of itself: its view, and the event of a state change. Pure but for time. */
import type { EngineSettings } from "../config/mod.ts";
import {
  type AiEngineError,
  type EngineKind,
  type EngineView,
  type ErrorView,
  type InstanceView,
  LifecycleError,
} from "../core/mod.ts";
import type { StateEvent } from "../events/mod.ts";
import { idleDeadline, idleLimitMs, type LifecycleState } from "../lifecycle/mod.ts";
import type { InstancePool } from "../pool/mod.ts";
import type { WallTime } from "./wall_time.ts";

/** What is known of a process. Times are monotonic milliseconds; `null` = not yet, or not here. */
export interface ProcessFacts {
  readonly pid: number | null;
  readonly startedAt: number | null;
  readonly readyAt: number | null;
  readonly rssBytes: number | null;
  /** What was started, where that is not what the settings say. */
  readonly kind: EngineKind | null;
  /** Connections to it; who asks over them without a lease does not use it. */
  readonly pool: InstancePool | null;
}

/** What is known of one instance. */
export interface InstanceReport {
  readonly id: number;
  readonly state: LifecycleState;
  /** `null` when there is none. */
  readonly process: ProcessFacts | null;
  readonly lastError: ErrorView | null;
  readonly socket: string;
}

/** What is known of an engine. */
export interface EngineReport {
  /** At least one. */
  readonly instances: readonly InstanceReport[];
  readonly queued: number;
  /** When the one began to wait who has waited longest. */
  readonly queuedSince: number | null;
  readonly usualStartMs: number | null;
  /** The time of the view. */
  readonly now: number;
  readonly settings: EngineSettings;
  readonly wallTime: WallTime;
}

/** The instance that stands for all: the first of these that there is. */
const FOREMOST = ["ready", "starting", "draining", "stopping", "backoff", "failed", "stopped"];

export function toEngineView(report: EngineReport): EngineView {
  const { instances, queued, queuedSince, usualStartMs, settings, wallTime } = report;
  const { state, process, lastError, socket } = foremost(instances);
  const deadline = deadlineOf(state);
  const show = (at: number | null) => at === null ? null : wallTime.show(at);
  const views = instances.map((instance) => toInstanceView(instance, wallTime));
  const actives = instances.flatMap(({ state }) =>
    state.name === "ready" ? [state.work.lastActivityAt] : []
  );
  return {
    name: settings.name,
    kind: process?.kind ?? settings.kind,
    state: state.name,
    reason: state.reason,
    how: state.how,
    since: wallTime.show(state.since),
    pid: process?.pid ?? null,
    startedAt: show(process?.startedAt ?? null),
    readyAt: show(process?.readyAt ?? null),
    stopsAt: show(stopTime(report)),
    ...(deadline === null ? {} : { deadlineAt: wallTime.show(deadline) }),
    lastActivityAt: actives.length === 0 ? null : show(Math.max(...actives)),
    idleTimeoutMs: idleLimitMs(state.name === "ready" ? state.work : null, settings),
    inflight: views.reduce((sum, { inflight }) => sum + inflight, 0),
    queued,
    queuedSince: show(queuedSince),
    slots: settings.slots,
    usualStartMs: usualStartMs === null ? null : Math.round(usualStartMs),
    rssBytes: rssOf(views),
    restarts: instances.reduce((sum, { state }) => sum + Math.max(state.generation - 1, 0), 0),
    lastError,
    socket,
    ...(views.length === 1 ? {} : { instances: views }),
  };
}

function toInstanceView(
  { id, state, process, lastError, socket }: InstanceReport,
  wallTime: WallTime,
): InstanceView {
  const readyAt = process?.readyAt ?? null;
  return {
    id,
    state: state.name,
    since: wallTime.show(state.since),
    pid: process?.pid ?? null,
    readyAt: readyAt === null ? null : wallTime.show(readyAt),
    inflight: inflightOf(state),
    rssBytes: process?.rssBytes ?? null,
    lastError,
    socket,
  };
}

/**
 * What of a view moves while its state has nothing to tell, as text: the same text, the same view.
 * Looked at every second for every engine, where a view would cost ten times as much.
 */
export function toViewMark(report: EngineReport): string {
  const { instances, queued, queuedSince, wallTime } = report;
  const marks = instances.map(({ state, process }) => {
    const work = state.name === "ready" ? state.work : null;
    const rss = process?.rssBytes;
    const since = wallTime.show(state.since);
    return `${work?.lastActivityAt} ${work?.inflight} ${rss} ${since} ${deadlineOf(state)}`;
  });
  return `${marks.join(" ")} ${stopTime(report)} ${queued} ${queuedSince}`;
}

/** When the state ends by itself; a remote engine's start has no end. */
function deadlineOf(state: LifecycleState): number | null {
  return "deadline" in state && Number.isFinite(state.deadline) ? state.deadline : null;
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

/** When the last instance stops for being idle; while one is busy the idle clock has not started. */
function stopTime({ instances, now, settings }: EngineReport): number | null {
  let last: number | null = null;
  for (const { state } of instances) {
    if (state.name !== "ready") continue;
    const at = state.work.busyUntil > now ? null : idleDeadline(state.work, settings);
    if (at === null) return null;
    last = Math.max(last ?? at, at);
  }
  return last;
}

function foremost(instances: readonly InstanceReport[]): InstanceReport {
  let [best] = instances;
  for (const one of instances) {
    if (best === undefined || rank(one) < rank(best)) best = one;
  }
  if (best === undefined) throw new TypeError("an engine without an instance");
  return best;
}

function rank({ state }: InstanceReport): number {
  return FOREMOST.indexOf(state.name);
}

function inflightOf(state: LifecycleState): number {
  if (state.name === "ready") return state.work.inflight;
  return state.name === "draining" ? state.inflight : 0;
}

/** Of all together, as far as it is known. */
function rssOf(views: readonly InstanceView[]): number | null {
  const known = views.flatMap(({ rssBytes }) => rssBytes ?? []);
  return known.length === 0 ? null : known.reduce((sum, one) => sum + one, 0);
}

/** The event of going from one state to another. */
export function toStateEvent(
  from: LifecycleState,
  to: LifecycleState,
  { view, now, instance }: {
    readonly view: EngineView;
    readonly now: number;
    /** Of several, the one that it is about. */
    readonly instance?: number | undefined;
  },
): StateEvent {
  const exit = from.name === "stopping" ? from.exit : null;
  return {
    type: "state",
    engine: view.name,
    ...(instance === undefined ? {} : { instance }),
    from: from.name,
    to: to.name,
    reason: to.reason ?? "requested",
    ...(exit === null ? {} : { exitCode: exit.code }),
    ...(exit?.osSignal ? { signal: exit.osSignal } : {}),
    ...(from.name === "stopping" && to.how !== null ? { how: to.how } : {}),
    tookMs: Math.round(now - from.since),
    view,
  };
}
