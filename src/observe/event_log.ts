/** Tells on the program's own output what happened to the engines: one line per event. */
import { formatDuration } from "../core/mod.ts";
import type { Delivery, EventBus, StateEvent } from "../events/mod.ts";

/** Shows every state change and notice from now on until the bus is closed. */
export function logEvents(bus: EventBus, show: (line: string) => void): void {
  const subscription = bus.subscribe();
  const read = () => {
    for (const delivery of subscription.take()) {
      const line = toLine(delivery);
      if (line !== null) show(line);
    }
    if (!subscription.isClosed) subscription.onNext(read);
  };
  subscription.onNext(read);
}

function toLine(delivery: Delivery): string | null {
  if ("type" in delivery) return `… ${delivery.missed ?? "some"} events were not shown`;
  const { event } = delivery;
  if (event.type === "state") return stateLine(event);
  if (event.type !== "notice") return null;
  const remedy = event.remedy === undefined ? "" : ` ${event.remedy}`;
  return `${
    event.engine === undefined ? "" : `${event.engine}: `
  }${event.title}: ${event.detail}${remedy}`;
}

function stateLine(event: StateEvent): string {
  const took = event.tookMs === undefined
    ? ""
    : `, ${event.from} for ${formatDuration(event.tookMs)}`;
  const line = `${event.engine}: ${event.to} (${event.reason}${took})`;
  const error = isFailure(event) ? event.view.lastError : null;
  return error === null ? line : `${line}: ${error.title}. ${error.detail} ${error.remedy}`;
}

function isFailure({ to, reason }: StateEvent): boolean {
  return to === "failed" || to === "backoff" || reason === "crash" || reason === "unhealthy";
}
