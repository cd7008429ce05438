/** Whether an engine may go from one state to another, then and for that reason. */
import type { StateEvent } from "../../../src/events/mod.ts";
import type { CallKind } from "./calls.ts";
import { checkEnd } from "./check_end.ts";
import { type Court, graceOf, ROUNDING_MS, type Rule } from "./court.ts";
import { DEAD_STARTS, type EngineRecord } from "./engine_record.ts";

/**
 * Three checks without a 200, begun five seconds apart, the first as long after the one that was
 * answered, which may take two seconds.
 */
const HUNG_MS = 15_000 - 2_000 - ROUNDING_MS;

/** Whose wish a start is, by its reason. */
const WISHES: Readonly<Record<string, readonly CallKind[]>> = {
  requested: ["start", "restart"],
  input: ["input"],
  request: ["lease", "request"],
};

type Fault = (rule: Rule, text: string) => void;

/** `record` is what was seen until now. */
export function checkChange(record: EngineRecord, event: StateEvent, court: Court): void {
  const { from, to, reason, view } = event;
  const fault: Fault = (rule, text) =>
    court.fault(rule, `${record.name}: ${from} > ${to} (${reason}): ${text}`);
  if (from !== record.state) fault("views", `it was ${record.state}`);
  if (view.state !== to || view.reason !== reason) fault("views", `the view says ${view.state}`);
  const lateMs = court.now - record.since - record.limitMs(court.closingAt);
  if (lateMs > graceOf(record, court)) fault("deadlines", `${lateMs} ms late`);
  if (from === "stopping") checkEnd(record, event, court);
  switch (to) {
    case "starting":
      return checkStart(record, event, { court, fault });
    case "ready":
      if ((record.current?.service.healthyAt ?? null) === null) {
        fault("generations", "this process has not answered");
      }
      return;
    case "draining":
      if (view.inflight === 0) fault("justified", "nothing is in flight");
      return;
    case "stopping":
      return checkStop(record, event, { court, fault });
    case "backoff":
      if (record.current?.hasLife === true && view.how !== "lost") {
        fault("one process", "something of it lives");
      }
      if (from === "stopping") checkTries(record, fault);
      return;
    case "failed":
      return checkFailed(record, event, fault);
  }
}

interface Bench {
  readonly court: Court;
  readonly fault: Fault;
}

function checkStart(
  record: EngineRecord,
  { from, reason, view }: StateEvent,
  { court, fault }: Bench,
): void {
  const { settings, failures } = record;
  if (view.restarts !== record.generation) fault("generations", `${view.restarts} restarts`);
  if (court.now > court.closingAt) fault("justified", "all is being closed");
  if (record.held === "yes" && reason !== "requested") {
    fault("justified", "a user holds it stopped");
  }
  const wish = WISHES[reason];
  const isWished = [...court.open].some(({ engine, kind }) =>
    engine === record.name && kind !== "stop" && (wish === undefined || wish.includes(kind))
  );
  const isKept = record.keptPlaces + record.mayKeep > 0 &&
    (wish === undefined || reason === "requested");
  const isRuled = reason === "retry" &&
    (settings.keep === "always" || record.stop?.reason === "unhealthy");
  if (!isWished && !isKept && !isRuled) fault("justified", "for nobody");
  if (reason === "requested" || from === "failed") return;
  if (record.isBlocked && court.now < failures.earliest - ROUNDING_MS) {
    fault("backoff", `${failures.earliest - court.now} ms too early`);
  }
  if (from === "stopping" && reason === "retry") checkTries(record, fault);
}

/** Another process is to come. */
function checkTries({ failures: { deadStarts } }: EngineRecord, fault: Fault): void {
  if (deadStarts >= DEAD_STARTS) fault("backoff", `another try after ${deadStarts} dead starts`);
}

function checkStop(
  record: EngineRecord,
  { from, reason }: StateEvent,
  { court: { now, closingAt }, fault }: Bench,
): void {
  const { settings, current } = record;
  const because = (isSo: boolean, text: string) => isSo || fault("justified", text);
  switch (reason) {
    case "idle":
      return checkIdle(record, now, fault);
    case "shutdown":
      return void because(closingAt <= now, "nobody closes anything");
    case "crash":
    case "exit": {
      because(current?.reaped !== undefined, "it has not ended");
      const isCrash = from === "starting" || current?.ended?.exit.code !== 0;
      return void because(isCrash === (reason === "crash"), "it did not end so");
    }
    case "start_timeout":
      if (now < record.since + settings.startTimeoutMs) fault("deadlines", "too early");
      return void because(from === "starting", "it was not starting");
    case "unhealthy":
      because(settings.liveness === "restart" && from === "ready", "nobody asked for that");
      return void because(
        now - (current?.service.livedAt ?? now) >= HUNG_MS,
        `it was well ${now - (current?.service.livedAt ?? now)} ms ago`,
      );
    default:
      return void because(record.stoppedByCallAt >= record.startedAt, "nobody stopped it");
  }
}

function checkIdle(record: EngineRecord, now: number, fault: Fault): void {
  if (record.inflight() > 0) fault("no idle stop under work", `${record.inflight()} in flight`);
  const due = record.idleStopAt;
  if (due === null) return fault("no idle stop under work", "it has none");
  if (now < due - ROUNDING_MS) fault("no idle stop under work", `${due - now} ms too early`);
}

function checkFailed(record: EngineRecord, { from, reason }: StateEvent, fault: Fault): void {
  const { deadStarts } = record.failures;
  const isGivenUp = from === "stopping" &&
    (reason === "start_timeout" || deadStarts >= DEAD_STARTS);
  const isNoProgram = from === "starting" && reason === "start_failed";
  if (!isGivenUp && !isNoProgram) fault("backoff", `given up after ${deadStarts} dead starts`);
}
