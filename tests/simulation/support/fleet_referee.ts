/**
 * Judges schedules in which engines have several processes and their settings change: leaner than
 * {@linkcode Referee}, which knows one process of one engine to the millisecond.
 *
 * @module
 */
import type { EngineSettings } from "../../../src/config/mod.ts";
import { type EngineView, ERROR_TABLE } from "../../../src/core/mod.ts";
import type { EngineEvent, StateEvent } from "../../../src/events/mod.ts";
import type { EngineLease } from "../../../src/supervisor/mod.ts";
import type { Call } from "./calls.ts";
import {
  checkChoice,
  checkFleet,
  checkFleetCall,
  checkSeatChange,
  freeSeat,
} from "./check_fleet.ts";
import { ROUNDING_MS, type Rule } from "./court.ts";
import { FleetRecord, type Seat } from "./fleet_record.ts";
import {
  FAULT,
  type Fault,
  isExcused,
  type Judge,
  type JudgeOptions,
  LEFT,
  showTemper,
} from "./judge.ts";
import type { SimProcess } from "./sim_process.ts";
import type { Weather } from "./temper.ts";

export class FleetReferee implements Judge {
  readonly faults: Fault[] = [];
  readonly open = new Set<Call>();
  readonly weather: Weather;
  lateMs = 0;
  closingAt = Infinity;
  blindUntil = -Infinity;
  onChange: (event: StateEvent) => void = () => {};
  readonly #options: JudgeOptions;
  readonly #records: ReadonlyMap<string, FleetRecord>;
  readonly #processes: SimProcess[] = [];

  constructor(options: JudgeOptions) {
    this.#options = options;
    const { engines, weather } = options;
    this.weather = weather;
    const isCalm = weather === "calm";
    this.#records = new Map(engines.map((one) => [one.name, new FleetRecord(one, isCalm)]));
  }

  get now(): number {
    return this.#options.now();
  }

