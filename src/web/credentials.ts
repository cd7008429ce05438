import { type Credentials, schemeOf } from "../access/mod.ts";
import type { WebDeps } from "./deps.ts";
import type { RequestContext } from "./routes.ts";

/** What a request says about who sends it. */
export function credentials({ req }: RequestContext): Credentials {
  return {
    host: req.header("host") ?? null,
    authority: null,
    authorization: req.header("authorization") ?? null,
    cookie: req.header("cookie") ?? null,
  };
}

/** Whether the client of a stream may have what comes next: its token was good when it was opened. */
export function isWelcome(c: RequestContext, { tokens }: Pick<WebDeps, "tokens">): boolean {
  const { listener } = c.env;
  if (tokens === null || listener.kind === "control") return true;
  return tokens.roleOf(credentials(c), schemeOf(listener)) === "admin";
}
