/**
 * The supervisor and the gateway as `app` joins them, on the real clock over virtual timers, and on a
 * machine that is none.
 *
 * @module
 */
import type { EngineSettings } from "../../../src/config/mod.ts";
import type { EngineEvent } from "../../../src/events/mod.ts";
import { createGateway, type Gateway } from "../../../src/gateway/mod.ts";
// Not by the door of its room: a worker has no main module, which that asks for.
import { SystemClock } from "../../../src/platform/clock.ts";
import { type EngineLease, type LeaseOptions, Supervisor } from "../../../src/supervisor/mod.ts";
import { settle } from "../../support/fake_clock.ts";
import { VirtualTimers } from "../../support/virtual_timers.ts";
import { SimMachine, type SimMachineOptions } from "./sim_machine.ts";

const BOOT = "0badcafe";

export interface HouseOptions extends Omit<SimMachineOptions, "clock"> {
  readonly engines: readonly EngineSettings[];
  readonly fraction: () => number;
  readonly publish: (event: EngineEvent) => void;
}

export class House implements Disposable {
  readonly timers = new VirtualTimers();
  readonly clock: SystemClock;
  readonly machine: SimMachine;
  readonly supervisor: Supervisor;
  readonly gateway: Gateway;
  /** Suspends that were noticed, by their length. */
  readonly gaps: number[] = [];
  /** Somebody asks for a lease; what it gives is handed each lease that is given, and gives it on. */
  onAsk: (engine: string) => (lease: EngineLease) => EngineLease = () => (lease) => lease;
  readonly #installed: Disposable;

  constructor(options: HouseOptions) {
    this.#installed = this.timers.install();
    const clock = this.clock = new SystemClock({ onGap: (gapMs) => this.gaps.push(gapMs) });
    const machine = this.machine = new SimMachine({ ...options, clock });
    this.supervisor = new Supervisor({
      engines: options.engines,
      socketOf: ({ name, socket }, id) =>
        (socket ?? `/run/${name}.sock`) + (id === 0 ? "" : `~${id}`),
      boot: BOOT,
      events: { publish: options.publish },
      ports: {
        clock,
        files: machine.files,
        net: machine.net,
        output: { begin: () => {}, sink: () => SINK, tail: () => [] },
        processes: machine,
        random: { hex: (bytes) => "7f".repeat(bytes), fraction: options.fraction },
        transports: machine.transports,
        connect: machine.connect,
      },
    });
    this.gateway = createGateway({
      supervisor: { lease: (engine, options) => this.lease(engine, options) },
      boot: BOOT,
      clock,
    });
  }

  /** A lease that is told of. */
  lease(engine: string, options?: LeaseOptions): EngineLease | Promise<EngineLease> {
    const onLease = this.onAsk(engine);
    const lease = this.supervisor.lease(engine, options);
    return lease instanceof Promise ? lease.then(onLease) : onLease(lease);
  }

  /** Lets time pass, and all that follows from it, until `isEnough`. */
  async advance(ms: number, isEnough: () => boolean = () => false): Promise<void> {
    const end = this.timers.nowMs + ms;
    await settle();
    while (!isEnough()) {
      if (!this.timers.fireNext(end)) {
        this.timers.nowMs = end;
        return;
      }
      await settle();
    }
  }

  /** Lets time pass in which nothing runs: a suspend, or a loop that is held up. */
  async jump(ms: number): Promise<void> {
    this.timers.nowMs += ms;
    await this.advance(0);
  }

  /** Sets the wall clock. */
  setWall(byMs: number): void {
    this.timers.wallStartMs += byMs;
  }

  /** Timers that run for the supervisor, the gateway and the pools. */
  get waiting(): number {
    const beat = 1;
    return this.timers.waiting - this.machine.timers - beat;
  }

  [Symbol.dispose](): void {
    this.clock.close();
    this.#installed[Symbol.dispose]();
  }
}

const SINK = { write: () => {}, end: () => {} };
