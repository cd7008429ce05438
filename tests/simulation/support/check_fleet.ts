/** What must hold of engines with several processes, and of settings that change. */
import type { StateEvent } from "../../../src/events/mod.ts";
import type { Call } from "./calls.ts";
import { type Court, ROUNDING_MS } from "./court.ts";
import { CLOSE_DRAIN_MS, KILL_LIMIT_MS } from "./engine_record.ts";
import { type FleetRecord, type Seat, versionOf } from "./fleet_record.ts";

const LONGEST_BACKOFF_MS = 30_000;

/** How long a seat may be in the state it is in. */
function limitMs({ settings }: FleetRecord, seat: Seat): number {
  const { startTimeoutMs, drainMs, reloadDrainMs, graceMs } = settings;
  switch (seat.state) {
    case "starting":
      return startTimeoutMs;
    case "draining":
      if (seat.reason === "reload") return reloadDrainMs;
      return seat.reason === "shutdown" ? Math.max(CLOSE_DRAIN_MS, reloadDrainMs) : drainMs;
    case "stopping":
      return 2 * graceMs + KILL_LIMIT_MS;
    case "backoff":
      return LONGEST_BACKOFF_MS;
    default:
      return Infinity;
  }
}

function overdueMs(record: FleetRecord, seat: Seat, court: Court): number {
  const lateMs = court.lateMs - seat.lateAtSince + ROUNDING_MS;
  return court.now - seat.since - limitMs(record, seat) - lateMs;
}

/** `seat` is as it was until now. */
export function checkSeatChange(
  record: FleetRecord,
  { seat, event }: { readonly seat: Seat; readonly event: StateEvent },
  court: Court,
): void {
  const { to, reason } = event;
  const what = `${seat.path}: ${event.from} > ${to} (${reason})`;
  const late = overdueMs(record, seat, court);
  if (late > 0) court.fault(ruleOf(seat), `${what}: ${late} ms late`);
  if (to === "starting") {
    if (court.now > court.closingAt) court.fault("justified", `${what}: all is being closed`);
    if (!record.isThere) court.fault("justified", `${what}: it was taken out`);
  }
  if (to !== "stopping" && to !== "draining") return;
  if (reason === "idle") checkIdle(record, { seat, what }, court);
  if (reason === "scale" && seat.inflight > 0) {
    court.fault("no idle stop under work", `${what}: ${seat.inflight} in flight`);
  }
}

/** All of an engine end together. */
function checkIdle(
  record: FleetRecord,
  { seat, what }: { readonly seat: Seat; readonly what: string },
  court: Court,
): void {
  const used = record.ready.find((one) => one.version === seat.version && one.inflight > 0);
  if (used !== undefined) court.fault("no idle stop under work", `${what}: ${used.path} is used`);
}

function ruleOf({ state, reason }: Seat): "reload" | "deadlines" {
  return state === "draining" && reason === "reload" ? "reload" : "deadlines";
}

/** Nothing but time can move anything now. */
export function checkFleet(record: FleetRecord, court: Court): void {
  const { name, settings, isThere } = record;
  for (const seat of record.all) {
    const late = overdueMs(record, seat, court);
    if (late > 0) court.fault(ruleOf(seat), `${seat.path} is ${seat.state} ${late} ms too long`);
  }
  for (const [version, { max }] of record.bounds) {
    const up = record.all.filter((seat) => seat.version === version).length;
    if (up > max) court.fault("replicas", `${up} of ${name} ${version} run, not ${max} at most`);
  }
  const wanted = versionOf(settings.command ?? []);
  const comers = record.ready.filter(({ version }) => version === wanted).length;
  const isReplaced = isThere && comers >= settings.replicas.min;
  const old = record.all.find(({ isUp, version }) =>
    isUp && version !== undefined && version !== wanted
  );
  if (isReplaced && old !== undefined) {
    court.fault("reload", `${old.path} is ${old.state} though ${wanted} is ready`);
  }
  if (!isThere) {
    const left = record.all.find(({ isUp }) => isUp);
    if (left !== undefined) court.fault("reload", `${left.path} was taken out, and is up`);
  }
  checkHeld(record, court);
}

