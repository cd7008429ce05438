/** Engines: look at them, start, stop and restart them, and say that somebody uses the app. */
import type { EngineView } from "../../core/mod.ts";
import type { WaitOptions } from "../../supervisor/mod.ts";
import type { WebDeps } from "../deps.ts";
import { addRoute, engineName, queryFlag } from "../routes.ts";
import type { Handler, RequestContext, WebApp } from "../routes.ts";

/** Asks for a change of an engine; the promise resolves when it is done. */
type Change = (name: string, wait: WaitOptions, c: RequestContext) => Promise<EngineView>;

export function addEngineRoutes(app: WebApp, { supervisor }: WebDeps): void {
  const change = (run: Change): { POST: Handler } => ({
    POST: async (c) => {
      const name = engineName(c);
      supervisor.view(name); // throws for an unknown engine
      if (queryFlag(c, "wait", true)) return c.json(await run(name, { signal: c.env.signal }, c));
      // What comes of it is in the view and in the events; nobody waits for it here.
      run(name, {}, c).catch(() => {});
      return c.json(supervisor.view(name), 202);
    },
  });

  addRoute(app, "/api/engines", {
    GET: (c) => c.json({ engines: supervisor.views() }),
  });
  addRoute(app, "/api/engines/:name", {
    GET: (c) => c.json(supervisor.view(engineName(c))),
  });
  addRoute(app, "/api/engines/:name/activity", {
    POST: (c) => {
      supervisor.touch(engineName(c));
      return c.body(null, 204);
    },
  });
  addRoute(
    app,
    "/api/engines/:name/start",
    change((name, wait) => supervisor.start(name, wait)),
  );
  addRoute(
    app,
    "/api/engines/:name/restart",
    change((name, wait) => supervisor.restart(name, wait)),
  );
  addRoute(
    app,
    "/api/engines/:name/stop",
    change((name, wait, c) => {
      const force = queryFlag(c, "force", false);
      const hold = queryFlag(c, "hold", false);
      return supervisor.stop(name, { ...wait, force, hold });
    }),
  );
}
