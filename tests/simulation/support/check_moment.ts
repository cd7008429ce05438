/** What holds for an engine in any moment in which nothing but time can move anything. */
import type { EngineView } from "../../../src/core/mod.ts";
import { checkLadder } from "./check_end.ts";
import { type Court, graceOf, heldCalls, isLeaving, ROUNDING_MS, STEP_MS } from "./court.ts";
import type { EngineRecord } from "./engine_record.ts";

/** Three checks five seconds apart, polls that take three, and the checks' own two. */
const FOUND_HUNG_MS = 30_000;

/** Shown times follow the wall clock once it is a second off. */
const DRIFT_MS = 1_001 + STEP_MS;

/** Whether what is due was done. */
export function checkRecord(record: EngineRecord, court: Court): void {
  const { name, state, since, current: process } = record;
  const lateMs = graceOf(record, court);
  const overdueMs = court.now - since - record.limitMs(court.closingAt);
  if (overdueMs > lateMs) {
    court.fault("a way out", `${name} is ${state} for ${overdueMs} ms too long`);
  }
  for (const { kind, id, at } of heldCalls(record, court)) {
    const begunAt = state === "starting" ? court.now : Math.max(at, record.startEndedAt);
    const waitedMs = court.now - begunAt;
    if (waitedMs > record.settings.queue.timeoutMs + court.lateMs + ROUNDING_MS) {
      court.fault("deadlines", `${kind} ${id} waits for ${waitedMs} ms`);
    }
    // A slot is what requests wait for besides the engine.
    const needsSlot = kind !== "start" && kind !== "restart";
    const isServing = state === "ready" && (record.hasFreeSlot || !needsSlot);
    if (state === "stopped" || state === "failed" || isServing) {
      court.fault("a way out", `${name} is ${state}, ${kind} ${id} waits`);
    }
  }
  if (record.inflight() > (record.settings.slots ?? Infinity)) {
    court.fault("bounds", `${name} works on ${record.inflight()} requests`);
  }
  const { max, timeoutMs } = record.settings.queue;
  if (state === "stopped" && record.keptPlaces > 0 && Math.min(max, timeoutMs) > 1_000) {
    court.fault("a way out", `${name} is stopped, the start of a restart is forgotten`);
  }
  const idleMs = court.now - (record.idleStopAt ?? Infinity);
  if (idleMs > lateMs + STEP_MS) {
    court.fault("deadlines", `${name} is idle for ${idleMs} ms too long`);
  }
  checkLadder(record, lateMs, court);
  if (state !== "ready" || record.settings.liveness === "off" || process === undefined) return;
  const sickMs = court.now - Math.max(process.service.livedAt, since, court.blindUntil);
  if (sickMs > FOUND_HUNG_MS + lateMs) {
    court.fault("deadlines", `${name} is not well for ${sickMs} ms`);
  }
}

/** Whether what is shown is what is so. */
export function checkView(record: EngineRecord, view: EngineView, court: Court): void {
  const { name, current: process, settings } = record;
  const wrong = (text: string) => court.fault("views", `${name} is ${view.state}: ${text}`);
  if (view.state !== record.state) wrong(`it was ${record.state}`);
  if (view.restarts !== Math.max(record.generation - 1, 0)) wrong(`${view.restarts} restarts`);
  const inflight = view.state === "ready" || view.state === "draining" ? record.inflight() : 0;
  if (view.inflight !== inflight) wrong(`${view.inflight} in flight, not ${inflight}`);
  const held = heldCalls(record, court).length;
  if (view.queued < held || view.queued > held + record.keptPlaces + record.mayKeep) {
    wrong(`${view.queued} are said to wait, not ${held}`);
  }
  if (view.queued > settings.queue.max) court.fault("bounds", `${view.queued} wait`);
  if (view.inflight > (settings.slots ?? Infinity)) {
    court.fault("bounds", `${view.inflight} are in flight`);
  }
  const pid = record.hasProcess ? process?.pid ?? null : null;
  if (view.pid !== pid && !isLeaving(view.state)) wrong(`pid ${view.pid}, not ${pid}`);
  const hasError = view.lastError !== null;
  if (view.state === "ready" && hasError) wrong("an error is left");
  if ((view.state === "failed" || view.state === "backoff") && !hasError) wrong("no error");
  if ((view.readyAt !== null) !== (view.state === "ready") && !isLeaving(view.state)) {
    wrong(`ready since ${view.readyAt}`);
  }
  checkStopsAt(record, view, { court, wrong });
}

function checkStopsAt(
  record: EngineRecord,
  view: EngineView,
  { court, wrong }: { readonly court: Court; readonly wrong: (text: string) => void },
): void {
  const due = record.busyUntil > court.now ? null : record.idleStopAt;
  if (due === null || view.stopsAt === null) {
    if (due !== view.stopsAt) wrong(`stops at ${view.stopsAt}, not ${due}`);
    return;
  }
  const offMs = Date.parse(view.stopsAt) - Date.now() - (due - court.now);
  if (Math.abs(offMs) > DRIFT_MS) wrong(`the shown stop is ${offMs} ms off`);
}
