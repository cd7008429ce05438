/** Whether a process was ended by the ladder of contract section 3, step by step. */
import type { StateEvent } from "../../../src/events/mod.ts";
import { type Court, ROUNDING_MS } from "./court.ts";
import { CLOSE_LIMIT_MS, type EngineRecord, KILL_LIMIT_MS } from "./engine_record.ts";
import type { Seen, SimProcess } from "./sim_process.ts";

/** Looks back at a stop that is over. */
export function checkEnd(record: EngineRecord, event: StateEvent, court: Court): void {
  const { current: process, stop } = record;
  if (process === undefined || stop === undefined) return;
  const fault = (text: string) =>
    court.fault("deadlines", `${record.name}: stop (${stop.reason}) of ${process.pid}: ${text}`);
  const { graceMs } = record.settings;
  const { termed, killed, reaped } = process;
  const isGone = reaped !== undefined;
  const asksFirst = (stop.from === "ready" || stop.from === "draining") &&
    (stop.reason === "idle" || stop.reason === "requested" || stop.reason === "shutdown");
  if (asksFirst && isEarly(termed, stop.at + graceMs, process)) fault("SIGTERM came early");
  const isClosed = court.closingAt < Infinity;
  const ofClose = court.closingAt + CLOSE_LIMIT_MS + 2 * graceMs;
  if (killed !== undefined && stop.reason !== "start_timeout") {
    const isForced = isClosed && killed.at >= ofClose;
    if (!isForced && (termed === undefined || killed.at < termed.at + graceMs)) {
      fault("SIGKILL came early");
    }
  }
  if (event.how === "lost") {
    const isEarly = killed === undefined
      ? process.hasGroupLife
      : court.now < killed.at + KILL_LIMIT_MS;
    if (isEarly) fault("given up early");
    return;
  }
  if (!isGone || process.hasLife) court.fault("one process", `${process.pid} was left behind`);
  if (event.how !== undefined) checkHow(event.how, process, fault);
}

/** Whether a signal came before `due` though nothing but time called for it. */
function isEarly(signal: Seen | undefined, due: number, { service, reaped }: SimProcess): boolean {
  if (signal === undefined || service.isUnstoppable) return false;
  return signal.at < due - ROUNDING_MS && (reaped === undefined || signal.order < reaped.order);
}

/** By what the leader ended: the last that was done before that was known. */
function checkHow(how: string, process: SimProcess, fault: (text: string) => void): void {
  const { termed, killed, reaped } = process;
  if (reaped === undefined) return;
  const before = (signal: Seen | undefined) => signal !== undefined && signal.at < reaped.at;
  const atOnce = (signal: Seen | undefined) => signal?.at === reaped.at;
  if (atOnce(termed) || atOnce(killed)) return;
  const is = before(killed) ? "killed" : before(termed) ? "terminated" : "graceful";
  if (how !== is) fault(`it is said to have been ${how}, not ${is}`);
}

/** Whether the steps that are due by now were taken. */
export function checkLadder(record: EngineRecord, lateMs: number, court: Court): void {
  const { current: process, stop } = record;
  if (record.state !== "stopping" || process === undefined || stop === undefined) return;
  if (!process.hasGroupLife) return;
  const { graceMs } = record.settings;
  const passed = court.now - stop.at - lateMs;
  const fault = (signal: string) =>
    court.fault("deadlines", `${record.name}: no ${signal} to ${process.pid} after ${passed} ms`);
  if (passed > graceMs && process.termed === undefined && process.killed === undefined) {
    fault("SIGTERM");
  }
  if (passed > 2 * graceMs && process.killed === undefined) fault("SIGKILL");
}
