/** A supervisor with everything that is real, of engines whose settings the command line can't give yet. */
import { fromFileUrl, join } from "@std/path";
import { engineSocket } from "../../../src/app/places.ts";
import { ENGINE_DEFAULTS, type EngineSettings, LOG_DEFAULTS } from "../../../src/config/mod.ts";
import { type EngineEvent, EventBus } from "../../../src/events/mod.ts";
import { EngineOutput } from "../../../src/observe/mod.ts";
import {
  loadLimits,
  OrphanGuard,
  privateDirPrefix,
  SystemClock,
  systemFiles,
  systemNet,
  systemProcesses,
  systemRandom,
  systemTransports,
} from "../../../src/platform/mod.ts";
import { TransportClient } from "../../../src/pool/mod.ts";
import { Supervisor } from "../../../src/supervisor/mod.ts";

export const LIMITED_PATH = fromFileUrl(
  new URL("../../support/engines/limited.py", import.meta.url),
);

export interface RealSupervisor {
  readonly supervisor: Supervisor;
  readonly boot: string;
  /** Where the engine listens. */
  readonly socket: string;
  /** What its engine was told, and of it. */
  readonly seen: EngineEvent[];
  /** Pid of its helper; `null` while there is none. */
  helperPid(): number | null;
  close(): Promise<void>;
}

/** One engine, called `limited`; its runtime directory is made in `dir`. */
export async function openRealSupervisor(
  dir: string,
  more: Partial<EngineSettings>,
): Promise<RealSupervisor> {
  const settings: EngineSettings = {
    ...ENGINE_DEFAULTS,
    name: "limited",
    kind: "command",
    command: ["python3", LIMITED_PATH],
    ...more,
  };
  const clock = new SystemClock();
  const boot = systemRandom.hex(4);
  const events = new EventBus({ boot });
  const seen: EngineEvent[] = [];
  const publish = events.publish.bind(events);
  events.publish = (event) => {
    seen.push(event);
    publish(event);
  };
  const runtimeDir = join(dir, "ai-engine");
  await Deno.mkdir(runtimeDir, { mode: 0o700 });
  const privateDirs = settings.user === null ? null : await privateDirPrefix(boot);
  const places = { runtimeDir, control: "", logDir: "", privateDirs };
  const guard = new OrphanGuard({
    dir: runtimeDir,
    boot,
    ...(privateDirs === null ? {} : { privateDirs }),
    onWeak: (title, detail) => console.error(title, detail),
  });
  const socketOf = (id: number) => engineSocket(places, settings, id);
  const supervisor = new Supervisor({
    engines: [settings],
    socketOf: (_, id) => socketOf(id),
    boot,
    events,
    ports: {
      clock,
      files: systemFiles,
      net: systemNet,
      output: new EngineOutput({ clock, settings: LOG_DEFAULTS.engine, show: () => {} }),
      processes: systemProcesses({ umask: 0o022, guard, prepareLimits: await loadLimits() }),
      random: systemRandom,
      transports: systemTransports,
      connect: (address, { engine: { name: engine }, ...wish }) =>
        new TransportClient({ transport: systemTransports.to(address), engine, clock, ...wish }),
    },
  });
  return {
    supervisor,
    boot,
    socket: socketOf(0),
    seen,
    helperPid: () => guard.helperPid,
    async close() {
      await supervisor.shutdown({ force: true });
      await guard.close();
      events.close();
      clock.close();
    },
  };
}
