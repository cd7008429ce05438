/** The event streams of all clients, and what they share. */
import { AdmissionError } from "../../core/mod.ts";
import type { EngineEvent, Replay } from "../../events/mod.ts";
import type { WebDeps } from "../deps.ts";
import { isWelcome } from "../credentials.ts";
import { MethodError, type RequestContext } from "../routes.ts";
import { MAX_STREAMS, type WebBounds } from "../web_bounds.ts";
import { encodeEvent, encodeRetry, eventStreamHeaders } from "./encode.ts";
import { openEventStream, toWire } from "./event_stream.ts";
import type { LogFeed, PastLines } from "./log_feed.ts";
import { applyFilter, type EventFilter, type EventQuery, parseQuery } from "./query.ts";

/** How long a client waits before it connects again. */
const RETRY_MS = 2_000;

/** Where a stream begins. */
interface Beginning {
  readonly filter: EventFilter;
  readonly replay: Replay;
  /** Of logs, where the client wants them. */
  readonly lines: PastLines & { readonly last: number } | null;
}

export class EventStreams {
  readonly #deps: WebDeps;
  readonly #bounds: WebBounds;
  /** Loaded when somebody wants lines. */
  #feed: Promise<LogFeed> | undefined;

  constructor(deps: WebDeps, bounds: WebBounds) {
    this.#deps = deps;
    this.#bounds = bounds;
  }

  /** Rejects a query that can't be, and when there is no place for one more. */
  async open(c: RequestContext): Promise<Response> {
    // Hono asks for the GET answer of a HEAD; a stream that nobody will read must not be opened.
    if (c.req.method === "HEAD") throw new MethodError("HEAD", "GET");
    const deps = this.#deps;
    const query = parseQuery(c.req.query());
    const { filter } = query;
    for (const name of filter.engines ?? []) deps.supervisor.view(name);
    const feed = filter.topics?.has("log") === true ? await this.#loadFeed() : null;
    if (!this.#bounds.takeStream()) throw tooManyStreams();
    // A client that connects again says what it saw last; its URL is as old as its page.
    const after = c.req.header("last-event-id") ?? query.after;
    const lines = feed === null ? null : this.#linesOf(feed, query, after);
    const subscription = deps.events.subscribe({
      topics: filter.topics,
      ...(after === undefined ? {} : { after }),
    });
    feed?.join(subscription);
    const body = openEventStream({
      clock: deps.clock,
      subscription,
      filter: lines === null ? filter : { ...filter, afterLine: lines.last },
      head: this.#head({ filter, replay: subscription.replay, lines }),
      snapshot: () => this.#snapshot(),
      isWelcome: () => isWelcome(c, deps),
      signal: c.env.signal,
      onSlow: () => this.#bounds.countStall(),
      cut: () => c.env.cut?.(),
      onEnd: () => {
        this.#bounds.giveStream();
        feed?.leave(subscription);
      },
    });
    return new Response(body, { headers: eventStreamHeaders() });
  }

  #loadFeed(): Promise<LogFeed> {
    return this.#feed ??= import("./log_feed.ts").then(({ LogFeed }) => new LogFeed(this.#deps));
  }

  /** What comes after these is told by the feed. */
  #linesOf(
    feed: LogFeed,
    { afterLine, filter: { engines } }: EventQuery,
    after: string | undefined,
  ): Beginning["lines"] {
    const { last } = feed;
    if (afterLine === null) return { last, batches: [], missed: 0 };
    // A number of another life of the program says nothing here.
    const isOurs = after === undefined || after.startsWith(`${this.#deps.events.boot}.`);
    return { last, ...feed.past(isOurs ? afterLine : 0, engines) };
  }

  /** `lastId` tells a client where the replay ends: views in events up to there are history. */
  #head({ filter, replay, lines }: Beginning): Uint8Array[] {
    const { events: { boot, lastId }, clock, version } = this.#deps;
    const now = new Date(clock.wall()).toISOString();
    const lastLine = lines === null ? {} : { lastLine: lines.last };
    const hello = { v: 1, version, boot, now, replay, lastId, ...lastLine };
    const snapshot = applyFilter(this.#snapshot(), filter);
    return [
      encodeRetry(RETRY_MS),
      encodeEvent({ type: "hello", data: hello }),
      ...(snapshot === undefined ? [] : [
        // With a replay to come, the place to go on from is still the client's own.
        encodeEvent(toWire(snapshot, replay === "none" ? lastId : null)),
      ]),
      ...(lines === null ? [] : encodeLines(lines)),
    ];
  }

  #snapshot(): EngineEvent {
    return { type: "snapshot", engines: this.#deps.supervisor.views() };
  }
}

function encodeLines({ batches, missed }: PastLines): Uint8Array[] {
  const gap = encodeEvent({ type: "gap", data: { missed: 0, lines: missed } });
  const events = batches.map((event) => encodeEvent(toWire(event, null)));
  return missed === 0 ? events : [gap, ...events];
}

function tooManyStreams(): AdmissionError {
  return new AdmissionError("too_many_streams", {
    detail: `${MAX_STREAMS} event streams are open, which is the limit.`,
    remedy: "Close some tabs or clients that watch, then try again.",
    retryAfterS: 5,
  });
}
