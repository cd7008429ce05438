import type { ClientExchange } from "../gateway/mod.ts";
import {
  type BodyFraming,
  ChunkWriter,
  encodeResponseHead,
  type ResponsePlan,
  WireBuffer,
} from "../http1/mod.ts";
import { openBody, type OpenedBody, pieces } from "./own_body.ts";

/** What sending an answer takes of an exchange. */
export type Answerable = Pick<ClientExchange, "planResponse" | "send">;

/** A body up to this size goes out in one write with its head, at the cost of a copy. */
const JOINED_BYTES = 64 * 1024;

/** What is said by the plan, or as a field of its own, whatever a `Response` says of it. */
const PLANNED: ReadonlySet<string> = new Set([
  "connection",
  "content-length",
  "date",
  "keep-alive",
  "transfer-encoding",
]);

/**
 * Sends a response of ours. Rejects when its body fails or has another length than announced, or when
 * the client is gone, which `signal` tells; the body is called off then. What was begun and is not
 * whole is the caller's to cut.
 */
export async function sendResponse(
  exchange: Answerable,
  response: Response,
  signal?: AbortSignal,
): Promise<void> {
  const body = await openBody(response.body);
  const plan = exchange.planResponse({
    status: response.status,
    body: framingOf(response, body),
    close: response.headers.get("connection")?.toLowerCase() === "close",
  });
  const out = new WireBuffer();
  encodeResponseHead(out, {
    plan,
    fields: [...response.headers].filter(([name]) => !PLANNED.has(name)),
    ...dateOf(response),
  });
  if (body.kind === "whole") return await sendWhole(exchange, { plan, out, bytes: body.bytes });
  const callOff = () => void body.reader.cancel(signal?.reason).catch(NOTHING);
  signal?.addEventListener("abort", callOff);
  try {
    if (plan.framing.kind === "none") await sendWhole(exchange, { plan, out, bytes: NO_BYTES });
    else await sendStream(exchange, { plan, out, body });
  } finally {
    signal?.removeEventListener("abort", callOff);
    // Of a stream that was read to its end this calls nothing off.
    callOff();
  }
}

function dateOf({ headers }: Response): { readonly date?: string } {
  const date = headers.get("date");
  return date === null ? {} : { date };
}

const NO_BYTES = new Uint8Array(0);
const NOTHING = () => {};

function framingOf({ headers }: Response, body: OpenedBody): BodyFraming {
  const announced = headers.get("content-length");
  const isAnnounced = announced !== null && /^\d{1,15}$/.test(announced);
  // An answer to HEAD announces what it does not have.
  const isBare = body.kind === "whole" && body.bytes.length === 0;
  if (isAnnounced && (isBare || body.kind === "stream")) {
    return { kind: "length", bytes: Number(announced) };
  }
  return body.kind === "whole" ? { kind: "length", bytes: body.bytes.length } : { kind: "chunked" };
}

interface Begun {
  readonly plan: ResponsePlan;
  /** Holds the head, not sent yet. */
  readonly out: WireBuffer;
}

async function sendWhole(
  exchange: Answerable,
  { plan, out, bytes }: Begun & { readonly bytes: Uint8Array },
): Promise<void> {
  const bodyBytes = plan.framing.kind === "none" ? 0 : bytes.length;
  if (bodyBytes <= JOINED_BYTES) {
    out.add(bytes.subarray(0, bodyBytes));
    return await exchange.send(out.bytes, { plan, bodyBytes, then: "end" });
  }
  await exchange.send(out.bytes, { plan, bodyBytes: 0, then: "more" });
  await exchange.send(bytes, { bodyBytes, then: "end" });
}

/** Each piece goes out as soon as it is there. */
async function sendStream(
  exchange: Answerable,
  { plan, out, body }: Begun & { readonly body: Extract<OpenedBody, { kind: "stream" }> },
): Promise<void> {
  await exchange.send(out.bytes, { plan, bodyBytes: 0, then: "more" });
  const isChunked = plan.framing.kind === "chunked";
  const chunks = new ChunkWriter(out);
  for await (const piece of pieces(body)) {
    for (let at = 0; at < piece.length; at += JOINED_BYTES) {
      const part = piece.subarray(at, at + JOINED_BYTES);
      out.clear();
      if (isChunked) chunks.chunk(part);
      const bytes = isChunked ? out.bytes : part;
      await exchange.send(bytes, { bodyBytes: part.length, then: "more" });
    }
  }
  out.clear();
  if (isChunked) chunks.last();
  await exchange.send(out.bytes, { bodyBytes: 0, then: "end" });
}
