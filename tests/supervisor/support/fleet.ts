/** A supervisor of several engines in a world of fakes. */
import { ENGINE_DEFAULTS, type EngineSettings } from "../../../src/config/mod.ts";
import { AiEngineError } from "../../../src/core/mod.ts";
import { EventBus } from "../../../src/events/mod.ts";
import {
  type EngineLease,
  Supervisor,
  type SupervisorOptions,
} from "../../../src/supervisor/mod.ts";
import { FakeClock, settle } from "../../support/fake_clock.ts";
import { FakeMachine } from "../../support/fake_engine.ts";
import { fakePorts } from "./fake_ports.ts";

export type FleetOptions = Pick<SupervisorOptions, "budget" | "swap">;

/** By name. */
export type PartialEngines = Readonly<Record<string, Partial<EngineSettings>>>;

export function toSettings(engines: PartialEngines): EngineSettings[] {
  return Object.entries(engines).map(([name, settings]) => ({
    ...ENGINE_DEFAULTS,
    name,
    kind: "command",
    command: [name],
    ...settings,
  }));
}

export class Fleet {
  readonly clock = new FakeClock();
  readonly machine = new FakeMachine(this.clock);
  readonly events = new EventBus({ boot: "b007" });
  readonly supervisor: Supervisor;
  /** `NAME got it` and `NAME CODE`, as asks were answered. */
  readonly log: string[] = [];

  constructor(
    engines: PartialEngines,
    options: FleetOptions = {},
  ) {
    const { clock, machine, events } = this;
    this.supervisor = new Supervisor({
      ...options,
      engines: toSettings(engines),
      socketOf: ({ name, socket }, id) => `${socket ?? `/run/${name}.sock`}~${id}`,
      boot: "b007",
      events,
      ports: fakePorts(clock, machine),
    });
  }

  /** Asks for `name`; gives the way to end the request. What becomes of it is in the log. */
  ask(name: string): { readonly end: () => Promise<void>; readonly leave: () => Promise<void> } {
    const left = new AbortController();
    let lease: EngineLease | undefined;
    const asked = (async () => await this.supervisor.lease(name, { signal: left.signal }))();
    asked.then((granted) => {
      lease = granted;
      this.log.push(`${name} got it`);
    }, (error) => {
      this.log.push(`${name} ${error instanceof AiEngineError ? error.code : "left"}`);
    });
    return {
      end: async () => {
        if (lease === undefined) throw new Error(`${name} has no lease`);
        lease.release();
        await settle();
      },
      leave: async () => {
        left.abort();
        await settle();
      },
    };
  }

  /** The state of each engine, in the order of the configuration. */
  get states(): string[] {
    return this.supervisor.views().map(({ state }) => state);
  }

  async close(): Promise<void> {
    const closing = this.supervisor.shutdown();
    await this.clock.advance(10_000);
    await closing;
  }
}
