/**
 * Looks at all that happens from outside and holds it against the rules. It is told by events, by the
 * machine and by those who call; of the supervisor it knows the views only.
 *
 * @module
 */
import type { EngineSettings } from "../../../src/config/mod.ts";
import { type EngineView, ERROR_TABLE } from "../../../src/core/mod.ts";
import type { EngineEvent, StateEvent } from "../../../src/events/mod.ts";
import type { EngineLease } from "../../../src/supervisor/mod.ts";
import type { Call } from "./calls.ts";
import { checkCall } from "./check_call.ts";
import { checkChange } from "./check_change.ts";
import { checkRecord, checkView } from "./check_moment.ts";
import { heldCalls, isLeaving, type Rule } from "./court.ts";
import { EngineRecord } from "./engine_record.ts";
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

export class Referee implements Judge {
  readonly faults: Fault[] = [];
  readonly records: ReadonlyMap<string, EngineRecord>;
  readonly open = new Set<Call>();
  readonly weather: Weather;
  lateMs = 0;
  closingAt = Infinity;
  blindUntil = -Infinity;
  onChange: (event: StateEvent) => void = () => {};
  readonly #options: JudgeOptions;

  constructor(options: JudgeOptions) {
    this.#options = options;
    this.weather = options.weather;
    this.records = new Map(options.engines.map((one) => [one.name, new EngineRecord(one)]));
  }

  get now(): number {
    return this.#options.now();
  }

  fault(rule: Rule, text: string): void {
    const fault = { rule, text: `${text} (at ${Math.round(this.now)} ms)` };
    this.faults.push(fault);
    this.#options.tell(() => `${FAULT} ${rule}: ${fault.text}`);
  }

  get names(): readonly string[] {
    return [...this.records.keys()];
  }

  settingsOf(engine: string): EngineSettings {
    return this.record(engine).settings;
  }

  victims(engine: string): readonly SimProcess[] {
    const { process } = this.record(engine);
    return process === undefined ? [] : [process];
  }

  has(engine: string): boolean {
    return this.records.has(engine);
  }

  meeting(engine: string): ReturnType<Judge["meeting"]> {
    const { generation, held } = this.record(engine);
    return { generation, metHold: held !== "no" };
  }

  owesLease(engine: string): boolean {
    const record = this.record(engine);
    return record.state === "ready" && record.hasFreeSlot && heldCalls(record, this).length === 0;
  }

  works(call: Call): () => void {
    const record = this.record(call.engine);
    const { generation } = record;
    call.servedBy = generation;
    record.begin(generation);
    return () => record.end(generation, this.now);
  }

  touches(engine: string): void {
    this.record(engine).active(this.now);
  }

  record(engine: string): EngineRecord {
    const record = this.records.get(engine);
    if (record === undefined) throw new RangeError(`there is no ${engine}`);
    return record;
  }

  readonly publish = (event: EngineEvent): void => {
    switch (event.type) {
      case "state":
        return this.#onState(event);
      case "notice":
        if (event.title === ERROR_TABLE.internal.title) {
          this.fault("no error of ours", event.detail);
        }
        return;
      case "python_status": {
        const record = this.record(event.engine);
        if (!record.hasProcess) this.fault("generations", `a status while ${record.state}`);
        return record.polled(event.status["busy"] === true, this.now);
      }
      case "snapshot":
        for (const { name, state } of event.engines) {
          if (state !== this.record(name).state) this.fault("views", `${name} is shown ${state}`);
        }
    }
  };

