import {
  KEEP_ALIVE_FIELD,
  parseKeepAlive,
  parsePriority,
  PRIORITY_FIELD,
  type RequestWishes,
} from "../core/mod.ts";
import type { RequestContext } from "./routes.ts";

/** What the request says of its place in the line and of the time after it. Throws `bad_request`. */
export function readWishes(c: RequestContext): RequestWishes {
  const priority = c.req.header(PRIORITY_FIELD);
  const keepAlive = c.req.header(KEEP_ALIVE_FIELD);
  return {
    ...(priority === undefined ? {} : { priority: parsePriority(priority) }),
    ...(keepAlive === undefined ? {} : { keepAliveMs: parseKeepAlive(keepAlive) }),
  };
}
