/** Requests as rows. The browser fills copies of the empty one with those that come. */
import type { RequestView } from "../../core/mod.ts";
import { describeRequest } from "./words_lists.js";

export interface RequestTableProps {
  readonly running: readonly RequestView[];
  readonly ended: readonly RequestView[];
  readonly now: number;
  readonly isEmpty: boolean;
}

const COLUMNS = [
  "Request",
  "Status",
  "Engine",
  "Began",
  "Waited",
  "First byte",
  "Total",
  "In / out",
  "Tokens in / out",
] as const;

const EMPTY: RequestView = {
  id: "-",
  traceId: "",
  way: "upstream",
  engine: null,
  model: null,
  method: "",
  path: "",
  progress: { phase: "held" },
  place: null,
  startedAt: "1970-01-01T00:00:00.000Z",
  status: null,
  errorCode: null,
  heldMs: null,
  firstByteMs: null,
  totalMs: null,
  bytesIn: 0,
  bytesOut: 0,
  tokensIn: null,
  tokensOut: null,
};

export function RequestTable({ running, ended, now, isEmpty }: RequestTableProps) {
  return (
    <div
      class="table"
      role="region"
      aria-label="Table of requests"
      tabindex={0}
      data-part="table"
      hidden={isEmpty}
    >
      <table>
        <thead>
          <tr>
            {COLUMNS.map((name) => <th key={name} scope="col">{name}</th>)}
            <th scope="col">
              <span class="unseen">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody data-rows-of="running">
          {running.map((view) => <Row key={view.id} view={view} now={now} />)}
        </tbody>
        <tbody data-rows-of="ended">
          {ended.map((view) => <Row key={view.id} view={view} now={now} />)}
        </tbody>
      </table>
      <template data-row>
        <Row view={EMPTY} now={now} />
      </template>
    </div>
  );
}

function Row({ view, now }: { readonly view: RequestView; readonly now: number }) {
  const text = describeRequest(view, now);
  const id = encodeURIComponent(view.id);
  return (
    <tr data-request={view.id} data-tone={text.tone}>
      <th scope="row" data-field="target" title={`Request ${view.id}`}>{text.target}</th>
      <td>
        <span class="state">
          <span class="mark" data-mark={text.shape} aria-hidden="true"></span>
          <span data-field="word">{text.word}</span>
        </span>
      </td>
      <td data-field="engine">{text.engine}</td>
      <td data-field="began">{text.began}</td>
      <td data-label="Waited" data-field="held">{text.held}</td>
      <td data-label="First byte" data-field="firstByte">{text.firstByte}</td>
      <td data-label="Total" data-field="total">{text.total}</td>
      <td data-label="In / out" data-field="bytes">{text.bytes}</td>
      <td data-label="Tokens in / out" data-field="tokens">{text.tokens}</td>
      <td class="row-actions">
        <form
          method="post"
          action={`/requests/${id}/cancel`}
          data-part="cancel"
          hidden={!text.isRunning}
        >
          <button type="submit">
            Cancel<span class="unseen" data-field="cancelled">{text.target}</span>
          </button>
        </form>
        <a href={`/logs?request=${id}`} data-log>
          Log<span class="unseen" data-field="logged">of {text.target}</span>
        </a>
      </td>
    </tr>
  );
}
