import { decodeLatin1, WireBuffer } from "../http1/mod.ts";
import type { Field } from "./types.ts";

/** What goes with every request to one instance, whoever makes the request. */
export interface Envelope {
  /** In place of what the request says. @default that */
  readonly host?: string;
  /** Put before every target: nothing, or a path without a slash at its end. */
  readonly prefix: string;
  /** In place of the request's own of these names. */
  readonly fields: readonly Field[];
  /** Names, in lower case, of fields that stay behind. */
  readonly withheld: readonly string[];
}

export const PLAIN: Envelope = { prefix: "", fields: [], withheld: [] };

/**
 * Puts a request that begins with `bytes`, of which the first `headBytes` are its whole head, into
 * `envelope`; what is behind the head stays as it is.
 */
export function putIn(
  envelope: Envelope,
  bytes: Uint8Array,
  headBytes: number,
): { readonly bytes: Uint8Array; readonly headBytes: number } {
  const [requestLine = "", ...lines] = decodeLatin1(bytes.subarray(0, headBytes)).split("\r\n");
  const space = requestLine.indexOf(" ") + 1;
  const gone = new Set([
    ...envelope.withheld,
    ...envelope.fields.map(([name]) => name.toLowerCase()),
    ...(envelope.host === undefined ? [] : ["host"]),
  ]);
  const out = new WireBuffer();
  out.addText(`${requestLine.slice(0, space)}${envelope.prefix}${requestLine.slice(space)}\r\n`);
  if (envelope.host !== undefined) out.addText(`Host: ${envelope.host}\r\n`);
  for (const [name, value] of envelope.fields) out.addText(`${name}: ${value}\r\n`);
  // Behind the last field there are two empty ones: of the empty line and of its end.
  for (const line of lines.slice(0, -2)) {
    const name = line.slice(0, line.indexOf(":")).toLowerCase();
    if (!gone.has(name)) out.addText(`${line}\r\n`);
  }
  out.addText("\r\n");
  const { size } = out;
  out.addRange(bytes, headBytes, bytes.length);
  return { bytes: out.bytes, headBytes: size };
}
