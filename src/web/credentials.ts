import type { Credentials } from "../access/mod.ts";
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
