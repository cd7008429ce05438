/**
 * Fields that are about one connection only and stay behind (RFC 9110 section 7.6.1): those that are
 * known, and those that `Connection` names.
 *
 * @module
 */
import { RequestError } from "../core/mod.ts";
import { type FieldList, NameSet, remoteFault, type Skips, spells } from "../http1/mod.ts";
import { WISH_FIELDS } from "./request_wishes.ts";
import { OUR_TRACE_FIELDS } from "./trace_fields.ts";

/** Framing is made anew for every hop; `Trailer` goes, as some trailers stay behind. */
const CONNECTION_FIELDS = [
  "connection",
  "proxy-connection",
  "keep-alive",
  "te",
  "transfer-encoding",
  "upgrade",
  "trailer",
  "proxy-authenticate",
  "content-length",
];

/** What our own word replaces, or what a Unix listener can't know. */
const FORWARDED_FIELDS = ["x-forwarded-for", "x-forwarded-proto", "x-forwarded-host"];

/** Other ways to say the same, which would contradict our word where they are believed. */
const RIVAL_FIELDS = ["forwarded", "x-real-ip", "x-forwarded-port"];

/** What a client must not have taken away by naming it in `Connection`. */
const KEPT_FIELDS = ["host", "content-length", "authorization", "cookie", ...FORWARDED_FIELDS];

/** What says how a request is to be read must not come after it. */
const LATE_FIELDS = ["host", "authorization", "cookie", "via", "expect"];

const OURS = [
  ...CONNECTION_FIELDS,
  ...FORWARDED_FIELDS,
  ...RIVAL_FIELDS,
  ...WISH_FIELDS,
  ...OUR_TRACE_FIELDS,
  "proxy-authorization",
];
const REQUEST = new NameSet(OURS);
const REQUEST_TRAILERS = new NameSet([...OURS, ...LATE_FIELDS]);
const RESPONSE = new NameSet(CONNECTION_FIELDS);

/** More than any honest message names; each is compared with each field. */
const MAX_OPTIONS = 32;

/** Options that say what they say and name no field that would go on. */
const PLAIN_OPTIONS = ["close", "keep-alive", "upgrade", "te"];

/** The fields of a request, and of its trailers, that don't go to the engine. */
export interface RequestSkips {
  readonly fields: Skips;
  readonly trailers: (trailers: FieldList) => Skips;
}

/** Throws `bad_request` when `Connection` names what must not be taken away. */
export function requestSkips(fields: FieldList): RequestSkips {
  const named = namedFields(fields);
  if (named === "too_many") throw refused("more fields than can be meant");
  for (const name of named) {
    if (KEPT_FIELDS.includes(name)) throw refused(name);
  }
  return {
    fields: skips(REQUEST, named, fields),
    trailers: (trailers) => skips(REQUEST_TRAILERS, named, trailers),
  };
}

/** Leaves `Expect` behind, too: what it asks for has been done here. */
export function withoutExpect(fields: FieldList, skips: RequestSkips): RequestSkips {
  return { ...skips, fields: (index) => fields.isNamed(index, "expect") || skips.fields(index) };
}

/** The fields of an answer that don't go to the client, or those of its trailers. */
export function responseSkips(fields: FieldList, trailers = fields): Skips {
  const named = namedFields(fields);
  if (named === "too_many") throw remoteFault("BAD_HEADER_VALUE", '"Connection"');
  return skips(RESPONSE, named, trailers);
}

function skips(known: NameSet, named: readonly string[], fields: FieldList): Skips {
  if (named.length === 0) return (index) => known.has(fields, index);
  const also = new NameSet(named);
  return (index) => known.has(fields, index) || also.has(fields, index);
}

/** What `Connection` names beyond its plain options, in lower case. */
function namedFields(fields: FieldList): readonly string[] | "too_many" {
  if (!fields.has("connection")) return [];
  const options = fields.elements("connection");
  if (options.length > MAX_OPTIONS) return "too_many";
  return options
    .filter((option) => option.length > 0 && !PLAIN_OPTIONS.some((word) => spells(option, word)))
    .map((option) => String.fromCharCode(...option).toLowerCase());
}

function refused(name: string): RequestError {
  return new RequestError("bad_request", {
    detail: `Connection names ${name}, which is not about this connection.`,
    remedy: "Name only fields that are about the connection, such as `Connection: close`.",
  });
}
