/** Requests as bytes. */
import { bodyBytes } from "./body_bytes.ts";
import { errandTarget } from "./errand.ts";
import type { Ask, EngineAsk, RequestBody } from "./plan.ts";

/** The name of the engine, which is that of its program. */
export const ENGINE = "soak";

const encoder = new TextEncoder();
const NO_BYTES = new Uint8Array(0);
const LAST_CHUNK = encoder.encode("0\r\n\r\n");

export interface RequestBytes {
  readonly head: Uint8Array;
  /** Framed as the head says. */
  readonly body: Uint8Array;
}

/** `closes` asks for the end of the connection behind the answer. */
export function requestBytes(ask: Ask, closes: boolean): RequestBytes {
  const lines = ask.kind === "own"
    ? [`${ask.page.method} ${ask.page.target} HTTP/1.1`, ...fieldsOf(ask.page.field)]
    : [`${ask.method} /upstream/${ENGINE}${errandTarget(ask.errand)} HTTP/1.1`, ...bodyFields(ask)];
  if (closes) lines.push("Connection: close");
  const head = encoder.encode(`${lines.join("\r\n")}\r\nHost: localhost\r\n\r\n`);
  return { head, body: ask.kind === "own" ? NO_BYTES : framed(ask.id, ask.body) };
}

function fieldsOf(field: string | undefined): string[] {
  return field === undefined ? [] : [field];
}

function bodyFields({ body, expects, errand }: EngineAsk): string[] {
  const fields: string[] = [];
  if (body.kind === "length") fields.push(`Content-Length: ${body.bytes}`);
  if (body.kind === "chunked") fields.push("Transfer-Encoding: chunked");
  if (expects) fields.push("Expect: 100-continue");
  if (errand.how === "tunnel") fields.push("Connection: upgrade", "Upgrade: soak");
  return fields;
}

function framed(id: number, { kind, bytes }: RequestBody): Uint8Array {
  const body = bodyBytes(id, "up", bytes);
  return kind === "chunked" ? chunked(body, 1 + id * 6553 % (24 * 1024)) : body;
}

function chunked(body: Uint8Array, step: number): Uint8Array {
  const parts: Uint8Array[] = [];
  for (let at = 0; at < body.length; at += step) {
    const data = body.subarray(at, at + step);
    const size = encoder.encode(`${at === 0 ? "" : "\r\n"}${data.length.toString(16)}\r\n`);
    parts.push(size, data);
  }
  if (parts.length > 0) parts.push(encoder.encode("\r\n"));
  return joined([...parts, LAST_CHUNK]);
}

export function joined(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
