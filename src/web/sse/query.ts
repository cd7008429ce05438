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
  ] satisfies EventTopic[],
);

/** Which events a client gets. */
export interface EventFilter {
  /** `null` = all. */
  readonly topics: ReadonlySet<string> | null;
  /** Names of engines; `null` = all, and what is about no engine. */
  readonly engines: ReadonlySet<string> | null;
}

interface FilterQuery {
  readonly topics: string | undefined;
  readonly engine: string | undefined;
}

/**
 * Reads `topics` and `engine`, each a list with commas.
 *
 * @throws {RequestError} `bad_request` for a topic that does not exist.
 */
export function parseFilter(query: FilterQuery): EventFilter {
  const topics = parseList(query.topics);
  for (const topic of topics ?? []) {
    if (TOPICS.has(topic)) continue;
    throw new RequestError("bad_request", {
      detail: "The query parameter topics names a topic that does not exist.",
      remedy: `Use some of ${[...TOPICS].join(", ")}, with commas between them.`,
    });
  }
  return { topics, engines: parseList(query.engine) };
}

function parseList(text: string | undefined): ReadonlySet<string> | null {
  return text === undefined || text === "" ? null : new Set(text.split(","));
}

/** `event` as this client gets it; `undefined` when it does not. */
export function applyFilter(event: EngineEvent, filter: EventFilter): EngineEvent | undefined {
  if (filter.topics !== null && !filter.topics.has(event.type)) return undefined;
  const { engines } = filter;
  if (engines === null) return event;
  if (event.type === "snapshot") {
    const wanted = event.engines.filter(({ name }) => engines.has(name));
    return wanted.length === 0 ? undefined : { type: "snapshot", engines: wanted };
  }
  return event.engine !== undefined && engines.has(event.engine) ? event : undefined;
}
