import {
  KEEP_ALIVE_FIELD,
  parseKeepAlive,
  parsePriority,
  PRIORITY_FIELD,
  RequestError,
  type RequestWishes,
} from "../core/mod.ts";
import { type FieldList, NameSet } from "../http1/mod.ts";

const PRIORITY = PRIORITY_FIELD.toLowerCase();
const KEEP_ALIVE = KEEP_ALIVE_FIELD.toLowerCase();

/** In lower case; they are for us and don't go to the engine. */
export const WISH_FIELDS: readonly string[] = [PRIORITY, KEEP_ALIVE];

const WISHES = new NameSet(WISH_FIELDS);
const NONE: RequestWishes = {};

/** What a request says of its place in the line and of the time after it. Throws `bad_request`. */
export function readWishes(fields: FieldList): RequestWishes {
  // One look for both, at lengths mostly: few requests have either.
  for (let index = 0; index < fields.size; index++) {
    if (WISHES.has(fields, index)) return readThem(fields);
  }
  return NONE;
}

function readThem(fields: FieldList): RequestWishes {
  const priority = theOnly(fields, PRIORITY);
  const keepAlive = theOnly(fields, KEEP_ALIVE);
  return {
    ...(priority === undefined ? {} : { priority: parsePriority(priority) }),
    ...(keepAlive === undefined ? {} : { keepAliveMs: parseKeepAlive(keepAlive) }),
  };
}

function theOnly(fields: FieldList, name: string): string | undefined {
  const index = fields.find(name);
  if (index < 0) return undefined;
  if (fields.find(name, index + 1) < 0) return fields.text(index);
  throw new RequestError("bad_request", {
    detail: `The request has two headers ${name}.`,
    remedy: "Send one.",
  });
}
