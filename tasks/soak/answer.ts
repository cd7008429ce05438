/** Reads one answer and says what became of it. */
import { BodyCheck } from "./body_bytes.ts";
import { Cut, Garbled, type MessageHead, type MessageReader } from "./message_reader.ts";
import type { Ask, EngineAsk, OwnAsk } from "./plan.ts";

/** What came. `keeps` = the connection may carry another request. */
export type Answered =
  /** A whole answer, right in all its bytes. */
  | { readonly kind: "whole"; readonly keeps: boolean }
  /** A whole answer of the supervisor that says what went wrong. */
  | { readonly kind: "error"; readonly code: string; readonly keeps: boolean }
  /** The connection ended; `begun` = within the answer. */
  | { readonly kind: "cut"; readonly begun: boolean }
  /**
   * An answer that the engine gave no length ended early, right as far as it went. No proxy can tell
   * that from its end.
   */
  | { readonly kind: "short" }
  /** After an answer that switched to another protocol. */
  | { readonly kind: "switched" }
  /** What can't be. */
  | { readonly kind: "wrong"; readonly why: string };

const decoder = new TextDecoder();
const NO_BODY = { kind: "length", bytes: 0 } as const;

/** Reads the answer to `ask`. `onContinue` is called when the client is told to go on. */
export async function readAnswer(
  reader: MessageReader,
  ask: Ask,
  onContinue: () => void = () => {},
): Promise<Answered> {
  let begun = false;
  try {
    const head = await finalHead(reader, { ask, onContinue });
    if (head === undefined) return { kind: "cut", begun };
    begun = true;
    if (statusOf(head) === 101) return { kind: "switched" };
    if (head.field("ai-engine-error-source") !== undefined || ask.kind === "own") {
      return await readOwn(reader, ask, head);
    }
    return await readEngines(reader, ask, head);
  } catch (error) {
    if (error instanceof Cut) return { kind: "cut", begun };
    if (error instanceof Garbled) return { kind: "wrong", why: error.message };
    throw error;
  }
}

async function finalHead(
  reader: MessageReader,
  { ask, onContinue }: { readonly ask: Ask; readonly onContinue: () => void },
): Promise<MessageHead | undefined> {
  for (;;) {
    const head = await reader.head();
    if (head === undefined) return undefined;
    if (!head.startLine.startsWith("HTTP/1.1 ")) throw new Garbled(`a head: ${head.startLine}`);
    const status = statusOf(head);
    if (status >= 200 || status === 101) return head;
    if (status === 100) onContinue();
    if (status === 103 && !(ask.kind === "engine" && ask.errand.how === "hinted")) {
      throw new Garbled("a 103 that is not for this request");
    }
  }
}

async function readOwn(reader: MessageReader, ask: Ask, head: MessageHead): Promise<Answered> {
  const isBare = methodOf(ask) === "HEAD" || statusOf(head) === 204;
  const text = isBare ? "" : await readText(reader, head);
  const keeps = keepsConnection(head);
  if (ask.kind === "own") return judgeOwn(ask, { head, text, keeps });
  if (isBare) return { kind: "error", code: String(statusOf(head)), keeps };
  const code = /"code":"(\w+)"/.exec(text)?.[1];
  return code === undefined
    ? { kind: "wrong", why: `an error without a code: ${text}` }
    : { kind: "error", code, keeps };
}

function judgeOwn(
  { page }: OwnAsk,
  { head, text, keeps }: {
    readonly head: MessageHead;
    readonly text: string;
    readonly keeps: boolean;
  },
): Answered {
  const status = statusOf(head);
  if (status === page.status && text.includes(page.says)) return { kind: "whole", keeps };
  return { kind: "wrong", why: `${page.target} was answered with ${status} ${text.slice(0, 200)}` };
}

async function readText(reader: MessageReader, head: MessageHead): Promise<string> {
  let text = "";
  const take = (piece: Uint8Array) => text += decoder.decode(piece);
  await reader.body(framingOf(head), take);
  return text;
}

async function readEngines(
  reader: MessageReader,
  ask: EngineAsk,
  head: MessageHead,
): Promise<Answered> {
  const check = new BodyCheck(ask.id, "down");
  const framing = ask.method === "HEAD" ? NO_BODY : framingOf(head);
  await reader.body(framing, (piece) => check.take(piece));
  const why = faultOf(ask, head) ?? bodyFault(ask, check);
  if (why === undefined) return { kind: "whole", keeps: keepsConnection(head) };
  const isShort = ask.errand.how === "close" && check.isRight && check.bytes < ask.errand.bytes;
  return isShort ? { kind: "short" } : { kind: "wrong", why };
}

/** What is wrong with the head of an engine's answer. */
function faultOf({ id, method, body, errand }: EngineAsk, head: MessageHead): string | undefined {
  const isEarly = errand.how === "early";
  const expected = isEarly ? `${id} ${method} unread 0` : `${id} ${method} right ${body.bytes}`;
  const report = head.field("soak");
  if (statusOf(head) !== 200) return `the engine's ${head.startLine} is not of this soak`;
  return report === expected ? undefined : `the engine says "${report}", not "${expected}"`;
}

function bodyFault({ method, errand }: EngineAsk, check: BodyCheck): string | undefined {
  const bytes = method === "HEAD" ? 0 : errand.bytes;
  if (check.bytes !== bytes) return `a body of ${check.bytes} bytes in place of ${bytes}`;
  return check.isRight ? undefined : "a body with other bytes";
}

function framingOf(head: MessageHead) {
  if (head.framing === undefined) throw new Garbled("an answer without a length");
  return head.framing;
}

function methodOf(ask: Ask): string {
  return ask.kind === "own" ? ask.page.method : ask.method;
}

function statusOf(head: MessageHead): number {
  return Number(head.startLine.slice(9, 12));
}

function keepsConnection(head: MessageHead): boolean {
  return head.field("connection")?.toLowerCase() !== "close";
}
