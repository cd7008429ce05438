/**
 * The names of a request: `traceparent` and `tracestate` (W3C Trace Context), and `X-Request-Id`. Taken from
 * its client where they are what they should be, else made; told to the engine, the latter to the client, too.
 *
 * @module
 */
import { type RequestRecord, SPAN_ID_BYTES, TRACE_ID_BYTES } from "../core/mod.ts";
import type { FieldList, HeadWriter } from "../http1/mod.ts";
import type { RequestSkips } from "./hop_by_hop.ts";

const TRACEPARENT_NAME = "traceparent";
const STATE_NAME = "tracestate";
const ID_NAME = "x-request-id";

/** In lower case: what the engine is told in our words. */
export const OUR_TRACE_FIELDS: readonly string[] = [TRACEPARENT_NAME, ID_NAME];

/** Any of them is to be looked at. */
export const TRACE_FIELDS: readonly string[] = [...OUR_TRACE_FIELDS, STATE_NAME];

/** Longer is no id but something else; one of dots alone could not be in a path. */
const MAX_ID_BYTES = 128;
const VISIBLE_ID = /^(?!\.{1,2}$)[\x21-\x7e]+$/;

/** Version, trace, span and flags, and in later versions perhaps more. */
const TRACEPARENT =
  /^(?!ff)([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-([0-9a-f]{2})(-.*)?$/;
const TRACEPARENT_BYTES = 55;
/** No later version is expected to need more. */
const MAX_TRACEPARENT_BYTES = 256;

const SAMPLED = 1;

/**
 * Puts into `record` what `fields` say of it. What is no trace, or two, is as none: we begin one, and the
 * client's `tracestate`, which is about another, goes no further. So is what may be no harmless id.
 */
export function readTrace(fields: FieldList, record: RequestRecord): void {
  const id = theOnly(fields, ID_NAME, MAX_ID_BYTES);
  if (id !== undefined && VISIBLE_ID.test(id)) record.clientId = id;
  const states: string[] = [];
  for (let at = fields.find(STATE_NAME); at >= 0; at = fields.find(STATE_NAME, at + 1)) {
    states.push(fields.text(at));
  }
  const context = parseTraceparent(theOnly(fields, TRACEPARENT_NAME, MAX_TRACEPARENT_BYTES) ?? "");
  if (context === null) record.dropsTraceState = states.length > 0;
  else {
    record.clientTraceId = context.traceId;
    record.isSampled = context.isSampled;
    if (states.length > 0) record.traceState = states.join(",");
  }
}

/** `null` where `text` is none (W3C Trace Context, section 3.2). */
function parseTraceparent(
  text: string,
): { readonly traceId: string; readonly isSampled: boolean } | null {
  const [, version, traceId, flags = ""] = TRACEPARENT.exec(text) ?? [];
  if (traceId === undefined) return null;
  // Of a later version what is known of this one counts.
  if (version === "00" && text.length !== TRACEPARENT_BYTES) return null;
  return { traceId, isSampled: (Number.parseInt(flags, 16) & SAMPLED) === SAMPLED };
}

/** Leaves `tracestate` behind, too. */
export function withoutTraceState(fields: FieldList, skips: RequestSkips): RequestSkips {
  return { ...skips, fields: (index) => fields.isNamed(index, STATE_NAME) || skips.fields(index) };
}

function theOnly(fields: FieldList, name: string, maxBytes: number): string | undefined {
  const index = fields.find(name);
  if (index < 0 || fields.find(name, index + 1) >= 0) return undefined;
  return fields.value(index).length > maxBytes ? undefined : fields.text(index);
}

const ENCODER = new TextEncoder();

const HEX = ENCODER.encode("0123456789abcdef");

const TRACE_LINES = "traceparent: 00-TTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTT-SSSSSSSSSSSSSSSS-01\r\n";
const ID_LINE = "X-Request-Id: SSSSSSSSSSSSSSSS\r\n";

/** Both lines of a request that came without either, but for what is drawn. */
const OWN_LINES = ENCODER.encode(TRACE_LINES + ID_LINE);
const TRACE_AT = TRACE_LINES.indexOf("T");
const SPAN_AT = TRACE_LINES.indexOf("S");
const ID_AT = TRACE_LINES.length + ID_LINE.indexOf("S");
/** The second of them. */
const OWN_ID_LINE = OWN_LINES.subarray(TRACE_LINES.length);

/** What the engine is told. */
export function writeTrace(head: HeadWriter, record: RequestRecord): void {
  const { clientTraceId, clientId, chance, chanceAt } = record;
  if (clientTraceId === null && clientId === null) {
    const spanFrom = chanceAt + TRACE_ID_BYTES;
    writeHex(TRACE_AT, { chance, from: chanceAt, count: TRACE_ID_BYTES });
    writeHex(SPAN_AT, { chance, from: spanFrom, count: SPAN_ID_BYTES });
    writeHex(ID_AT, { chance, from: spanFrom, count: SPAN_ID_BYTES });
    head.prepared(OWN_LINES);
    return;
  }
  head.field("traceparent", record.traceparent).field("X-Request-Id", record.id);
}

/** What the client is told, unless the engine does. */
export function writeRequestId(head: HeadWriter, record: RequestRecord): void {
  const { clientId, chance, chanceAt } = record;
  if (clientId !== null) return void head.field("X-Request-Id", clientId);
  writeHex(ID_AT, { chance, from: chanceAt + TRACE_ID_BYTES, count: SPAN_ID_BYTES });
  head.prepared(OWN_ID_LINE);
}

function writeHex(
  to: number,
  { chance, from, count }: {
    readonly chance: Uint8Array;
    readonly from: number;
    readonly count: number;
  },
): void {
  for (let at = from, o = to; at < from + count; at++) {
    const byte = chance[at] ?? 0;
    OWN_LINES[o++] = HEX[byte >> 4] ?? 0;
    OWN_LINES[o++] = HEX[byte & 15] ?? 0;
  }
}
