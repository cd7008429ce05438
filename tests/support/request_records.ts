/** Records of requests whose names are known: the first is of `01…`, the second of `02…`. */
import type { Clock } from "../../src/core/mod.ts";
import { type ReceivedRequest, ServerCodec } from "../../src/http1/mod.ts";
import { RequestRecords } from "../../src/gateway/mod.ts";
import { RequestBook } from "../../src/observe/mod.ts";

/** Random bytes of one record. */
const BYTES = 24;

export interface KnownRecords {
  readonly book: RequestBook;
  readonly records: RequestRecords;
}

export function newRecords(clock: Clock, book = new RequestBook({ clock })): KnownRecords {
  let drawn = 0;
  const fillRandom = (bytes: Uint8Array) => {
    for (let at = 0; at < bytes.length; at++) bytes[at] = 1 + (drawn++ / BYTES | 0) % 255;
  };
  return { book, records: new RequestRecords({ desk: book, fillRandom }) };
}

/** The head of `request` as it comes in. */
export function toReceived({ method, url, headers }: Request): ReceivedRequest {
  const { pathname, search, host } = new URL(url);
  const fields = [...headers].filter(([name]) => name !== "host" && name !== "content-length");
  const lines = fields.map(([name, value]) => `${name}: ${value}\r\n`);
  const codec = new ServerCodec();
  const head = `${method} ${pathname}${search} HTTP/1.1\r\nHost: ${host}\r\n${lines.join("")}\r\n`;
  codec.receive(new TextEncoder().encode(head));
  const event = codec.next();
  if (event.type !== "head") throw new TypeError(`no head but ${event.type}`);
  return event.request;
}
