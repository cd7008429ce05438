/**
 * Engines as a table, and how one is put into words.
 *
 * @module
 */
import { type EngineView, formatDuration } from "../core/mod.ts";
import type { Screen, Style } from "./screen.ts";
import { type Column, renderTable } from "./table.ts";
import { formatBytes, oneLine } from "./text.ts";

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

/** A line for each engine, below the head. */
export function renderEngines(views: readonly EngineView[], screen: Screen): string[] {
  return renderTable(columnsAt(screen.clock.wall()), views, screen);
}

function columnsAt(wall: number): readonly Column<EngineView>[] {
  return [
    { title: "NAME", from: "narrow", cell: (view) => oneLine(view.name) },
    { title: "STATE", from: "narrow", cell: stateWord, style: styleOf },
    { title: "UPTIME", from: "medium", cell: (view) => upFor(view, wall) ?? "-" },
    { title: "PID", from: "full", cell: ({ pid }) => pid === null ? "-" : String(pid) },
    { title: "MEM", from: "medium", cell: memoryOf },
    { title: "IN-FLIGHT", from: "medium", cell: (view) => requestsOf(view, wall) },
    { title: "STOPS-IN", from: "narrow", cell: (view) => stopsIn(view, wall) },
    {
      title: "LAST-ERROR",
      from: "full",
      cell: ({ lastError }) => lastError === null ? "-" : oneLine(lastError.title),
      least: 10,
      style: ({ lastError }) => lastError === null ? undefined : "red",
    },
  ];
}

/** The state as people see it: an engine that is ready and at work is busy. */
export function stateWord(view: EngineView): string {
  return view.state === "ready" && view.inflight > 0 ? "busy" : oneLine(view.state);
}

export function styleOf(view: EngineView): Style {
  return STATE_STYLES[stateWord(view)] ?? "bold";
}

/** How long the process has been ready; `undefined` when it is not. */
export function upFor(view: EngineView, wall: number): string | undefined {
  if (view.state !== "ready" || view.readyAt === null) return undefined;
  return formatDuration(Math.max(0, wall - Date.parse(view.readyAt)));
}

function memoryOf({ rssBytes }: EngineView): string {
  return rssBytes === null ? "-" : formatBytes(rssBytes);
}

/** `2`; with slots and some who wait, and for how long, `2/4 (+3 held, 12 s)`. */
export function requestsOf(
  { inflight, slots, queued, queuedSince }: EngineView,
  wall: number,
): string {
  const working = slots === null ? `${inflight}` : `${inflight}/${slots}`;
  if (queued === 0) return working;
  if (queuedSince === null) return `${working} (+${queued} held)`;
  const waited = formatDuration(Math.max(0, wall - Date.parse(queuedSince)));
  return `${working} (+${queued} held, ${waited})`;
}

/** The time left until the idle stop. */
export function stopsIn(view: EngineView, wall: number): string {
  if (view.stopsAt !== null) return formatDuration(Math.max(0, Date.parse(view.stopsAt) - wall));
  return view.state === "ready" && view.idleTimeoutMs === -1 ? "never" : "-";
}
