import type { RequestRecord } from "../core/mod.ts";
import type { EngineEvent, EventSink } from "../events/mod.ts";

/** Puts the names of a request to the start that it causes: that is told before its ask returns. */
export class Cause implements EventSink {
  readonly #events: EventSink;
  #record: RequestRecord | undefined;

  constructor(events: EventSink) {
    this.#events = events;
  }

  /** Does `ask`, which is the request's of which `record` tells. */
  during<T>(record: RequestRecord | undefined, ask: () => T): T {
    this.#record = record;
    try {
      return ask();
    } finally {
      this.#record = undefined;
    }
  }

  publish(event: EngineEvent): void {
    const record = this.#record;
    const isCaused = record !== undefined && event.type === "state" && event.to === "starting";
    if (!isCaused) return this.#events.publish(event);
    this.#events.publish({ ...event, requestId: record.id, traceId: record.traceId });
  }
}
