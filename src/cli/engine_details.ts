/**
 * One engine in full.
 *
 * @module
 */
import { type EngineView, type ErrorView, formatDuration } from "../core/mod.ts";
import { requestsOf, stateWord, stopsIn, styleOf, upFor } from "./engine_table.ts";
import type { Screen } from "./screen.ts";
import { formatBytes, formatTime, oneLine, wrap } from "./text.ts";

type Fact = readonly [title: string, text: string];

/** Longer lines are hard to read, also where there is no terminal. */
const WIDTH = 100;

/** The engine's name and state, and below them what is known of it. */
export function renderEngine(view: EngineView, screen: Screen): string[] {
  const { name, lastError } = view;
  const facts = [...factsOf(view, screen.clock.wall()), ...instanceFacts(view)];
  return [
    `${screen.paint("bold", oneLine(name))}  ${screen.paint(styleOf(view), stateWord(view))}`,
    ...factLines(facts, screen),
    ...(lastError === null ? [] : factLines(errorFacts(lastError), screen)),
  ];
}

function factsOf(view: EngineView, wall: number): readonly Fact[] {
  const up = upFor(view, wall);
  const { pid, rssBytes, restarts, kind, socket } = view;
  const ago = formatDuration(Math.max(0, wall - Date.parse(view.since)));
  const why = view.reason === null ? "" : ` (${oneLine(view.reason)})`;
  return [
    ["since", `${formatTime(view.since)}, ${ago} ago${why}`],
    ...(up === undefined ? [] : [["up", up] as const]),
    ...(pid === null ? [] : [["pid", String(pid)] as const]),
    ["in flight", requestsOf(view, wall)],
    ["stops in", idleWords(view, wall)],
    ...(rssBytes === null ? [] : [["memory", formatBytes(rssBytes)] as const]),
    ["restarts", String(restarts)],
    ["kind", oneLine(kind)],
    ["socket", oneLine(socket)],
  ];
}

function idleWords(view: EngineView, wall: number): string {
  const { idleTimeoutMs } = view;
  const left = stopsIn(view, wall);
  if (idleTimeoutMs === -1) return "never";
  const limit = idleTimeoutMs === 0
    ? "stops as soon as it is idle"
    : `stops after ${formatDuration(idleTimeoutMs)} without work`;
  return left === "-" ? `- (${limit})` : `${left} (${limit})`;
}

function instanceFacts({ instances = [] }: EngineView): readonly Fact[] {
  return instances.map(({ id, state, pid, inflight, rssBytes }) => [
    `replica ${id}`,
    [
      oneLine(state),
      ...(pid === null ? [] : [`pid ${pid}`]),
      `${inflight} in flight`,
      ...(rssBytes === null ? [] : [formatBytes(rssBytes)]),
    ].join(", "),
  ]);
}

function errorFacts({ title, detail, remedy, at, lastLines }: ErrorView): readonly Fact[] {
  return [
    ["error", `${oneLine(title)} (${formatTime(at)})`],
    ["cause", oneLine(detail)],
    ["try", oneLine(remedy)],
    ...lastLines.map((line) => ["|", oneLine(line)] as const),
  ];
}

/** Longest title, and the room around it. */
const TITLE = 11;

function factLines(facts: readonly Fact[], screen: Screen): string[] {
  const indent = " ".repeat(TITLE + 2);
  const width = Math.min(WIDTH, screen.columns);
  return facts.flatMap(([title, text]) => {
    if (width < 3 * TITLE) return [`${title}:`, ...wrap(text, { width, indent: "  " })];
    const [first = "", ...rest] = wrap(text, { width, indent });
    return [`  ${screen.paint("dim", title.padEnd(TITLE))}${first.slice(indent.length)}`, ...rest];
  });
}
