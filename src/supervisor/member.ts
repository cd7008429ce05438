/** What an engine needs of one of its instances, whatever is behind it. */
import type { Candidate } from "../balance/mod.ts";
import type { EngineSettings } from "../config/mod.ts";
import type { LifecycleEvent, LifecycleState } from "../lifecycle/mod.ts";
import type { InstanceReport } from "./engine_report.ts";
import type { InstanceLease } from "./instance_lease.ts";
import type { Ask } from "./waiting_room.ts";

export interface Member {
  readonly id: number;
  readonly state: LifecycleState;
  readonly report: InstanceReport;
  readonly hasFreeSlot: boolean;
  /** Whether a `want` waits to be handled. */
  readonly isWanted: boolean;
  /** How it stands beside the others that are ready. */
  readonly candidate: Candidate;
  /** When the idle stop of it alone would be; `null` while it is used, or never. */
  readonly idleAt: number | null;
  /** Goes on by other rules; what runs stays as it is. */
  configure(settings: EngineSettings): void;
  /** It has been chosen for a request. */
  onChosen(): void;
  /** Grants, holds or refuses. */
  want(ask: Ask): void;
  /** Takes in an event; handled before this returns, unless another one is being handled. */
  post(event: LifecycleEvent): void;
  /** For its engine, told of a change: what it wants in `act` is done now, and not behind what waits. */
  actNow(act: () => void): void;
  /** Looks whether its idle time is over; it may have been put off. */
  lookWhetherIdle(): void;
  /** Resolves when there is no process, or when `signal` fires. */
  atRest(signal?: AbortSignal): Promise<void>;
  /** Nobody wants it any more, and it is at rest. */
  close(): void;
  /** For one to whom it was granted. */
  newLease(): InstanceLease;
}
