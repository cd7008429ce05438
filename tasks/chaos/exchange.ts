/** One request on a connection of its own, and what came of it. */
import { Cut, Garbled, type MessageHead, MessageReader, writeAll } from "../soak/message_reader.ts";
import type { Watch, Watched } from "../soak/watch.ts";
import { framingOf, readText } from "./api.ts";
import { type Ask, contentOf, encodeAsk, inputText } from "./ask.ts";

export type Answered =
  /** A whole answer, right in all its bytes; with its text, unless that is what was sent. */
  | { readonly kind: "whole"; readonly text?: string }
  /** A whole answer of the supervisor that says what went wrong. */
  | { readonly kind: "error"; readonly code: string; readonly text?: string }
  /** The connection ended too early; `begun` = within the answer. */
  | { readonly kind: "cut"; readonly begun: boolean }
  /** Nobody listens there. */
  | { readonly kind: "refused" }
  /** Not all of it was there by the deadline. */
  | { readonly kind: "silence" }
  /** What can't be. */
  | { readonly kind: "wrong"; readonly why: string };

export interface ExchangeOptions {
  readonly address: Deno.ConnectOptions;
  readonly watch: Watch;
  /** For the whole of it. */
  readonly deadlineMs: number;
}

/** Holds the head of any answer that is not wrong. */
const BUFFER_BYTES = 16 * 1_024;

/** Never throws for what the other side does. */
export async function exchange(ask: Ask, options: ExchangeOptions): Promise<Answered> {
  let conn: Deno.TcpConn;
  try {
    conn = await Deno.connect(options.address);
  } catch (error) {
    if (isRefused(error)) return { kind: "refused" };
    return { kind: "wrong", why: `no connection: ${error}` };
  }
  const deadlineAt = performance.now() + options.deadlineMs;
  const waiting: Watched = { deadlineAt, isOverdue: false, close: () => close(conn) };
  options.watch.add(waiting);
  // Who can't take it any more may still answer.
  const sent = writeAll(conn, encodeAsk(ask)).catch(() => {});
  const answered = await readAnswer(conn, ask);
  options.watch.remove(waiting);
  close(conn);
  await sent;
  return waiting.isOverdue ? { kind: "silence" } : answered;
}

async function readAnswer(conn: Deno.Conn, ask: Ask): Promise<Answered> {
  const reader = new MessageReader(conn, { buffer: new Uint8Array(BUFFER_BYTES) });
  try {
    const head = await finalHead(reader);
    if (head === undefined) return { kind: "cut", begun: false };
    if (head.field("ai-engine-error-source") !== undefined) return await readError(reader, head);
    if (ask.kind === "upstream" || ask.kind === "model") {
      return await readEcho(reader, head, contentOf(ask).body);
    }
    return judgeText(ask, head, await readText(reader, head));
  } catch (error) {
    if (error instanceof Cut) return { kind: "cut", begun: true };
    if (error instanceof Garbled) return { kind: "wrong", why: error.message };
    throw error;
  }
}

async function finalHead(reader: MessageReader): Promise<MessageHead | undefined> {
  for (;;) {
    const head = await reader.head();
    if (head === undefined) return undefined;
    if (!head.startLine.startsWith("HTTP/1.1 ")) throw new Garbled(`a head: ${head.startLine}`);
    if (!head.startLine.startsWith("HTTP/1.1 1")) return head;
  }
}

async function readError(reader: MessageReader, head: MessageHead): Promise<Answered> {
  const text = await readText(reader, head);
  const code = /"code":"(\w+)"/.exec(text)?.[1];
  return code === undefined
    ? { kind: "wrong", why: `an error without a code: ${text}` }
    : { kind: "error", code, text };
}

/** What a bad engine answers badly never has its mark, and must not come through as whole. */
async function readEcho(
  reader: MessageReader,
  head: MessageHead,
  expected: Uint8Array,
): Promise<Answered> {
  let bytes = 0;
  let isRight = true;
  await reader.body(framingOf(head), (piece) => {
    const wanted = expected.subarray(bytes, bytes + piece.length);
    isRight &&= piece.length === wanted.length && piece.every((byte, at) => byte === wanted[at]);
    bytes += piece.length;
  });
  if (!head.startLine.startsWith("HTTP/1.1 200") || head.field("chaos") !== "well") {
    return { kind: "wrong", why: `a whole answer that the engine never gave: ${head.startLine}` };
  }
  if (isRight && bytes === expected.length) return { kind: "whole" };
  return { kind: "wrong", why: `a body of ${bytes} bytes, not the ${expected.length} right ones` };
}

function judgeText(ask: Ask, { startLine }: MessageHead, text: string): Answered {
  if (/^HTTP\/1\.1 20[02]/.test(startLine) && isAnswerTo(ask, text)) return { kind: "whole", text };
  return { kind: "wrong", why: `${startLine} with ${text.slice(0, 200)}` };
}

function isAnswerTo(ask: Ask, text: string): boolean {
  if (ask.kind === "command") return text.includes('"state":');
  if (ask.kind === "reload") return text.includes('"unchanged":');
  try {
    return JSON.parse(text).message === `You said: ${inputText(ask.id)}`;
  } catch {
    return false;
  }
}

function isRefused(error: unknown): boolean {
  return error instanceof Deno.errors.ConnectionRefused ||
    error instanceof Deno.errors.ConnectionReset;
}

function close(conn: Deno.Conn): void {
  try {
    conn.close();
  } catch {
    // The deadline has closed it.
  }
}
