/** The program itself: is it there, what does it go by, what are its bounds, and close it. */
import { RequestError } from "../../core/mod.ts";
import type { WebDeps } from "../deps.ts";
import type { WebBounds } from "../web_bounds.ts";
import { addRoute, queryFlag, type WebApp } from "../routes.ts";

export function addProgramRoutes(
  app: WebApp,
  { bounds, config, reload, version, urls, close }: WebDeps,
  own: WebBounds,
): void {
  addRoute(app, "/health", {
    GET: (c) => {
      // Where else it can be reached is for those who may do everything.
      const more = c.env.listener.kind === "control" ? { urls } : {};
      return c.json({ status: "ok", version, ...more });
    },
  });
  addRoute(app, "/api/config", {
    GET: async (c) => c.json(await config()),
  });
  addRoute(app, "/api/config/reload", {
    POST: async (c) => c.json(await reload()),
  });
  addRoute(app, "/api/limits", {
    GET: (c) => c.json({ limits: [...bounds(), ...own.views()] }),
  });
  addRoute(app, "/api/shutdown", {
    POST: (c) => {
      if (c.env.listener.kind !== "control") throw onlyOnControlSocket();
      close(queryFlag(c, "force", false));
      return c.json({ status: "closing" }, 202);
    },
  });
}

function onlyOnControlSocket(): RequestError {
  return new RequestError("not_found", {
    detail: "The program is closed over its control socket only.",
    remedy: "Run `ai-engine shutdown`, or press Ctrl-C where it runs.",
  });
}
