import { refused } from "./check_field.ts";
import { HeadWriter } from "./head_writer.ts";
import type { ResponsePlan } from "./response_plan.ts";
import type { WireBuffer } from "./wire_buffer.ts";

/** A response of ours, as its head is to be written. */
export interface OutgoingResponse {
  readonly plan: ResponsePlan;
  /** In the order in which they go out, each as often as it is given. */
  readonly fields: readonly (readonly [name: string, value: string])[];
  /** `Date` in the form of RFC 9110 section 5.6.7; an origin with a clock sends it. @default none */
  readonly date?: string;
}

/** What the plan or `date` says; said by the caller too, it could contradict them. */
const PLANNED: readonly string[] = [
  "content-length",
  "transfer-encoding",
  "connection",
  "keep-alive",
  "date",
];

/**
 * Puts the head of a response of ours into `out`, where its body can follow. Throws
 * `ProtocolError("local", rule)`: `BAD_HEADER_VALUE`, and `BAD_HEADER_NAME` also for what the plan
 * says. Nothing that was put into `out` is to be sent then.
 */
export function encodeResponseHead(out: WireBuffer, response: OutgoingResponse): void {
  const writer = new HeadWriter(out).statusLine(response.plan.status);
  for (const [name, value] of response.fields) {
    if (PLANNED.includes(name.toLowerCase())) throw refused("BAD_HEADER_NAME", name);
    writer.field(name, value);
  }
  if (response.date !== undefined) writer.field("Date", response.date);
  writer.framing(response.plan).end();
}
