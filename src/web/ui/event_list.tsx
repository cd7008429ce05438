/** Changes of state and notices as a list, the newest first; the browser puts new ones on top. */
import type { EventBus, NoticeEvent, StateEvent } from "../../events/mod.ts";
import { describeEvent, fineTime } from "./words_lists.js";

export type ListedEvent = StateEvent | NoticeEvent;

/** Those of the ring, the newest first. */
export function listedEvents(events: EventBus, engine: string): readonly ListedEvent[] {
  const ring = events.subscribe({ after: `${events.boot}.0` });
  const deliveries = ring.take();
  ring.close();
  return deliveries.flatMap((delivery): ListedEvent[] => {
    if ("type" in delivery) return [];
    const { event } = delivery;
    if (event.type !== "state" && event.type !== "notice") return [];
    return engine === "" || event.engine === engine ? [event] : [];
  }).reverse();
}

export interface EventListProps {
  readonly events: readonly ListedEvent[];
  readonly showsEngine: boolean;
}

const EMPTY: NoticeEvent = {
  type: "notice",
  level: "info",
  title: "",
  detail: "",
  at: "1970-01-01T00:00:00.000Z",
};

export function EventList({ events, showsEngine }: EventListProps) {
  return (
    <>
      <ol class="events" data-part="events" reversed hidden={events.length === 0}>
        {events.map((event, i) => <Row key={i} event={event} showsEngine={showsEngine} />)}
      </ol>
      <template data-row>
        <Row event={EMPTY} showsEngine={showsEngine} />
      </template>
    </>
  );
}

function Row({ event, showsEngine }: {
  readonly event: ListedEvent;
  readonly showsEngine: boolean;
}) {
  const { shape, tone, at, engine, what, detail } = describeEvent(event);
  return (
    <li data-tone={tone}>
      <time dateTime={at} data-field="at">{fineTime(at)}</time>
      {showsEngine && <b data-field="engine">{engine}</b>}
      <span class="state">
        <span class="mark" data-mark={shape} aria-hidden="true"></span>{" "}
        <b data-field="what">{what}</b>
      </span>
      <span class="note" data-field="detail">{detail}</span>
    </li>
  );
}
