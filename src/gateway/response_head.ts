import type { Clock, RequestRecord } from "../core/mod.ts";
import {
  type BodyFraming,
  dateLine,
  type HeadEvent,
  HeadWriter,
  type ResponseHead,
  type ResponsePlan,
  WireBuffer,
} from "../http1/mod.ts";
import { responseSkips } from "./hop_by_hop.ts";
import { writeRequestId } from "./trace_fields.ts";

/** Puts the head that the client gets into `out`. */
export function writeResponseHead(
  out: WireBuffer,
  head: ResponseHead,
  { plan, clock, record }: {
    readonly plan: ResponsePlan;
    readonly clock: Clock;
    readonly record: RequestRecord;
  },
): void {
  const writer = new HeadWriter(out)
    .statusLine(head.status)
    .fields(head.fields, responseSkips(head.fields));
  // RFC 9110 section 6.6.1
  if (!head.fields.has("date")) writer.prepared(dateLine(clock.wall()));
  if (!head.fields.has("x-request-id")) writeRequestId(writer, record);
  writer.framing(plan).end();
}

/** A whole 1xx head for the client. */
export function informationalHead({ status, fields }: ResponseHead): Uint8Array {
  const out = new WireBuffer();
  new HeadWriter(out).statusLine(status).fields(fields, responseSkips(fields)).end();
  return out.bytes;
}

/** The 101 that the client gets: with the protocol that the engine chose. */
export function switchingHead({ status, fields }: ResponseHead, plan: ResponsePlan): Uint8Array {
  const out = new WireBuffer();
  const head = new HeadWriter(out).statusLine(status).fields(fields, responseSkips(fields));
  for (let at = fields.find("upgrade"); at >= 0; at = fields.find("upgrade", at + 1)) {
    head.fieldOfBytes("Upgrade", fields.value(at));
  }
  head.framing(plan).end();
  return out.bytes;
}

/** The body as it can be announced to the client; where none follows (HEAD, 304), what it would be. */
export function announcedBody({ head, framing }: HeadEvent): BodyFraming {
  if (framing.kind !== "none") return framing;
  const index = head.fields.find("content-length");
  if (index < 0) return { kind: "chunked" };
  // The codec has seen that it is a number, perhaps several times the same.
  return { kind: "length", bytes: Number.parseInt(head.fields.text(index), 10) };
}
