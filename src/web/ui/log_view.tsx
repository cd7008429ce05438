/** Lines, newest at the end; the browser goes on with them where the page is the newest. */
import type { LogLine } from "../../observe/mod.ts";
import { assetUrl } from "./assets.ts";
import { fineTime, newLinesText, speakerOf, toSpans } from "./words_lists.js";

export interface LogViewProps {
  readonly lines: readonly LogLine[];
  /** What else to ask the API for, e.g. `engine=a&level=warn`. */
  readonly query: string;
  /** Numbers of the newest lines by the name of their log; the program's own is the empty name. */
  readonly last: Readonly<Record<string, number>>;
  /** Whether lines that come are added. */
  readonly isLive: boolean;
  /** Says whose each line is. */
  readonly showsEngine: boolean;
}

export function LogView({ lines, query, last, isLive, showsEngine }: LogViewProps) {
  return (
    <div
      class="log-view"
      data-module={isLive ? assetUrl("logs.js") : undefined}
      data-query={query}
      data-last={JSON.stringify(last)}
    >
      {isLive && <LogBar />}
      <div
        class="log"
        role="log"
        tabindex={0}
        aria-label="Lines"
        aria-live="off"
        data-speakers={showsEngine ? "shown" : undefined}
      >
        <div data-part="lines">
          {lines.map((line) => <Line key={line.seq} line={line} showsEngine={showsEngine} />)}
        </div>
      </div>
      {isLive && (
        <button type="button" class="more-lines" data-part="more" data-more hidden>
          <span data-field="more">{newLinesText(0)}</span>
        </button>
      )}
    </div>
  );
}

function Line({ line, showsEngine }: { readonly line: LogLine; readonly showsEngine: boolean }) {
  const { at, engine, stream, text, styled, skipped } = line;
  return (
    <p data-stream={stream} data-skipped={skipped}>
      <time dateTime={new Date(at).toISOString()}>{fineTime(at)}</time>{" "}
      {showsEngine && <b>{speakerOf(engine)}</b>}
      {showsEngine && " "}
      {styled === null
        ? text
        : toSpans(styled).map(({ look, text }, i) =>
          look === "" ? text : <span key={i} class={look}>{text}</span>
        )}
    </p>
  );
}

/** What only a script can do. */
function LogBar() {
  return (
    <p class="log-bar" data-needs-script hidden>
      <label>
        <input type="checkbox" data-follow checked /> Follow
      </label>
      <label>
        <input type="checkbox" data-wrap checked /> Wrap lines
      </label>
      <label>
        <input type="checkbox" data-announce /> Announce new lines
      </label>
    </p>
  );
}
