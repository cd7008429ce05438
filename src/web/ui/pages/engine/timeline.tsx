/** What happened to one engine of late, on its page. */
import { assetUrl } from "../../assets.ts";
import { EventList, listedEvents } from "../../event_list.tsx";
import type { Section } from "../engine.tsx";

const ROWS = 20;

export const TIMELINE: Section = {
  id: "timeline",
  title: "Timeline",
  render: ({ view: { name }, deps }) => {
    const events = listedEvents(deps.events, name).slice(0, ROWS);
    return (
      <div data-module={assetUrl("events.js")} data-engine-filter={name} data-rows={ROWS}>
        {events.length === 0 && (
          <p class="none" data-part="no-rows">Nothing has happened to it yet.</p>
        )}
        <EventList events={events} showsEngine={false} />
        <p>
          <a href={`/events?engine=${name}`}>All events of {name}</a>
        </p>
      </div>
    );
  },
};
