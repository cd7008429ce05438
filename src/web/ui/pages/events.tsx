/** The page `/events`: what happened to engines and what was to be known, the newest first. */
import type { WebDeps } from "../../deps.ts";
import { frameOf, pageResponse } from "../../page_response.ts";
import type { RequestContext } from "../../routes.ts";
import { assetUrl } from "../assets.ts";
import { Choice } from "../choice.tsx";
import { EventList, type ListedEvent, listedEvents } from "../event_list.tsx";
import { type Frame, Layout, renderDocument } from "../layout.tsx";
import { StateBands } from "../state_bands.tsx";

/** Events on the page; the ring has few more. */
const ROWS = 500;

interface EventsPageModel {
  readonly frame: Frame;
  readonly engines: readonly string[];
  /** Empty = all. */
  readonly engine: string;
  readonly events: readonly ListedEvent[];
}

export function showPage(c: RequestContext, deps: WebDeps): Response {
  const engine = c.req.query("engine") ?? "";
  if (engine !== "") deps.supervisor.view(engine); // throws for an unknown engine
  return pageResponse(renderEventsPage({
    frame: frameOf(deps),
    engines: deps.supervisor.views().map(({ name }) => name),
    engine,
    events: listedEvents(deps.events, engine).slice(0, ROWS),
  }));
}

function renderEventsPage({ frame, engines, engine, events }: EventsPageModel): string {
  const path = engine === "" ? "/events" : `/events?engine=${engine}`;
  const shown = engine === "" ? engines : [engine];
  return renderDocument(
    <Layout title="Events" page="events" path={path} frame={frame} version={frame.version} isWide>
      <h1>Events</h1>
      <form class="filter" method="get" action="/events" role="search">
        <Choice label="Engine" name="engine" value={engine} none="All" values={engines} />
        <button type="submit">Show</button>
      </form>
      <StateBands events={events} engines={shown} now={frame.now} />
      {events.length === 0 && <NoEvents engine={engine} />}
      <div data-module={assetUrl("events.js")} data-engine-filter={engine} data-rows={ROWS}>
        <EventList events={events} showsEngine={engine === ""} />
      </div>
    </Layout>,
  );
}

function NoEvents({ engine }: { readonly engine: string }) {
  return (
    <p class="none" data-part="no-rows">
      Nothing has happened{engine === "" ? "" : ` to ${engine}`}{" "}
      yet. Starts, stops and failures appear here: <a href="/">start an engine</a>.
    </p>
  );
}
