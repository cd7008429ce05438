/**
 * Engines as a table: spaces only, in as many columns as fit.
 *
 * @module
 */
import { type EngineView, formatDuration } from "../core/mod.ts";
import type { Screen, Style } from "./screen.ts";
import { alignColumns, formatBytes, oneLine } from "./text.ts";

interface Column {
  readonly title: string;
  cell(view: EngineView, wall: number): string;
}

/** From left to right. */
const COLUMNS = [
  { title: "NAME", cell: (view) => oneLine(view.name) },
  { title: "STATE", cell: stateWord },
  { title: "UPTIME", cell: (view, wall) => upFor(view, wall) ?? "-" },
  { title: "PID", cell: (view) => view.pid === null ? "-" : String(view.pid) },
  { title: "MEM", cell: (view) => view.rssBytes === null ? "-" : formatBytes(view.rssBytes) },
  { title: "IN-FLIGHT", cell: requestsOf },
  { title: "STOPS-IN", cell: stopsIn },
] as const satisfies readonly Column[];

/** What gives way first on a narrow terminal. */
const GIVES_WAY: readonly string[] = ["PID", "MEM", "IN-FLIGHT", "UPTIME"];

const STATE_STYLES: Readonly<Record<string, Style>> = {
  ready: "green",
  busy: "green",
  starting: "yellow",
  draining: "yellow",
  stopping: "yellow",
  backoff: "yellow",
  failed: "red",
  stopped: "dim",
};

/** The table and, below it, why an engine failed. */
export function renderEngines(views: readonly EngineView[], screen: Screen): string[] {
  const wall = screen.clock.wall();
  let columns: readonly Column[] = COLUMNS;
  let lines = renderTable(columns, { views, wall });
  for (const title of GIVES_WAY) {
    if (lines.every((line) => line.length <= screen.columns)) break;
    columns = columns.filter((column) => column.title !== title);
    lines = renderTable(columns, { views, wall });
  }
  const [head = "", ...rows] = lines;
  const painted = rows.map((row, i) => paintState(row, { view: views[i], screen }));
  const errors = views.flatMap(({ name, lastError }) =>
    lastError === null
      ? []
      : [`${name}: ${oneLine(`${lastError.title}: ${lastError.detail} ${lastError.remedy}`)}`]
  );
  return [screen.paint("bold", head), ...painted, ...errors];
}

function renderTable(
  columns: readonly Column[],
  { views, wall }: { views: readonly EngineView[]; wall: number },
): string[] {
  const rows = views.map((view) => columns.map((column) => column.cell(view, wall)));
  return alignColumns([columns.map((column) => column.title), ...rows]);
}

function paintState(
  row: string,
  { view, screen }: { view: EngineView | undefined; screen: Screen },
): string {
  if (view === undefined) return row;
  const word = stateWord(view);
  // The name comes first and may contain the word.
  const from = row.indexOf(word, oneLine(view.name).length);
  const painted = screen.paint(STATE_STYLES[word] ?? "bold", word);
  return row.slice(0, from) + painted + row.slice(from + word.length);
}

/** The state as people see it: an engine that is ready and at work is busy. */
function stateWord(view: EngineView): string {
  return view.state === "ready" && view.inflight > 0 ? "busy" : oneLine(view.state);
}

/** How long the process has been ready; `undefined` when it is not. */
export function upFor(view: EngineView, wall: number): string | undefined {
  if (view.state !== "ready" || view.readyAt === null) return undefined;
  return formatDuration(Math.max(0, wall - Date.parse(view.readyAt)));
}

/** `2`; with slots and some who wait, and for how long, `2/4 (+3 held, 12 s)`. */
function requestsOf({ inflight, slots, queued, queuedSince }: EngineView, wall: number): string {
  const working = slots === null ? `${inflight}` : `${inflight}/${slots}`;
  if (queued === 0) return working;
  if (queuedSince === null) return `${working} (+${queued} held)`;
  const waited = formatDuration(Math.max(0, wall - Date.parse(queuedSince)));
  return `${working} (+${queued} held, ${waited})`;
}

function stopsIn(view: EngineView, wall: number): string {
  if (view.stopsAt !== null) return formatDuration(Math.max(0, Date.parse(view.stopsAt) - wall));
  return view.state === "ready" && view.idleTimeoutMs === -1 ? "never" : "-";
}
