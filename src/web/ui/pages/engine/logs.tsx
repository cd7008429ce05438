/** The newest lines of one engine, on its page. */
import { findLines } from "../../../api/find_lines.ts";
import { LogView } from "../../log_view.tsx";
import type { Section } from "../engine.tsx";

/** Lines on the page before any come. */
const LINES = 100;

export const LOGS: Section = {
  id: "logs",
  title: "Logs",
  render: async ({ view: { name }, deps }) => {
    const filter = { engines: new Set([name]) };
    const { lines, last } = await findLines(deps, { filter, range: { limit: LINES } });
    return (
      <>
        {lines.length === 0 && (
          <p class="none" data-part="no-lines">
            Nothing yet. What it prints appears here as soon as it starts.
          </p>
        )}
        <LogView
          lines={lines}
          query={`engine=${name}`}
          last={last}
          isLive
          showsEngine={false}
        />
        <p>
          <a href={`/logs?engine=${name}`}>All lines of {name}, with a filter</a>
        </p>
      </>
    );
  },
};
