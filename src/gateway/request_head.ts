import {
  type FieldList,
  HeadWriter,
  type OutgoingRequest,
  type RequestFraming,
  spells,
  type WireBuffer,
} from "../http1/mod.ts";
import type { RequestWishes, Scheme } from "../core/mod.ts";
import type { TailOf } from "./answer_writer.ts";
import type { ClientExchange } from "./client_exchange.ts";
import type { RequestSkips } from "./hop_by_hop.ts";
import { isForwardsField } from "./max_forwards.ts";
import { writeTrace } from "./trace_fields.ts";
import type { Via } from "./via.ts";

/** Where one request goes, and what of it. */
export interface Errand {
  readonly engine: string;
  /** The target for the engine. */
  readonly target: Uint8Array;
  readonly skips: RequestSkips;
  /** `Cookie` fields to add. */
  readonly cookies: readonly string[];
  /** Of `Max-Forwards`: how often it may be sent on from here; `undefined` = as often as need be. */
  readonly forwardsLeft: number | undefined;
  readonly wishes: RequestWishes;
  /** What of the answer is looked at. @default nothing */
  readonly tailOf?: TailOf | undefined;
}

export interface RequestHeadOptions {
  readonly exchange: ClientExchange;
  readonly errand: Errand;
  readonly via: Via;
}

/** Puts the head that the engine gets into `out`, which is empty. */
export function writeRequestHead(out: WireBuffer, options: RequestHeadOptions): OutgoingRequest {
  const { exchange, errand, via } = options;
  const { target, skips, cookies, forwardsLeft } = errand;
  const { request, upgrade } = exchange;
  const { fields } = request;
  const body = requestFraming(exchange);
  const head = new HeadWriter(out).requestLine(request.methodBytes, target);
  if (forwardsLeft === undefined) head.fields(fields, skips.fields);
  else {
    head.fields(fields, (index) => skips.fields(index) || isForwardsField(request, index));
    head.field("Max-Forwards", String(forwardsLeft - 1));
  }
  for (const cookie of cookies) head.field("Cookie", cookie);
  if (!fields.has("host")) head.field("Host", request.host ?? "localhost");
  head.prepared(via.line);
  writeTrace(head, exchange.record);
  writeForwarded(head, exchange);
  head.framing({ announces: body, connection: undefined });
  writeConnection(head, { takesTrailers: takesTrailers(fields), upgrade });
  head.end();
  return {
    method: request.method,
    headBytes: out.size,
    body,
    saysClose: false,
    upgrade,
  };
}

function requestFraming({ framing }: ClientExchange): RequestFraming {
  if (framing.kind === "until_close") throw new TypeError("a request that the end would end");
  return framing;
}

/** The lines about a client at `address`. */
interface Asker {
  readonly address: string;
  readonly scheme: Scheme;
  readonly lines: Uint8Array;
}

/** Who asked last: mostly it is the same. */
let latest = asker("", "http");

function asker(address: string, scheme: Scheme): Asker {
  const text = `X-Forwarded-For: ${address}\r\nX-Forwarded-Proto: ${scheme}\r\n`;
  return { address, scheme, lines: new TextEncoder().encode(text) };
}

/** Who asked, always in our own words; nothing where there is no address to tell. */
function writeForwarded(head: HeadWriter, exchange: ClientExchange): void {
  const { clientAddress, scheme, request } = exchange;
  if (clientAddress === null) return;
  if (clientAddress !== latest.address || scheme !== latest.scheme) {
    latest = asker(clientAddress, scheme);
  }
  head.prepared(latest.lines);
  const host = request.fields.find("host");
  if (host >= 0) head.fieldOfBytes("X-Forwarded-Host", request.fields.value(host));
}

function takesTrailers(fields: FieldList): boolean {
  return fields.has("te") && fields.elements("te").some((coding) => spells(coding, "trailers"));
}

/** What is about the connection to the engine. */
function writeConnection(
  head: HeadWriter,
  { takesTrailers, upgrade }: { takesTrailers: boolean; upgrade: Uint8Array | undefined },
): void {
  if (!takesTrailers && upgrade === undefined) return;
  if (takesTrailers) head.field("TE", "trailers");
  if (upgrade !== undefined) head.fieldOfBytes("Upgrade", upgrade);
  const options = [...(takesTrailers ? ["te"] : []), ...(upgrade === undefined ? [] : ["upgrade"])];
  head.field("Connection", options.join(", "));
}
