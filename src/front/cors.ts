/** What the browser of a page of another origin that may use us is told (the Fetch standard, CORS). */
import { decodeLatin1, WireBuffer } from "../http1/mod.ts";
import type { ReceivedRequest } from "../http1/mod.ts";
import { fieldText } from "./access_head.ts";

/** How long a browser may remember that a request may be sent. */
const MAX_AGE_S = 600;

const HEAD_END = "\r\n\r\n";

/**
 * Whether a request with this method and these headers may be sent: it may, as it is looked at again
 * when it comes. Who may ask is told by {@linkcode openAnswer}.
 */
export function preflightAnswer({ fields }: ReceivedRequest): Response {
  const headers = new Headers({ "Access-Control-Max-Age": String(MAX_AGE_S) });
  for (const what of ["Method", "Headers"]) {
    const asked = fieldText(fields, `access-control-request-${what.toLowerCase()}`);
    const name = `Access-Control-Allow-${what === "Method" ? "Methods" : what}`;
    if (asked !== null) headers.set(name, asked);
  }
  if (fieldText(fields, "access-control-request-private-network") === "true") {
    headers.set("Access-Control-Allow-Private-Network", "true");
  }
  return new Response(null, { status: 204, headers });
}

/**
 * Opens an answer, which begins with `bytes` and its whole head in them, to pages of `origin`. What an
 * engine says of that is taken out: two answers are none, and it does not know who may ask us.
 */
export function openAnswer(bytes: Uint8Array, origin: string, isPreflight: boolean): Uint8Array {
  const text = decodeLatin1(bytes);
  const end = text.indexOf(HEAD_END);
  if (end < 0) throw new TypeError("a head without an end");
  const out = new WireBuffer();
  for (const line of text.slice(0, end).split("\r\n")) {
    if (isPreflight || !/^access-control-/i.test(line)) out.addText(`${line}\r\n`);
  }
  out.addText(`Access-Control-Allow-Origin: ${origin}\r\n`);
  if (!isPreflight) out.addText("Access-Control-Expose-Headers: *\r\n");
  out.addText("Vary: Origin\r\n\r\n");
  out.addRange(bytes, end + HEAD_END.length, bytes.length);
  return out.bytes;
}
