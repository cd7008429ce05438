/** `Max-Forwards`, which counts only for TRACE and OPTIONS (RFC 9110 section 7.6.2). */
import type { Clock } from "../core/mod.ts";
import {
  encodeResponseHead,
  HeadWriter,
  httpDate,
  NameSet,
  type ReceivedRequest,
  WireBuffer,
} from "../http1/mod.ts";
import type { ClientExchange } from "./client_exchange.ts";

const FIELD = "max-forwards";

/** What a trace must not show to a script (RFC 9110 section 9.3.8). */
const SECRET = new NameSet(["authorization", "cookie", "proxy-authorization"]);

/** How often the request may be sent on; `undefined` = as often as need be. */
export function forwardsLeft(request: ReceivedRequest): number | undefined {
  if (!request.isMethod("OPTIONS") && !request.isMethod("TRACE")) return undefined;
  const index = request.fields.find(FIELD);
  if (index < 0) return undefined;
  const text = request.fields.text(index);
  return /^\d{1,9}$/.test(text) ? Number(text) : undefined;
}

/** Whether field `index` of `request` is the counter. */
export function isForwardsField(request: ReceivedRequest, index: number): boolean {
  return request.fields.isNamed(index, FIELD);
}

/** Answers a request that may not be sent on: OPTIONS with nothing, TRACE with what was received. */
export async function answerHere(exchange: ClientExchange, clock: Clock): Promise<void> {
  const { request } = exchange;
  const isTrace = request.isMethod("TRACE");
  const body = isTrace ? trace(request) : new Uint8Array(0);
  const plan = exchange.planResponse({
    status: 200,
    body: { kind: "length", bytes: body.length },
  });
  const out = new WireBuffer();
  encodeResponseHead(out, {
    plan,
    fields: isTrace ? [["Content-Type", "message/http"]] : [],
    date: httpDate(clock.wall()),
  });
  out.add(body);
  await exchange.send(out.bytes, { plan, bodyBytes: body.length, then: "end" });
}

function trace({ methodBytes, targetBytes, fields }: ReceivedRequest): Uint8Array {
  const out = new WireBuffer();
  new HeadWriter(out)
    .requestLine(methodBytes, targetBytes)
    .fields(fields, (index) => SECRET.has(fields, index))
    .end();
  return out.bytes;
}
