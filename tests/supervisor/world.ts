/** A supervisor of one engine in a world of fakes. */
import type { EngineSettings } from "../../src/config/mod.ts";
import { AiEngineError, type EngineAddress, formatAddress, type Net } from "../../src/core/mod.ts";
import { type EngineEvent, EventBus, type StateEvent } from "../../src/events/mod.ts";
import { type InstancePool, type Traffic, UnixClient } from "../../src/pool/mod.ts";
import { Supervisor } from "../../src/supervisor/mod.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { FakeMachine } from "../support/fake_engine.ts";
import { fakePorts } from "./support/fake_ports.ts";
import { toSettings } from "./support/fleet.ts";

export class World {
  readonly clock = new FakeClock();
  readonly machine = new FakeMachine(this.clock);
  readonly events = new EventBus({ boot: "b007" });
  readonly supervisor: Supervisor;
  readonly #inbox = this.events.subscribe();
  readonly #seen: EngineEvent[] = [];

  /** With a `net`, leases lend connections over it; the engine's own requests stay with the machine. */
  constructor(settings: Partial<EngineSettings> = {}, net?: Net) {
    const { clock, machine, events } = this;
    const ports = fakePorts(clock, machine);
    this.supervisor = new Supervisor({
      engines: toSettings({ echo: settings }),
      socketOf: (_, id) => id === 0 ? "/run/echo.sock" : `/run/echo.sock~${id}`,
      boot: "b007",
      events,
      ports: {
        ...ports,
        connect: net === undefined
          ? ports.connect
          : (address, { traffic }) => this.#connect(address, { net, traffic }),
      },
    });
  }

  #connect(
    address: EngineAddress,
    over: { readonly net: Net; readonly traffic: Traffic },
  ): InstancePool {
    const own = this.machine.connect(address);
    const pool = new UnixClient({ path: formatAddress(address), clock: this.clock, ...over });
    return {
      request: own.request,
      lease: (wish) => pool.lease(wish),
      close: () => {
        own.close();
        pool.close();
      },
    };
  }

  get state(): string {
    return this.supervisor.view("echo").state;
  }

  /** All events since the start. */
  get published(): readonly EngineEvent[] {
    for (const delivery of this.#inbox.take()) {
      if ("event" in delivery) this.#seen.push(delivery.event);
    }
    return this.#seen;
  }

  /** Lets go of all events so far. */
  forget(): void {
    this.published;
    this.#seen.length = 0;
  }

  /** `from>to(reason)` of every change. */
  get changes(): string[] {
    return this.published
      .filter((event): event is StateEvent => event.type === "state")
      .map(({ from, to, reason }) => `${from}>${to}(${reason})`);
  }

  notices(): string[] {
    return this.published.flatMap((event) => event.type === "notice" ? [event.title] : []);
  }
}

/** What became of a promise: its value, the code of our error, or the name of another. */
export function outcome(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    (value) => value,
    (error) => error instanceof AiEngineError ? error.code : (error as Error).name,
  );
}