  readonly onSpawn = (process: SimProcess): void => {
    const record = this.record(process.engine);
    const before = record.process;
    if (before?.hasLife === true && !isExcused(before)) {
      this.fault("one process", `${process.engine}: ${before.pid} lives beside ${process.pid}`);
    }
    record.process = process;
    this.#options.tell(() =>
      `${process.engine}: spawn ${process.pid} ${showTemper(process.temper)}`
    );
  };

  lends(call: Call, lease: EngineLease): EngineLease {
    const record = this.record(call.engine);
    const { generation } = lease;
    let isHeld = true;
    call.servedBy = generation;
    record.begin(generation);
    const release = () => {
      lease.release();
      if (isHeld) record.end(generation, this.now);
      isHeld = false;
    };
    return new Proxy(lease, {
      get(lease, name) {
        if (name === "release") return release;
        const value: unknown = Reflect.get(lease, name, lease);
        return typeof value === "function" ? value.bind(lease) : value;
      },
    });
  }

  opens(call: Call): void {
    this.open.add(call);
    const record = this.record(call.engine);
    this.#options.tell(() => `${call.engine}: ${call.kind} ${call.id} while ${record.state}`);
    if (call.kind === "stop" || call.kind === "restart") this.#stops(record);
    if (call.kind === "stop") {
      record.refusedHeldAt = this.now;
      loseTrack(record);
    }
  }

  holds(engine: string, held: "maybe" | "yes"): void {
    const record = this.record(engine);
    record.held = held;
    record.heldSince = this.now;
  }

  leaves(call: Call): void {
    if (call.outcome !== undefined || call.abort.signal.aborted) return;
    this.#options.tell(() => `${call.engine}: ${call.kind} ${call.id} leaves`);
    if (call.kind === "restart") keepPlace(this.record(call.engine), call);
    call.abort.abort(LEFT);
  }

  settles(call: Call, outcome: string): void {
    this.#options.tell(() => `${call.engine}: ${call.kind} ${call.id} came to ${outcome}`);
    if (call.outcome !== undefined) this.fault("settled once", `${call.kind} ${call.id}`);
    call.outcome = outcome;
    this.open.delete(call);
    const record = this.record(call.engine);
    // It was refused before it left.
    if (call.abort.signal.aborted && outcome !== "left") loseTrack(record);
    if (record.state === "ready") record.readyUntil = this.now;
    if (!record.hasProcess) record.restedUntil = this.now;
    // An input that is turned off is answered without the engine, and is activity all the same.
    const isUse = call.kind === "start" || (call.kind === "input" && call.servedBy === null);
    if (isUse && outcome === "ok") record.active(this.now);
    checkCall(call, record, this);
  }

  looksUntil(isBlind: boolean): void {
    if (isBlind) this.blindUntil = this.now;
  }

  closes(): void {
    this.closingAt = Math.min(this.closingAt, this.now);
    for (const record of this.records.values()) {
      this.#stops(record);
      loseTrack(record);
    }
  }

  look(): void {
    for (const record of this.records.values()) checkRecord(record, this);
  }

  lookAt(view: EngineView): void {
    checkView(this.record(view.name), view, this);
  }

  /** A stop by a caller clears what is known against the engine, unless that waits already. */
  #stops(record: EngineRecord): void {
    record.stoppedByCallAt = this.now;
    if (record.state === "stopping" || record.state === "draining") record.isBlocked = false;
  }

  #onState(event: StateEvent): void {
    const record = this.record(event.engine);
    const { from, to, reason } = event;
    this.#options.tell(() => `${event.engine}: ${from} > ${to} (${reason})`);
    checkChange(record, event, this);
    this.#apply(record, event);
    this.onChange(event);
  }

  #apply(record: EngineRecord, event: StateEvent): void {
    const { from, to, reason } = event;
    const { now } = this;
    const readyMs = from === "ready" ? now - record.since : null;
    if (from === "ready") record.readyUntil = now;
    if (!record.hasProcess || from === "stopping") record.restedUntil = now;
    noteFailure(record, event, { now, readyMs });
    if (record.state === "starting") record.startEndedAt = now;
    record.state = to;
    record.reason = reason;
    record.since = now;
    record.lateAtSince = this.lateMs;
    if (!record.hasProcess) record.restedUntil = now;
    switch (to) {
      case "starting":
        if (from === "failed") record.forgive();
        record.generation = event.view.restarts + 1;
        record.startedAt = now;
        if (record.held !== "maybe" || record.heldSince < now) record.held = "no";
        return;
      case "ready":
        record.keptPlaces = record.mayKeep = 0;
        record.isBlocked = false;
        return record.becameReady(now);
      case "stopping":
        record.stop = { at: now, from, reason };
        return;
      case "stopped":
        // Whoever waited while it was held stopped, or closed, was refused.
        if (record.held !== "no" || this.closingAt < Infinity) loseTrack(record);
        return;
      case "backoff":
      case "failed":
        loseTrack(record);
    }
  }
}

/** The caller of a restart leaves; where somebody may wait, its start keeps the place. */
function keepPlace(record: EngineRecord, { at }: Call): void {
  const { state, refusedHeldAt } = record;
  const mayWait = state === "starting" || isLeaving(state);
  if (mayWait && refusedHeldAt < at) record.keptPlaces++;
  else record.mayKeep++;
}

/** Who keeps a place without its caller may have lost it by now, and nobody is told. */
function loseTrack(record: EngineRecord): void {
  record.mayKeep += record.keptPlaces;
  record.keptPlaces = 0;
}

function noteFailure(
  record: EngineRecord,
  { to, reason, view }: StateEvent,
  { now, readyMs }: { readonly now: number; readonly readyMs: number | null },
): void {
  const code = view.lastError?.code;
  if (code !== undefined) record.failedAt.set(code, now);
  if (to === "stopping") {
    // However a process ended, requests that it worked on are told so.
    record.failedAt.set("crashed", now);
    const isKept = record.settings.keep === "always";
    const isFailure = reason === "crash" || reason === "unhealthy" || (reason === "exit" && isKept);
    record.isBlocked = false;
    if (isFailure) record.failed(now, { readyMs, isDeadStart: readyMs === null });
    if (reason === "unhealthy") record.failedAt.set("health_failed", now);
  }
  const isLack = reason === "start_failed" && (to === "backoff" || to === "stopped");
  if (isLack && record.state === "starting") {
    record.failed(now, { readyMs: null, isDeadStart: false });
  }
}