/** Nobody waits beside a process that could serve, or while nothing comes. */
function checkHeld(record: FleetRecord, court: Court): void {
  const held = [...court.open].find(({ engine, kind, servedBy, abort }) =>
    engine === record.name && kind !== "stop" && servedBy === null && !abort.signal.aborted
  );
  if (held === undefined) return;
  const { kind, id } = held;
  if (!record.isThere) court.fault("a way out", `${record.name} was taken out, ${id} waits`);
  if (record.isAtRest) court.fault("a way out", `${record.name} is at rest, ${id} waits`);
  const needsSlot = kind !== "start" && kind !== "restart";
  const free = needsSlot ? freeSeat(record) : undefined;
  if (free !== undefined) court.fault("a way out", `${free.path} has a free slot, ${id} waits`);
}

/** One that surely serves and could take one more. */
export function freeSeat(record: FleetRecord, but?: Seat): Seat | undefined {
  const { settings, ready } = record;
  const wanted = versionOf(settings.command ?? []);
  return ready.find((seat) => {
    const { version, isSpotless, inflight } = seat;
    if (seat === but || version === undefined || !isSpotless) return false;
    const bounds = record.bounds.get(version);
    if (bounds === undefined || inflight + record.inputs >= bounds.slots) return false;
    const alike = ready.filter((one) => one.version === version).length;
    return version !== wanted || alike >= settings.replicas.min;
  });
}

/** A lease of `seat` has just been given. */
export function checkChoice(record: FleetRecord, seat: Seat, court: Court): void {
  const { now } = court;
  const bounds = record.bounds.get(seat.version ?? "");
  if (bounds !== undefined && bounds.at < now && seat.inflight > bounds.slots) {
    court.fault("bounds", `${seat.path} works on ${seat.inflight} requests`);
  }
  if (!seat.isEjected(now) || bounds === undefined || bounds.at >= now) return;
  const other = freeSeat(record, seat);
  const isSure = other !== undefined && other.version === seat.version &&
    other.movedAt < now && other.since < now;
  if (isSure) court.fault("replicas", `${seat.path} is ejected, and ${other.path} is free`);
}

/** Outcomes that say that something was lost. */
const LOSSES: ReadonlySet<string> = new Set([
  ...["spawn_failed", "start_timeout", "health_failed", "crashed", "backoff"],
  ...["cut", "upstream_failed", "upstream_timeout", "too_many_connections"],
]);

/** `call` has just been settled. */
export function checkFleetCall(record: FleetRecord, call: Call, court: Court): void {
  const why = objection(record, call, court);
  if (why === null) return;
  const { kind, id, engine, at, outcome } = call;
  const text = `${kind} ${id} of ${engine}, asked at ${at}, came to ${outcome}: ${why}`;
  court.fault(LOSSES.has(outcome ?? "") ? "reload" : "outcomes", text);
}

function objection(record: FleetRecord, call: Call, court: Court): string | null {
  const { outcome = "nothing", at } = call;
  const isStopped = record.stoppedByCallAt >= at;
  if (LOSSES.has(outcome)) return isStopped ? null : objectionToLoss(record, call, court);
  switch (outcome) {
    case "ok":
      if (call.kind === "stop") return hasEnded(record, call) ? null : "one of it lives";
      return record.readyUntil >= at ? null : "it was not ready meanwhile";
    case "left":
      return call.abort.signal.aborted ? null : "it did not leave";
    case "stopped_by_user":
      return isStopped || call.metHold || record.held !== "no" ? null : "nobody stopped it";
    case "shutting_down":
      return court.closingAt < Infinity ? null : "nobody closes anything";
    case "unknown_engine":
      return !record.isThere || record.removedAt >= at || record.absentUntil >= at
        ? null
        : "it is there";
    case "queue_full":
      return record.leastQueue.max < 10 ? null : "there are not so many";
    case "queue_timeout":
      return court.now >= at + record.leastQueue.timeoutMs ? null : "it is too early";
    default:
      return "that must never be";
  }
}

/** Whether all that ran when a stop was asked for is gone, or given up. */
function hasEnded({ processes, absentUntil }: FleetRecord, { generation }: Call): boolean {
  // Those of one that was taken out are not waited for.
  if (absentUntil > -Infinity) return true;
  return [...processes.values()].slice(0, generation).every(({ isReleased }) => isReleased);
}

/** Where nothing goes wrong but what is set, nothing is lost while anything else could serve. */
function objectionToLoss(record: FleetRecord, { at }: Call, court: Court): string | null {
  if (court.weather !== "calm" || !record.isCalm) return null;
  if (court.closingAt < Infinity || record.cutAt >= at) return null;
  if (record.isBroken || record.brokenUntil >= at) return null;
  return "nothing is wrong with it";
}
