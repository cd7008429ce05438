/** What a process of an engine needs of the others, and what it tells them. */
import type { EngineSettings } from "../config/mod.ts";
import type {
  Clock,
  EngineAddress,
  ExitStatus,
  Files,
  MemoryHold,
  Net,
  OutputLog,
  Processes,
  Random,
  SpawnError,
  Transports,
} from "../core/mod.ts";
import type { Envelope, InstancePool, Traffic } from "../pool/mod.ts";
import type { EngineStatus } from "./status_watch.ts";

export interface ProcessPorts {
  readonly clock: Clock;
  readonly files: Files;
  readonly net: Net;
  readonly output: OutputLog;
  readonly processes: Processes;
  readonly random: Random;
  readonly transports: Transports;
  /**
   * Makes ready what an engine is started from, and gives the settings it is started with. May reject with
   * `SpawnError`. @default nothing is to be made ready
   */
  readonly prepare?: ((settings: EngineSettings) => Promise<EngineSettings>) | undefined;
  /** Connections to whatever listens at `address`. */
  readonly connect: (address: EngineAddress, wish: PoolWish) => InstancePool;
}

/** What connections to an engine are to be like. */
export interface PoolWish {
  readonly engine: Pick<EngineSettings, "name" | "limits">;
  /** Counts what goes over connections that are lent. */
  readonly traffic: Traffic;
  /** What goes with every request. @default nothing */
  readonly envelope?: Envelope | undefined;
}

/** What the process tells; each at most once but `onNotYet`, `onStatus`, `onBeat`, `onNotice`. */
export interface ProcessReports {
  readonly onSpawnFailed: (error: SpawnError) => void;
  readonly onNotYet: (status: number) => void;
  /** What sees to its memory limit, when it has one. */
  readonly onMemoryHold: (hold: MemoryHold) => void;
  /** It was spawned, and where it is to listen. */
  readonly onPlaced: (address: string) => void;
  readonly onReady: () => void;
  readonly onStatus: (status: EngineStatus) => void;
  /** Once a second: the facts may have changed. */
  readonly onBeat: () => void;
  /** What it and all that it has started hold of the memory, in bytes; when that is asked for. */
  readonly onMeasured: (bytes: number) => void;
  readonly onNotice: (title: string, detail: string) => void;
  readonly onStopUnavailable: () => void;
  /** It is alive and does not answer; nobody looks at it any more. */
  readonly onUnhealthy: () => void;
  /** The leader is gone and reaped. */
  readonly onExited: (exit: ExitStatus) => void;
  /** Nothing is left: no process, no socket file. The last report. */
  readonly onGone: () => void;
}
