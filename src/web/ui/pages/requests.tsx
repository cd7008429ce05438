/** The page `/requests`: those that are on their way to engines, and those that were. */
import type { RequestView } from "../../../core/mod.ts";
import type { WebDeps } from "../../deps.ts";
import { frameOf, pageResponse } from "../../page_response.ts";
import { queryFlag, type RequestContext } from "../../routes.ts";
import { assetUrl } from "../assets.ts";
import { type Frame, Layout, renderDocument } from "../layout.tsx";
import { Choice } from "../choice.tsx";
import { RequestTable } from "../request_table.tsx";
import { hasFailed } from "../words_lists.js";

/** Requests that have ended, on one page. */
const ROWS = 50;

interface RequestsPageModel {
  readonly frame: Frame;
  readonly engines: readonly string[];
  /** Empty = all. */
  readonly engine: string;
  readonly failedOnly: boolean;
  readonly running: readonly RequestView[];
  readonly ended: readonly RequestView[];
  /** How many newer ones there are than those. */
  readonly from: number;
  readonly hasOlder: boolean;
}

export function showPage(c: RequestContext, deps: WebDeps): Response {
  const engine = c.req.query("engine") ?? "";
  if (engine !== "") deps.supervisor.view(engine); // throws for an unknown engine
  const failedOnly = queryFlag(c, "failed", false);
  const isWanted = (view: RequestView) =>
    (engine === "" || view.engine === engine) && (!failedOnly || hasFailed(view));
  const from = Number(/^\d{1,6}$/.exec(c.req.query("from") ?? "")?.[0] ?? 0);
  const ended = deps.requests.recent().filter(isWanted);
  return pageResponse(renderRequestsPage({
    frame: frameOf(deps),
    engines: deps.supervisor.views().map(({ name }) => name),
    engine,
    failedOnly,
    running: from > 0 ? [] : deps.requests.running().filter(isWanted),
    ended: ended.slice(from, from + ROWS),
    from,
    hasOlder: ended.length > from + ROWS,
  }));
}

/** The button of a row. What has ended meanwhile is shown as it ended. */
export function cancel(c: RequestContext, { requests }: WebDeps): Response {
  requests.cancel(c.req.param("id") ?? "");
  return new Response(null, { status: 303, headers: { location: "/requests" } });
}

function renderRequestsPage(model: RequestsPageModel): string {
  const { frame, engine, failedOnly, running, ended, from, hasOlder } = model;
  const isEmpty = running.length + ended.length === 0;
  const isLive = from === 0;
  return renderDocument(
    <Layout
      title="Requests"
      page="requests"
      path={pathOf(model)}
      frame={frame}
      version={frame.version}
      isWide
    >
      <h1>Requests</h1>
      <RequestFilter model={model} />
      {isEmpty && <NoRequests isFiltered={engine !== "" || failedOnly || from > 0} />}
      <div
        data-module={isLive ? assetUrl("requests.js") : undefined}
        data-engine-filter={engine}
        data-failed={failedOnly ? "true" : undefined}
        data-rows={ROWS}
      >
        <RequestTable running={running} ended={ended} now={frame.now} isEmpty={isEmpty} />
      </div>
      <p class="older">
        {from > 0 && <a href={pathOf({ ...model, from: 0 })}>Newest</a>}{" "}
        {hasOlder && <a href={pathOf({ ...model, from: from + ROWS })}>Older requests</a>}
      </p>
    </Layout>,
  );
}

function RequestFilter({ model: { engines, engine, failedOnly } }: {
  readonly model: RequestsPageModel;
}) {
  return (
    <form class="filter" method="get" action="/requests" role="search">
      <Choice label="Engine" name="engine" value={engine} none="All" values={engines} />
      <label class="check">
        <input type="checkbox" name="failed" value="true" checked={failedOnly} /> Only failed ones
      </label>
      <button type="submit">Show</button>
    </form>
  );
}

function NoRequests({ isFiltered }: { readonly isFiltered: boolean }) {
  return (
    <p class="none" data-part="no-rows">
      {isFiltered
        ? (
          <>
            No request is like that. <a href="/requests">Show all</a>
          </>
        )
        : (
          <>
            None yet. <a href="/">Send one</a> to an engine, and it appears here.
          </>
        )}
    </p>
  );
}

type Place = Pick<RequestsPageModel, "engine" | "failedOnly" | "from">;

function pathOf({ engine, failedOnly, from }: Place): string {
  const query = new URLSearchParams();
  if (engine !== "") query.set("engine", engine);
  if (failedOnly) query.set("failed", "true");
  if (from > 0) query.set("from", `${from}`);
  return `/requests${query.size === 0 ? "" : `?${query}`}`;
}
