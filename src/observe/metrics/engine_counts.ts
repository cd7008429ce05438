/** Counts what happens to engines, from the events that everybody else hears. */
import type { ChangeReason } from "../../core/mod.ts";
import type { EventBus, StateEvent } from "../../events/mod.ts";
import { BUCKETS_S, type Distribution, type Sample } from "./metric_family.ts";

/** How a start ended: `cancelled` by a stop, or by the close of the program. */
type StartResult = "ready" | "failed" | "cancelled";

const FAILURES: ReadonlySet<ChangeReason> = new Set([
  "start_timeout",
  "start_failed",
  "crash",
  "exit",
  "unhealthy",
]);

/** Counts what a bus tells from now on, until it is closed. */
export function countEvents(bus: EventBus): EngineCounts {
  const counts = new EngineCounts();
  const subscription = bus.subscribe();
  const read = () => {
    for (const delivery of subscription.take()) {
      if ("event" in delivery && delivery.event.type === "state") counts.count(delivery.event);
    }
    if (!subscription.isClosed) subscription.onNext(read);
  };
  subscription.onNext(read);
  return counts;
}

/** A distribution that grows. Milliseconds, as they add up to no rest. */
interface Times {
  readonly atMost: number[];
  count: number;
  sumMs: number;
}

interface Counts {
  readonly starts: Map<StartResult, number>;
  readonly stops: Map<ChangeReason, number>;
  readonly startTimes: Times;
}

/** Of each engine that anything happened to, since the program began. */
export class EngineCounts {
  readonly #engines = new Map<string, Counts>();

  count(event: StateEvent): void {
    const counts = this.#of(event.engine);
    if (event.from === "starting") countStart(counts, event);
    if (event.to === "stopped") increase(counts.stops, event.reason);
  }

  /** How many starts ended in which way: labels `engine`, `result`. */
  starts(): readonly Sample[] {
    return this.#samples(({ starts }) => starts, "result");
  }

  /** How often nothing was left running, and why: labels `engine`, `reason`. */
  stops(): readonly Sample[] {
    return this.#samples(({ stops }) => stops, "reason");
  }

  /** How long starts took that came to readiness, in seconds: label `engine`. */
  startTimes(): readonly Distribution[] {
    return Array.from(this.#engines, ([engine, { startTimes }]) => ({
      labels: { engine },
      atMost: startTimes.atMost,
      count: startTimes.count,
      sum: startTimes.sumMs / 1_000,
    }));
  }

  #of(engine: string): Counts {
    const found = this.#engines.get(engine);
    if (found !== undefined) return found;
    const startTimes = { atMost: BUCKETS_S.map(() => 0), count: 0, sumMs: 0 };
    const counts = { starts: new Map(), stops: new Map(), startTimes };
    this.#engines.set(engine, counts);
    return counts;
  }

  #samples(
    pick: (counts: Counts) => ReadonlyMap<string, number>,
    label: string,
  ): readonly Sample[] {
    return Array.from(this.#engines).flatMap(([engine, counts]) =>
      Array.from(pick(counts), ([key, value]) => ({ labels: { engine, [label]: key }, value }))
    );
  }
}

function countStart({ starts, startTimes }: Counts, { to, reason, tookMs = 0 }: StateEvent): void {
  if (to !== "ready") {
    return increase(starts, FAILURES.has(reason) ? "failed" : "cancelled");
  }
  increase(starts, "ready");
  const seconds = tookMs / 1_000;
  startTimes.count++;
  startTimes.sumMs += tookMs;
  BUCKETS_S.forEach((bound, i) => {
    if (seconds <= bound) startTimes.atMost[i] = (startTimes.atMost[i] ?? 0) + 1;
  });
}

function increase<Key>(counts: Map<Key, number>, key: Key): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
