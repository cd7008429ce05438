/** What a client wants of the event stream: the query of `GET /api/events`. */
import { RequestError } from "../../core/mod.ts";
import type { EngineEvent, EventTopic } from "../../events/mod.ts";

const TOPICS: ReadonlySet<string> = new Set(
  [
    "state",
    "python_status",
    "python_input",
    "notice",
    "snapshot",
    "log",
    "request",
  ] satisfies EventTopic[],
);

/** Which events a client gets. */
export interface EventFilter {
  /** `null` = all but those that are to be named. */
  readonly topics: ReadonlySet<string> | null;
  /** Names of engines; `null` = all, and what is about no engine. */
  readonly engines: ReadonlySet<string> | null;
  /** Of lines, those with a higher number. @default all */
  readonly afterLine?: number;
}

/** The query as a whole. */
export interface EventQuery {
  readonly filter: EventFilter;
  /** Id of the last event that the client has seen. */
  readonly after: string | undefined;
  /** Number (`seq`) of the last line that it has seen. */
  readonly afterLine: number | null;
}

/**
 * Reads `topics` and `engine`, each a list with commas, `after` and `afterLine`.
 *
 * @throws {RequestError} `bad_request` for a topic that does not exist, and for what is no number.
 */
export function parseQuery(query: Readonly<Record<string, string | undefined>>): EventQuery {
  const { afterLine, after } = query;
  const topics = parseList(query["topics"]);
  for (const topic of topics ?? []) {
    if (TOPICS.has(topic)) continue;
    throw new RequestError("bad_request", {
      detail: "The query parameter topics names a topic that does not exist.",
      remedy: `Use some of ${[...TOPICS].join(", ")}, with commas between them.`,
    });
  }
  if (afterLine !== undefined && !/^\d{1,15}$/.test(afterLine)) {
    throw new RequestError("bad_request", {
      detail: "The query parameter afterLine is not the number of a line.",
      remedy: "Use the seq of the last line that was seen, or leave it out.",
    });
  }
  return {
    filter: { topics, engines: parseList(query["engine"]) },
    after,
    afterLine: afterLine === undefined ? null : Number(afterLine),
  };
}

function parseList(text: string | undefined): ReadonlySet<string> | null {
  return text === undefined || text === "" ? null : new Set(text.split(","));
}

/** `event` as this client gets it; `undefined` when it does not. */
export function applyFilter(event: EngineEvent, filter: EventFilter): EngineEvent | undefined {
  if (filter.topics !== null && !filter.topics.has(event.type)) return undefined;
  const { engines, afterLine = 0 } = filter;
  if (event.type === "log" && (event.lines[0]?.seq ?? 0) <= afterLine) {
    const lines = event.lines.filter(({ seq }) => seq > afterLine);
    return lines.length === 0 ? undefined : applyFilter({ ...event, lines }, filter);
  }
  if (engines === null) return event;
  if (event.type === "snapshot") {
    const wanted = event.engines.filter(({ name }) => engines.has(name));
    if (wanted.length === event.engines.length) return event;
    return wanted.length === 0 ? undefined : { type: "snapshot", engines: wanted };
  }
  return engines.has(event.engine ?? "") ? event : undefined;
}
