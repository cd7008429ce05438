/**
 * Pages, their files and their forms. All that makes a page is loaded when the first one is asked for:
 * a program that nobody looks at does without.
 *
 * @module
 */
import { LOGIN_PATH, LOGOUT_PATH, type Tokens } from "../access/mod.ts";
import { RequestError } from "../core/mod.ts";
import type { WebDeps } from "./deps.ts";
import { addRoute, type RequestContext, type WebApp } from "./routes.ts";
import type { WebBounds } from "./web_bounds.ts";

/** What `ui/pages/NAME.tsx` gives to its route. */
export interface PageModule {
  showPage(c: RequestContext, deps: WebDeps): Response | Promise<Response>;
}

const PAGES: Readonly<Record<string, () => Promise<PageModule>>> = {
  "/config": () => import("./ui/pages/config.tsx"),
  "/events": () => import("./ui/pages/events.tsx"),
  "/logs": () => import("./ui/pages/logs.tsx"),
  "/requests": () => import("./ui/pages/requests.tsx"),
};

export function addPageRoutes(app: WebApp, deps: WebDeps, bounds: WebBounds): void {
  for (const [path, load] of Object.entries(PAGES)) {
    addRoute(app, path, { GET: async (c) => (await load()).showPage(c, deps) });
  }
  addRoute(app, "/", {
    GET: async () => (await import("./engine_pages.ts")).showEngines(deps),
  });
  addRoute(app, "/engines/:name", {
    GET: async (c) => (await import("./engine_pages.ts")).showEngine(c, deps),
  });
  for (const action of ["start", "stop", "restart", "activity"] as const) {
    addRoute(app, `/engines/:name/${action}`, {
      POST: async (c) => (await import("./engine_pages.ts")).act(action, c, deps),
    });
  }
  addRoute(app, "/stop-all", {
    GET: async () => (await import("./stop_all.ts")).askStopAll(deps),
    POST: async (c) => (await import("./stop_all.ts")).stopAll(c, deps),
  });
  addRoute(app, "/engines/:name/input", {
    POST: async (c) => (await import("./engine_pages.ts")).sendInput(c, deps, bounds),
  });
  for (const form of ["try", "chat", "likeness"] as const) {
    addRoute(app, `/engines/:name/${form}`, {
      POST: async (c) => (await import("./try_routes.ts")).TRY_FORMS[form](c, deps, bounds),
    });
  }
  addRoute(app, "/requests/:id/cancel", {
    POST: async (c) => (await import("./ui/pages/requests.tsx")).cancel(c, deps),
  });
  addRoute(app, "/config/reload", {
    POST: async (c) => (await import("./ui/pages/config.tsx")).reload(c, deps),
  });
  addRoute(app, "/assets/:hash/:name", {
    GET: async (c) => {
      const { findAsset } = await import("./ui/assets.ts");
      const asset = findAsset(c.req.param("hash") ?? "", c.req.param("name") ?? "");
      if (asset === undefined) throw noSuchAsset();
      return c.body(asset.text, 200, {
        "content-type": asset.contentType,
        "cache-control": "public, max-age=31536000, immutable",
      });
    },
  });
}

/** Signing in and out. */
export function addLoginRoutes(
  app: WebApp,
  { clock, version }: WebDeps,
  options: LoginOptions,
): void {
  const { tokens, bounds: { onTooLarge } } = options;
  const deps = { clock, onTooLarge, tokens, version };
  addRoute(app, LOGIN_PATH, {
    GET: async (c) => (await import("./login.ts")).showLogin(c, deps),
    POST: async (c) => (await import("./login.ts")).signIn(c, deps),
  });
  addRoute(app, LOGOUT_PATH, {
    POST: async (c) => (await import("./login.ts")).signOut(c),
  });
}

export interface LoginOptions {
  readonly tokens: Tokens;
  readonly bounds: WebBounds;
}

function noSuchAsset(): RequestError {
  return new RequestError("not_found", {
    detail: "This file of the page does not exist, or no longer.",
    remedy: "Load the page again.",
  });
}