  get names(): readonly string[] {
    return [...this.#records.keys()];
  }

  settingsOf(engine: string): EngineSettings {
    return this.#record(engine).settings;
  }

  victims(engine: string): readonly SimProcess[] {
    const processes = this.#record(engine).all.flatMap(({ process }) => process ?? []);
    return processes.filter(({ isReleased }) => !isReleased);
  }

  has(engine: string): boolean {
    return this.#record(engine).isThere;
  }

  meeting(engine: string): ReturnType<Judge["meeting"]> {
    const { processes, held } = this.#record(engine);
    return { generation: processes.size, metHold: held !== "no" };
  }

  owesLease(engine: string): boolean {
    const record = this.#record(engine);
    const isWaiting = [...this.open].some(({ servedBy, ...call }) =>
      call.engine === engine && servedBy === null
    );
    return record.isThere && !isWaiting && freeSeat(record) !== undefined;
  }

  /** The configuration is `engines` from now on. */
  reloads(engines: readonly EngineSettings[]): void {
    const { now } = this;
    for (const record of this.#records.values()) {
      const settings = engines.find(({ name }) => name === record.name);
      if (settings !== undefined) {
        this.#options.tell(() => `${record.name}: set to ${describe(settings)}`);
        if (!record.isThere) record.absentUntil = now;
        record.isThere = true;
        record.set(settings, now);
      } else if (record.isThere) {
        this.#options.tell(() => `${record.name}: taken out`);
        record.isThere = false;
        record.removedAt = now;
      }
    }
  }

  fault(rule: Rule, text: string): void {
    const fault = { rule, text: `${text} (at ${Math.round(this.now)} ms)` };
    this.faults.push(fault);
    this.#options.tell(() => `${FAULT} ${rule}: ${fault.text}`);
  }

  readonly publish = (event: EngineEvent): void => {
    if (event.type === "state") return this.#onState(event);
    if (event.type !== "notice" || event.title !== ERROR_TABLE.internal.title) return;
    this.fault("no error of ours", event.detail);
  };

  readonly onSpawn = (process: SimProcess): void => {
    const { engine, path, pid, runId } = process;
    const record = this.#record(engine);
    const seat = record.seat(path);
    const before = seat.process;
    if (before?.hasLife === true && !isExcused(before)) {
      this.fault("one process", `${path}: ${before.pid} lives beside ${pid}`);
    }
    const twin = this.#processes.find((one) => one.runId === runId && one.hasLife);
    if (twin !== undefined) this.fault("one process", `${twin.pid} and ${pid} are both ${runId}`);
    this.#processes.push(process);
    seat.process = process;
    record.processes.set(process.serial, process);
    this.#options.tell(() => `${path}: spawn ${pid} ${process.argv} ${showTemper(process.temper)}`);
  };

  lends(call: Call, lease: EngineLease): EngineLease {
    const record = this.#record(call.engine);
    const process = record.processes.get(lease.generation);
    const seat = record.all.find((one) => one.process === process);
    call.servedBy = lease.generation;
    if (process === undefined || seat === undefined) {
      this.fault("generations", `${call.id} was given process ${lease.generation}, which is gone`);
      return lease;
    }
    seat.inflight++;
    checkChoice(record, seat, this);
    seat.movedAt = this.now;
    return this.#watched(lease, { seat, process });
  }

  works(call: Call): () => void {
    const record = this.#record(call.engine);
    call.servedBy = 0;
    record.inputs++;
    return () => record.inputs--;
  }

  touches(): void {}

  opens(call: Call): void {
    this.open.add(call);
    const record = this.#record(call.engine);
    this.#options.tell(() => `${call.engine}: ${call.kind} ${call.id}`);
    if (call.kind !== "stop" && call.kind !== "restart") return;
    record.stoppedByCallAt = this.now;
    record.mayBreak();
  }

  holds(engine: string, held: "maybe" | "yes"): void {
    const record = this.#record(engine);
    record.held = held;
    record.heldSince = this.now;
  }

  leaves(call: Call): void {
    if (call.outcome !== undefined || call.abort.signal.aborted) return;
    this.#options.tell(() => `${call.engine}: ${call.kind} ${call.id} leaves`);
    call.abort.abort(LEFT);
  }

  settles(call: Call, outcome: string): void {
    this.#options.tell(() => `${call.engine}: ${call.kind} ${call.id} came to ${outcome}`);
    if (call.outcome !== undefined) this.fault("settled once", `${call.kind} ${call.id}`);
    call.outcome = outcome;
    this.open.delete(call);
    const record = this.#record(call.engine);
    if (call.kind === "input" && call.servedBy !== null) {
      for (const seat of record.all) seat.maybeEnded(outcome !== "ok");
    }
    if (record.ready.length > 0) record.readyUntil = this.now;
    checkFleetCall(record, call, this);
  }

  looksUntil(isBlind: boolean): void {
    if (isBlind) this.blindUntil = this.now;
  }

  closes(): void {
    this.closingAt = Math.min(this.closingAt, this.now);
  }

  look(): void {
    for (const record of this.#records.values()) checkFleet(record, this);
  }

  lookAt(view: EngineView): void {
    const record = this.#record(view.name);
    // Places of one that is on its way out may be those of the next.
    const shown = record.absentUntil > -Infinity ? [] : view.instances ?? [view];
    for (const { socket, state } of shown) {
      const seen = record.seats.get(socket)?.state ?? "stopped";
      const isSame = seen === state || (seen === "failed" && state === "stopped");
      if (!isSame) this.fault("views", `${socket} is shown ${state}, not ${seen}`);
    }
  }

  /** Tells of how the request ends to which `lease` is the right. */
  #watched(
    lease: EngineLease,
    { seat, process }: { readonly seat: Seat; readonly process: SimProcess },
  ): EngineLease {
    let failure: string | undefined;
    let isHeld = true;
    const failed: EngineLease["failed"] = (kind) => {
      failure = kind;
      lease.failed(kind);
    };
    const release = () => {
      const isCounted = isHeld && seat.process === process;
      isHeld = false;
      if (isCounted) {
        seat.inflight--;
        seat.movedAt = this.now;
        seat.ended(failure === "local", this.now);
      }
      lease.release();
    };
    return new Proxy(lease, {
      get(lease, name) {
        if (name === "release") return release;
        if (name === "failed") return failed;
        const value: unknown = Reflect.get(lease, name, lease);
        return typeof value === "function" ? value.bind(lease) : value;
      },
    });
  }

  #record(engine: string): FleetRecord {
    const record = this.#records.get(engine);
    if (record === undefined) throw new RangeError(`there is no ${engine}`);
    return record;
  }

  #onState(event: StateEvent): void {
    const record = this.#record(event.engine);
    const seat = record.seat(record.pathOf(event));
    const { from, to, reason } = event;
    this.#options.tell(() => `${seat.path}: ${from} > ${to} (${reason})`);
    checkSeatChange(record, { seat, event }, this);
    this.#apply(record, { seat, event });
    this.onChange(event);
  }

  #apply(
    record: FleetRecord,
    { seat, event: { from, to, reason } }: { readonly seat: Seat; readonly event: StateEvent },
  ): void {
    const { now } = this;
    if (from === "ready") record.readyUntil = now;
    const { reloadDrainMs, drainMs } = record.settings;
    const drainedMs = from === "draining" ? now - seat.since : -Infinity;
    if (drainedMs >= Math.min(reloadDrainMs, drainMs) - ROUNDING_MS) record.cutAt = now;
    seat.state = to;
    seat.reason = reason;
    seat.since = now;
    seat.lateAtSince = this.lateMs;
    // In one moment nobody knows what came first.
    const isByHand = to === "starting" && reason === "requested";
    if (isByHand && record.heldSince < now) record.held = "no";
    if (to === "ready") {
      seat.becameReady();
      record.works(seat, now);
    }
  }
}

function describe(
  { command, slots, replicas, queue, idleTimeoutMs, keep }: EngineSettings,
): string {
  return JSON.stringify({ command, slots, replicas, queue, idleTimeoutMs, keep });
}
