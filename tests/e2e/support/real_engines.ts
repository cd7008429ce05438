/**
 * One supervisor of several engines that are real processes, with the gateway in front on a real port:
 * what the command line can't be told yet.
 */
import { join } from "@std/path";
import { ENGINE_DEFAULTS, type EngineSettings, LOG_DEFAULTS } from "../../../src/config/mod.ts";
import { EventBus } from "../../../src/events/mod.ts";
import { Front } from "../../../src/front/mod.ts";
import { createGateway } from "../../../src/gateway/mod.ts";
import { EngineOutput } from "../../../src/observe/mod.ts";
import {
  openTcpListener,
  SystemClock,
  systemFiles,
  systemNet,
  systemProcesses,
  systemRandom,
  systemTransports,
} from "../../../src/platform/mod.ts";
import { TransportClient } from "../../../src/pool/mod.ts";
import { Supervisor } from "../../../src/supervisor/mod.ts";
import { newRecords } from "../../support/request_records.ts";

/** What is not said is as by default. */
export type RealEngine =
  & Pick<EngineSettings, "name" | "command">
  & Partial<Omit<EngineSettings, "name" | "command">>;

export class RealEngines implements AsyncDisposable {
  readonly supervisor: Supervisor;
  /** e.g. `http://127.0.0.1:40123` */
  readonly url: string;
  readonly #clock = new SystemClock();
  readonly #front: Front;
  readonly #dir: string;
  #output = "";

  constructor(engines: readonly RealEngine[]) {
    const clock = this.#clock;
    const dir = this.#dir = Deno.makeTempDirSync({ prefix: "aie-" });
    const boot = systemRandom.hex(4);
    this.supervisor = new Supervisor({
      engines: engines.map((engine) => ({ ...ENGINE_DEFAULTS, kind: "command", ...engine })),
      socketOf: ({ name }, id) => join(dir, `${name}${id}.sock`),
      boot,
      events: new EventBus({ boot }),
      ports: {
        clock,
        files: systemFiles,
        net: systemNet,
        output: new EngineOutput({
          clock,
          settings: LOG_DEFAULTS.engine,
          show: (engine, line) => this.#output += `${engine}: ${line}\n`,
        }),
        processes: systemProcesses({ umask: 0o022 }),
        random: systemRandom,
        transports: systemTransports,
        connect: (address, { engine: { name: engine } }) =>
          new TransportClient({ transport: systemTransports.to(address), engine, clock }),
      },
    });
    this.#front = new Front({
      clock,
      gateway: createGateway({ supervisor: this.supervisor, boot, clock }),
      records: newRecords(clock).records,
      ours: () => Promise.resolve(new Response("ours")),
      renderError: ({ code }, { status }) => new Response(code, { status }),
      onFault: (error) => {
        throw error;
      },
    });
    const listener = openTcpListener({ hostname: "127.0.0.1", port: 0 });
    if (listener.address.kind !== "tcp") throw new TypeError("not a TCP listener");
    this.url = `http://127.0.0.1:${listener.address.port}`;
    this.#front.listen(listener, listener.address);
  }

  /** `GET /upstream/NAME/status`; gives the answer's status. */
  async ask(name: string): Promise<number> {
    const response = await fetch(`${this.url}/upstream/${name}/status`);
    await response.body?.cancel();
    return response.status;
  }

  /** The numbers that they have printed behind `word`, e.g. pids. */
  printed(word: string): number[] {
    return Array.from(
      this.#output.matchAll(new RegExp(`: ${word} (\\d+)`, "g")),
      ([, n]) => Number(n),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.supervisor.shutdown();
    await this.#front.drain(0);
    this.#clock.close();
    await Deno.remove(this.#dir, { recursive: true });
  }
}
