// What the supervisor loads when it is needed takes the machine's time: loaded here before, so that there is
// simulated time only.
import "../../../src/supervisor/ask_metrics.ts";
import "../../../src/supervisor/call.ts";
import "../../../src/supervisor/line_watch.ts";
import "../../../src/supervisor/memory_watch.ts";
import "../../../src/supervisor/port_endpoint.ts";
import "../../../src/supervisor/stop_command.ts";
import { LOG_DEFAULTS } from "../../../src/config/mod.ts";
import { EngineOutput } from "../../../src/observe/mod.ts";
import type { ProcessPorts } from "../../../src/supervisor/mod.ts";
import type { FakeClock } from "../../support/fake_clock.ts";
import type { FakeMachine } from "../../support/fake_engine.ts";

/** What a supervisor stands on, without a machine. */
export function fakePorts(clock: FakeClock, machine: FakeMachine): ProcessPorts {
  return {
    clock,
    files: machine.files,
    net: machine.net,
    output: new EngineOutput({ clock, settings: LOG_DEFAULTS.engine, show: () => {} }),
    processes: machine,
    random: { hex: (bytes) => "7f".repeat(bytes), fraction: () => 0.5 },
    transports: machine.transports,
    connect: machine.connect,
  };
}
