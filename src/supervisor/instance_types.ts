/** What an instance is given, and what it tells the engine that it belongs to. */
import type { FailureKind } from "../balance/mod.ts";
import type { EngineSettings } from "../config/mod.ts";
import type { AiEngineError } from "../core/mod.ts";
import type { EventSink } from "../events/mod.ts";
import type { Generation, LifecycleState, Refusal, WantedBy } from "../lifecycle/mod.ts";
import type { EngineNotices } from "./engine_notices.ts";
import type { ProcessPorts } from "./engine_process.ts";
import type { Member } from "./member.ts";
import type { Ask } from "./waiting_room.ts";
import type { WallTime } from "./wall_time.ts";

/** What an instance needs of its engine. */
export interface InstanceHost {
  /** How often one of its instances got no requests for a while, as they had failed there. */
  ejections: number;
  /** Who is next of those who may wait for this instance. */
  nextWaitingFor(instance: Member): WantedBy | null;
  /** Whether it is one of those that serve, or that are to. */
  mayRun(instance: Member): boolean;
  /** Has one who wants the engine served by another instance, or held. */
  readmit(ask: Ask): void;
  /** Counts the processes of all instances. */
  nextSerial(): number;
  hold(ask: Ask): void;
  /** Asks all who wait again, now: the instance has become ready. */
  askHeldAgain(): void;
  /** Nobody is to wait for this instance any more; maybe for another. */
  refuseHeld(instance: Member, refusal: Refusal, why: () => AiEngineError): void;
  /** Nobody is to wait for this instance who does not wait until `at`. */
  refuseImpatient(instance: Member, at: number, why: () => AiEngineError): void;
  /** What becomes of an instance that nobody has used for its time. */
  onIdle(instance: Member): IdleVerdict;
  onChange(instance: Member, change: StateChange): void;
  /** Numbers may have changed. */
  onBeat(): void;
  /** The process and all that it has started hold so much memory. */
  onMeasured(bytes: number): void;
  /** A request has ended, after `tookMs` where that is asked for. */
  onFreed(instance: Member, tookMs: number | null): void;
}

/** `later`: not before `at`, when it is asked for again. */
export type IdleVerdict =
  | { readonly kind: "stop" }
  | { readonly kind: "scale_down" }
  | { readonly kind: "later"; readonly at: number };

export interface StateChange {
  readonly from: LifecycleState;
  readonly to: LifecycleState;
  readonly now: number;
}

export interface InstanceOptions {
  /** Small, and its alone among the instances of the engine. */
  readonly id: number;
  readonly settings: EngineSettings;
  readonly socket: string;
  /** For requests in flight when the program closes. */
  readonly closeDrainMs: number;
  /** New with each start of the program; first part of every run id. */
  readonly boot: string;
  readonly ports: ProcessPorts;
  readonly events: EventSink;
  readonly wallTime: WallTime;
  readonly notices: EngineNotices;
  readonly host: InstanceHost;
  /** Whether the host wants to know what it has in memory. */
  readonly measuresMemory: () => boolean;
}

/** A request has ended. */
export interface EndOfRequest {
  readonly generation: Generation;
  /** How it failed, if it did. */
  readonly failure: FailureKind | undefined;
  /** When it began, where that is asked for. */
  readonly since: number | null;
  /** What the process's idle time-out is from now on, if the request has said so. */
  readonly keepAliveMs: number | undefined;
}
