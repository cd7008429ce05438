/** One exchange between our two roles, without a connection: bytes go across in random pieces. */
import { assertEquals } from "@std/assert";
import {
  type BodyFraming,
  ChunkWriter,
  type ClientCodec,
  type ClientOutcome,
  encodeResponseHead,
  HeadWriter,
  type ResponsePlan,
  type ServerCodec,
  type ServerOutcome,
  WireBuffer,
} from "../../../src/http1/mod.ts";
import { cut, type Lines, lower } from "./generators.ts";
import { bytesOf, latin1 } from "./play.ts";

export interface SentRequest {
  readonly method: string;
  readonly target: string;
  readonly fields: Lines;
  readonly pieces: readonly string[];
  readonly framing: "none" | "length" | "chunked";
}

export interface SentResponse {
  readonly status: number;
  readonly fields: Lines;
  readonly pieces: readonly string[];
  readonly framing: "length" | "chunked";
  readonly informational: number;
}

export interface Exchanged {
  readonly request: SentRequest;
  readonly response: SentResponse;
  readonly cuts: readonly number[];
}

/** Sends the request one way and the response the other, and checks that both arrive as they left. */
export function exchange(client: ClientCodec, server: ServerCodec, sent: Exchanged): void {
  const { request, response, cuts } = sent;
  const requestBytes = sendRequest(client, request);
  const arrived = receive(server, cut(requestBytes, cuts));
  const [head] = arrived.outcomes;
  if (head?.type !== "head" || !("request" in head)) throw new Error("no request came out");
  assertEquals([head.request.method, head.request.target], [request.method, request.target]);
  assertEquals(head.request.fields.pairs().slice(0, request.fields.length), lower(request.fields));
  const body = request.framing === "none" ? "" : request.pieces.join("");
  assertEquals([arrived.body, arrived.isWhole], [body, true]);

  const { bytes, plan } = sendResponse(server, response);
  const answered = receive(client, cut(bytes, cuts));
  const final = answered.outcomes.find((outcome) => outcome.type === "head");
  if (final === undefined || !("head" in final)) throw new Error("no response came out");
  assertEquals(final.head.status, response.status);
  assertEquals(final.head.fields.pairs().slice(0, response.fields.length), lower(response.fields));
  const isSent = plan.framing.kind !== "none";
  assertEquals([answered.body, answered.isWhole], [isSent ? response.pieces.join("") : "", true]);
  const hints = answered.outcomes.filter((outcome) => outcome.type === "informational");
  assertEquals(hints.length, response.informational);
  assertEquals([client.isReusable, server.isReusable, server.isIdle], [true, true, true]);
}

function sendRequest(client: ClientCodec, request: SentRequest): Uint8Array {
  const out = new WireBuffer();
  const { method, target, framing, pieces } = request;
  const head = new HeadWriter(out).requestLine(bytesOf(method), bytesOf(target));
  for (const [name, value] of request.fields) head.field(name, value);
  const body: BodyFraming & { kind: "none" | "length" | "chunked" } = framing === "length"
    ? { kind: "length", bytes: pieces.join("").length }
    : { kind: framing };
  head.field("Host", "x").framing({ announces: body, connection: undefined }).end();
  client.begin({ method, headBytes: out.size, body, saysClose: false });
  if (framing !== "none") writeBody(out, framing, pieces);
  client.written(out.size);
  if (framing === "chunked") client.sendEnd();
  return out.bytes;
}

function sendResponse(
  server: ServerCodec,
  response: SentResponse,
): { bytes: Uint8Array; plan: ResponsePlan } {
  const out = new WireBuffer();
  for (let i = 0; i < response.informational; i++) {
    server.sendInformational(103);
    new HeadWriter(out).statusLine(103).end();
  }
  const { status, framing, fields, pieces } = response;
  const bytes = pieces.join("").length;
  const body = framing === "length" ? { kind: framing, bytes } : { kind: framing };
  const plan = server.planResponse({ status, body });
  server.sendHead(plan);
  encodeResponseHead(out, { plan, fields });
  if (plan.framing.kind !== "none") {
    writeBody(out, framing, pieces);
    server.sendData(bytes);
  }
  server.sendEnd();
  return { bytes: out.bytes, plan };
}

function writeBody(
  out: WireBuffer,
  framing: "length" | "chunked",
  pieces: readonly string[],
): void {
  if (framing === "length") return out.add(bytesOf(pieces.join("")));
  const chunks = new ChunkWriter(out);
  for (const piece of pieces) chunks.chunk(bytesOf(piece));
  chunks.last();
}

type Outcome = ServerOutcome | ClientOutcome;

/** Feeds the pieces to either role. */
function receive(codec: ServerCodec | ClientCodec, pieces: readonly Uint8Array[]) {
  const outcomes: Outcome[] = [];
  let body = "";
  for (const piece of pieces) {
    codec.receive(piece);
    for (let it = codec.next(); isEvent(it); it = codec.next()) {
      if (it.type === "data") body += latin1(it.bytes);
      outcomes.push(it);
    }
  }
  return { outcomes, body, isWhole: outcomes.at(-1)?.type === "end" };
}

function isEvent(outcome: Outcome): boolean {
  return outcome.type !== "need_data" && outcome.type !== "paused";
}
