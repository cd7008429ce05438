/**
 * Counts requests that have ended. That is on the way of every one of them: a few additions, into places
 * that are there.
 *
 * @module
 */
import type { EndedRequest } from "../../core/mod.ts";
import type { RequestBook } from "../requests/request_book.ts";
import { Histogram } from "./histogram.ts";

/** What is counted of a request. */
export type CountedRequest = Pick<
  EndedRequest,
  | ("way" | "engine" | "target" | "status" | "heldMs" | "firstByteMs" | "totalMs")
  | ("bytesIn" | "bytesOut" | "tokensIn" | "tokensOut")
>;

/** What a path is counted as; `{…}` stands for any, so that no client makes a series. */
export const ROUTES = [
  "/upstream/{engine}",
  "/api/engines/{engine}/input",
  "/api/engines/{engine}/call/{function}",
  "/v1/{other}",
  "/v1/chat/completions",
  "/v1/completions",
  "/v1/responses",
  "/v1/messages",
  "/v1/embeddings",
  "/v1/rerank",
  "/v1/moderations",
  "/v1/audio/speech",
  "/v1/audio/transcriptions",
  "/v1/images/generations",
] as const;

const OTHER_MODEL_ROUTE = 3;
const WAYS = { upstream: 0, input: 1, call: 2 } as const;
const MODEL_ROUTES = new Map<string, number>(
  ROUTES.map((route, i) => [route, i] as const).slice(OTHER_MODEL_ROUTE + 1),
);

/** Of the answer's head; without one it is the first. */
export const STATUS_CLASSES = ["none", "1xx", "2xx", "3xx", "4xx", "5xx"] as const;

const CLASSES = STATUS_CLASSES.length;

const BOUNDS_MS = Float64Array.of(
  ...[1, 2.5, 5, 10, 25, 50, 100, 250, 500],
  ...[1_000, 2_500, 5_000, 10_000, 30_000, 60_000, 120_000, 300_000, 600_000],
);

/** What requests to one engine came to. */
export class RequestCount {
  /** By route and status class, as {@linkcode timesAt} finds them; made with the first request. */
  readonly times: (Histogram | undefined)[] = new Array(ROUTES.length * CLASSES).fill(undefined);
  readonly waits = new Histogram(BOUNDS_MS);
  readonly firstBytes = new Histogram(BOUNDS_MS);
  bytesIn = 0;
  bytesOut = 0;
  tokensIn = 0;
  tokensOut = 0;

  timesAt(route: number, statusClass: number): Histogram | undefined {
    return this.times[route * CLASSES + statusClass];
  }
}

/** Counts what ends in `book` from now on, by engine of those that there are. */
export function countRequests(
  book: Pick<RequestBook, "onEnded">,
  isEngine: (name: string) => boolean,
): RequestCounts {
  const counts = new RequestCounts(isEngine);
  book.onEnded(counts.count);
  return counts;
}

/** Since the program began; of those for which no engine was found, under no name. */
export class RequestCounts {
  readonly engines = new Map<string, RequestCount>();
  readonly #isEngine: (name: string) => boolean;

  /** Whoever is no engine is what a client has made up. */
  constructor(isEngine: (name: string) => boolean) {
    this.#isEngine = isEngine;
  }

  readonly count = (ended: CountedRequest): void => {
    const counts = this.#of(ended.engine ?? "");
    const { status, heldMs, firstByteMs, tokensIn, tokensOut } = ended;
    const at = routeOf(ended) * CLASSES + classOf(status);
    (counts.times[at] ??= new Histogram(BOUNDS_MS)).add(ended.totalMs);
    if (heldMs !== null) counts.waits.add(heldMs);
    if (firstByteMs !== null) counts.firstBytes.add(firstByteMs);
    counts.bytesIn += ended.bytesIn;
    counts.bytesOut += ended.bytesOut;
    if (tokensIn !== null) counts.tokensIn += tokensIn;
    if (tokensOut !== null) counts.tokensOut += tokensOut;
  };

  #of(engine: string): RequestCount {
    let counts = this.engines.get(engine);
    if (counts !== undefined) return counts;
    if (engine !== "" && !this.#isEngine(engine)) return this.#of("");
    counts = new RequestCount();
    this.engines.set(engine, counts);
    return counts;
  }
}

function classOf(status: number | null): number {
  return status === null ? 0 : Math.min(Math.floor(status / 100), CLASSES - 1);
}

function routeOf({ way, target }: CountedRequest): number {
  if (way !== "model") return WAYS[way];
  const query = target.indexOf("?");
  const path = query === -1 ? target : target.slice(0, query);
  return MODEL_ROUTES.get(path) ?? OTHER_MODEL_ROUTE;
}
