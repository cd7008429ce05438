/** The newest requests to one engine, on its page. */
import { assetUrl } from "../../assets.ts";
import { RequestTable } from "../../request_table.tsx";
import type { Section } from "../engine.tsx";

/** Requests that have ended. */
const ROWS = 10;

export const REQUESTS: Section = {
  id: "requests",
  title: "Requests",
  render: ({ view: { name }, deps, frame }) => {
    const running = deps.requests.running().filter(({ engine }) => engine === name);
    const ended = deps.requests.recent().filter(({ engine }) => engine === name).slice(0, ROWS);
    const isEmpty = running.length + ended.length === 0;
    return (
      <div data-module={assetUrl("requests.js")} data-engine-filter={name} data-rows={ROWS}>
        {isEmpty && (
          <p class="none" data-part="no-rows">
            None yet. Send one, and it appears here.
          </p>
        )}
        <RequestTable running={running} ended={ended} now={frame.now} isEmpty={isEmpty} />
        <p>
          <a href={`/requests?engine=${name}`}>All requests to {name}</a>
        </p>
      </div>
    );
  },
};
