/** The page `/logs`: the newest lines of all engines, found by what they are and what they say. */
import { LOG_LEVELS } from "../../../config/mod.ts";
import { RequestError } from "../../../core/mod.ts";
import type { FoundLines } from "../../../observe/mod.ts";
import { findLines } from "../../api/find_lines.ts";
import { type LogQuery, parseLogQuery } from "../../api/log_query.ts";
import type { WebDeps } from "../../deps.ts";
import { frameOf, pageResponse } from "../../page_response.ts";
import type { RequestContext } from "../../routes.ts";
import { Choice } from "../choice.tsx";
import { type Frame, Layout, renderDocument } from "../layout.tsx";
import { LogView } from "../log_view.tsx";

/** Lines on the page before any come. */
const LINES = 500;

/** Fields of the form, and what else a link may narrow the lines to. */
const FIELDS = ["engine", "stream", "level", "grep", "request", "trace", "since", "until"] as const;

type Asked = Readonly<Partial<Record<typeof FIELDS[number], string>>>;

interface LogsPageModel {
  readonly frame: Frame;
  readonly asked: Asked;
  readonly engines: readonly string[];
  readonly found: FoundLines;
  /** What is wrong with the text that was looked for. */
  readonly fault: RequestError | null;
  /** There are newer lines than these. */
  readonly isOlder: boolean;
}

export async function showPage(c: RequestContext, deps: WebDeps): Promise<Response> {
  const given = c.req.query();
  const { found, fault } = await find(given, deps);
  const model: LogsPageModel = {
    frame: frameOf(deps),
    asked: Object.fromEntries(FIELDS.map((name) => [name, given[name] ?? ""])),
    engines: deps.supervisor.views().map(({ name }) => name),
    found,
    fault,
    isOlder: (given["before"] ?? "") !== "",
  };
  return pageResponse(renderLogsPage(model), { status: fault === null ? 200 : 400 });
}

interface Finding {
  readonly found: FoundLines;
  readonly fault: RequestError | null;
}

/** A fault in what was looked for stands beside the field; any other is thrown. */
async function find(given: Readonly<Record<string, string>>, deps: WebDeps): Promise<Finding> {
  const options = { deps, limit: LINES };
  // What is wrong with the rest is no matter of the field.
  const query: LogQuery = await parseLogQuery({ ...given, grep: "" }, options);
  if ((given["grep"] ?? "") === "") return { found: await findLines(deps, query), fault: null };
  try {
    return { found: await findLines(deps, await parseLogQuery(given, options)), fault: null };
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    return { found: { lines: [], hasMore: false, last: {} }, fault: error };
  }
}

function renderLogsPage(model: LogsPageModel): string {
  const { frame, asked, found, fault, isOlder } = model;
  const query = queryOf(asked);
  const file = `/logs.txt${query === "" ? "" : `?${query}`}`;
  return renderDocument(
    <Layout
      title="Logs"
      page="logs"
      path={pathOf(asked)}
      frame={frame}
      version={frame.version}
      isWide
    >
      <div class="page-head">
        <h1>Logs</h1>
        <a href={file} download={`${asked.engine || "ai-engine"}.log`}>Download as a file</a>
      </div>
      <LogFilter model={model} />
      {found.hasMore && (
        <p>
          <a href={pathOf(asked, found.lines[0]?.seq)}>Older lines</a>
        </p>
      )}
      {fault === null && found.lines.length === 0 && <NoLines asked={asked} isOlder={isOlder} />}
      {fault === null && (
        <LogView
          lines={found.lines}
          query={query}
          last={found.last}
          isLive={!isOlder}
          showsEngine={!/^[^,]+$/.test(asked.engine ?? "")}
        />
      )}
      {isOlder && (
        <p>
          <a href={pathOf(asked)}>Newest lines</a>
        </p>
      )}
    </Layout>,
  );
}

function LogFilter({ model: { asked, engines, fault } }: { readonly model: LogsPageModel }) {
  const { engine = "", stream = "", level = "", grep = "", ...links } = asked;
  const names = engine === "" || engines.includes(engine) ? engines : [engine, ...engines];
  return (
    <form class="filter" method="get" action="/logs" role="search" data-filter>
      <Choice label="Engine" name="engine" value={engine} none="All" values={names} />
      <Choice
        label="Stream"
        name="stream"
        value={stream}
        none="All"
        values={["stdout", "stderr", "program"]}
      />
      <Choice
        label="Level"
        name="level"
        value={level}
        none="Any"
        values={LOG_LEVELS}
        suffix=" and up"
      />
      <div class="filter-text">
        <label for="grep">Text or /pattern/</label>
        <input
          id="grep"
          name="grep"
          type="search"
          value={grep}
          autocomplete="off"
          spellcheck={false}
          aria-invalid={fault === null ? undefined : "true"}
          aria-describedby={fault === null ? undefined : "grep-fault"}
        />
      </div>
      {Object.entries(links).filter(([, value]) => value !== "").map(([name, value]) => (
        <input key={name} type="hidden" name={name} value={value} />
      ))}
      <button type="submit">Show</button>
      {fault !== null && (
        <p class="fault" id="grep-fault" role="alert">{fault.message} {fault.remedy}</p>
      )}
      <Narrowed asked={asked} />
    </form>
  );
}

/** What a link has narrowed the lines to, which no field of the form says. */
function Narrowed({ asked }: { readonly asked: Asked }) {
  const { request, trace, since, until } = asked;
  const words = [
    request ? `about the request ${request}` : "",
    trace ? `about the trace ${trace}` : "",
    since ? `since ${since}` : "",
    until ? `until ${until}` : "",
  ].filter(Boolean);
  if (words.length === 0) return null;
  return (
    <p class="narrowed">
      Only lines {words.join(", ")}. <a href="/logs">Show all</a>
    </p>
  );
}

function NoLines({ asked, isOlder }: { readonly asked: Asked; readonly isOlder: boolean }) {
  const isFiltered = isOlder || Object.values(asked).some((value) => value !== "");
  return (
    <p class="none" data-part="no-lines">
      {isFiltered
        ? (
          <>
            No line is like that. <a href="/logs">Clear the filter</a>
          </>
        )
        : (
          <>
            Nothing yet. What an engine prints appears here as soon as it starts:{" "}
            <a href="/">start one</a>.
          </>
        )}
    </p>
  );
}

function queryOf(asked: Asked, before?: number): string {
  const given = Object.entries(asked).filter(([, value]) => value !== "");
  const query = new URLSearchParams(given);
  if (before !== undefined) query.set("before", `${before}`);
  return query.toString();
}

function pathOf(asked: Asked, before?: number): string {
  const query = queryOf(asked, before);
  return `/logs${query === "" ? "" : `?${query}`}`;
}
