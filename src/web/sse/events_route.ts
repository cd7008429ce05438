/** `GET /api/events`: everything that is published, as it happens. */
import type { WebDeps } from "../deps.ts";
import { addRoute, type WebApp } from "../routes.ts";
import type { WebBounds } from "../web_bounds.ts";
import type { EventStreams } from "./event_streams.ts";

export function addEventsRoute(app: WebApp, deps: WebDeps, bounds: WebBounds): void {
  let streams: Promise<EventStreams> | undefined;
  addRoute(app, "/api/events", {
    GET: async (c) => {
      streams ??= import("./event_streams.ts").then(({ EventStreams }) =>
        new EventStreams(deps, bounds)
      );
      return (await streams).open(c);
    },
  });
}
