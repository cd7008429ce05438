/** `GET /api/events`: everything that is published, as it happens. */
import { AdmissionError } from "../../core/mod.ts";
import type { EngineEvent, Replay } from "../../events/mod.ts";
import type { WebDeps } from "../deps.ts";
import { addRoute, MethodError, type WebApp } from "../routes.ts";
import { MAX_STREAMS, type WebBounds } from "../web_bounds.ts";
import { encodeEvent, encodeRetry, eventStreamHeaders } from "./encode.ts";
import { openEventStream, toWire } from "./event_stream.ts";
import { applyFilter, type EventFilter, parseFilter } from "./query.ts";

/** How long a client waits before it connects again. */
const RETRY_MS = 2_000;

export function addEventsRoute(app: WebApp, deps: WebDeps, bounds: WebBounds): void {
  addRoute(app, "/api/events", {
    GET: (c) => {
      // Hono asks for the GET answer of a HEAD; a stream that nobody will read must not be opened.
      if (c.req.method === "HEAD") throw new MethodError("HEAD", "GET");
      const filter = parseFilter({ topics: c.req.query("topics"), engine: c.req.query("engine") });
      for (const name of filter.engines ?? []) deps.supervisor.view(name);
      if (!bounds.takeStream()) throw tooManyStreams();
      // A client that connects again says what it saw last; its URL is as old as its page.
      const after = c.req.header("last-event-id") ?? c.req.query("after");
      const subscription = deps.events.subscribe(after === undefined ? {} : { after });
      const body = openEventStream({
        clock: deps.clock,
        subscription,
        filter,
        head: head(deps, filter, subscription.replay),
        snapshot: () => snapshotOf(deps),
        signal: c.env.signal,
        onEnd: () => bounds.giveStream(),
      });
      return new Response(body, { headers: eventStreamHeaders() });
    },
  });
}

/** `lastId` tells a client where the replay ends: views in events up to there are history. */
function head(deps: WebDeps, filter: EventFilter, replay: Replay): Uint8Array[] {
  const { boot, lastId } = deps.events;
  const now = new Date(deps.clock.wall()).toISOString();
  const hello = { v: 1, version: deps.version, boot, now, replay, lastId };
  const snapshot = applyFilter(snapshotOf(deps), filter);
  return [
    encodeRetry(RETRY_MS),
    encodeEvent({ type: "hello", data: hello }),
    ...(snapshot === undefined ? [] : [
      // With a replay to come, the place to go on from is still the client's own.
      encodeEvent(toWire(snapshot, replay === "none" ? lastId : null)),
    ]),
  ];
}

function snapshotOf({ supervisor }: WebDeps): EngineEvent {
  return { type: "snapshot", engines: supervisor.views() };
}

function tooManyStreams(): AdmissionError {
  return new AdmissionError("too_many_streams", {
    detail: `${MAX_STREAMS} event streams are open, which is the limit.`,
    remedy: "Close some tabs or clients that watch, then try again.",
    retryAfterS: 5,
  });
}
