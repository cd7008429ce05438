/** Counts what happens to engines, from the events that everybody else hears. */
import type { ChangeReason } from "../../core/mod.ts";
import type { EngineEvent, EventBus, StateEvent } from "../../events/mod.ts";
import { Histogram } from "./histogram.ts";

/** How a start ended: `cancelled` by a stop, or by the close of the program. */
export const START_RESULTS = ["ready", "failed", "cancelled"] as const;

type StartResult = typeof START_RESULTS[number];

const FAILURES: ReadonlySet<ChangeReason> = new Set([
  "start_timeout",
  "start_failed",
  "crash",
  "exit",
  "unhealthy",
]);

const START_BOUNDS_MS = Float64Array.of(
  ...[50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000, 60_000, 120_000, 300_000],
);

/** Counts what a bus tells from now on, until it is closed. */
export function countEvents(bus: EventBus): EngineCounts {
  const counts = new EngineCounts();
  const subscription = bus.subscribe();
  const read = () => {
    for (const delivery of subscription.take()) {
      if ("event" in delivery) counts.count(delivery.event);
    }
    if (!subscription.isClosed) subscription.onNext(read);
  };
  subscription.onNext(read);
  return counts;
}

/** What happened to one engine. */
export interface EngineCount {
  readonly starts: Map<StartResult, number>;
  /** How often nothing was left running, and why. */
  readonly stops: Map<ChangeReason, number>;
  /** Of starts that came to readiness. */
  readonly startTimes: Histogram;
}

/** Of each engine that there is or was since the program began. */
export class EngineCounts {
  readonly engines = new Map<string, EngineCount>();

  count(event: EngineEvent): void {
    if (event.type === "snapshot") { for (const { name } of event.engines) this.#of(name); }
    if (event.type !== "state") return;
    const counts = this.#of(event.engine);
    if (event.from === "starting") countStart(counts, event);
    if (event.to === "stopped") increase(counts.stops, event.reason);
  }

  #of(engine: string): EngineCount {
    let counts = this.engines.get(engine);
    if (counts === undefined) {
      const startTimes = new Histogram(START_BOUNDS_MS);
      counts = { starts: new Map(), stops: new Map(), startTimes };
      this.engines.set(engine, counts);
    }
    return counts;
  }
}

function countStart(
  { starts, startTimes }: EngineCount,
  { to, reason, tookMs = 0 }: StateEvent,
): void {
  if (to !== "ready") return increase(starts, FAILURES.has(reason) ? "failed" : "cancelled");
  increase(starts, "ready");
  startTimes.add(tookMs);
}

function increase<Key>(counts: Map<Key, number>, key: Key): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
