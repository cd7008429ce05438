/** What a supervisor says of itself over its API: answers of any length, as views with much output are. */
import {
  type Framing,
  Garbled,
  type MessageHead,
  MessageReader,
  writeAll,
} from "../soak/message_reader.ts";

const BUFFER_BYTES = 16 * 1_024;
const encoder = new TextEncoder();

/** Throws unless the answer is 200. */
export async function getJson<T>(address: Deno.ConnectOptions, target: string): Promise<T> {
  using conn = await Deno.connect(address);
  const head = `GET ${target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`;
  await writeAll(conn, encoder.encode(head));
  const reader = new MessageReader(conn, { buffer: new Uint8Array(BUFFER_BYTES) });
  const answer = await reader.head();
  const text = answer === undefined ? "" : await readText(reader, answer);
  if (answer?.startLine.startsWith("HTTP/1.1 200") === true) return JSON.parse(text);
  throw new Error(`GET ${target}: ${answer?.startLine} ${text}`);
}

/** The body behind a head. Throws `Cut` and `Garbled`. */
export async function readText(reader: MessageReader, head: MessageHead): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  const take = (piece: Uint8Array) => void (text += decoder.decode(piece, { stream: true }));
  await reader.body(framingOf(head), take);
  return text;
}

/** How long it is. Throws `Garbled` when that is not said. */
export function framingOf(head: MessageHead): Framing {
  if (head.framing === undefined) throw new Garbled(`no length: ${head.startLine}`);
  return head.framing;
}
