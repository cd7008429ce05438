/** What an engine is given, and what comes with one who asks for it. */
import type { EngineSettings } from "../config/mod.ts";
import type { EventSink } from "../events/mod.ts";
import type { ProcessPorts } from "./engine_process.ts";
import type { Room } from "./room.ts";
import type { RecordOptions } from "./supervisor_types.ts";

export interface EngineOptions {
  readonly settings: EngineSettings;
  /** Where the instance `id` listens; 0 is the first. */
  readonly socketOf: (settings: EngineSettings, id: number) => string;
  /** For requests in flight when the program closes. */
  readonly closeDrainMs: number;
  /** New with each start of the program; first part of every run id. */
  readonly boot: string;
  /** Counts the processes of its name: one that was taken out and put in again goes on counting. */
  readonly nextSerial: () => number;
  readonly ports: ProcessPorts;
  readonly events: EventSink;
  /** What all engines share. */
  readonly room: Room;
  /** Instances of an engine of its name that are not gone yet, whose sockets they have. */
  readonly takenIds: () => readonly number[];
}

export interface AskOptions extends RecordOptions {
  /** Fires when the one who asks leaves. */
  readonly signal: AbortSignal | undefined;
  /** How long it waits for another process after a failure. */
  readonly patienceMs: number;
  /** @default the engine's */
  readonly priority?: number | undefined;
  /** Told which place in the line it has, from 1 on, while it has one. */
  readonly onPlace?: ((place: number) => void) | undefined;
}
