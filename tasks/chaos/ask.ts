/** What the clients of the chaos ask, and the bytes of it. */
import { bodyBytes, LARGEST_BODY_BYTES } from "../soak/body_bytes.ts";
import type { Dice } from "../soak/dice.ts";
import { isReliable, type Role } from "./cast.ts";

/** One request. */
export type Ask =
  | EngineAsk
  /** That the configuration is read again, which `isGood` or has errors. */
  | { readonly kind: "reload"; readonly id: number; readonly isGood: boolean };

/** One to an engine or about it. */
export type EngineAsk = { readonly id: number; readonly engine: string } & What;

type What =
  /** To the engine by its name, or by its model; it answers with the same body. */
  | { readonly kind: "upstream" | "model"; readonly bytes: number; readonly as: Framing }
  /** One text by way of the API. */
  | { readonly kind: "input" }
  /** Something that is to be done with the engine. */
  | { readonly kind: "command"; readonly command: Command };

/** How the answer comes: of known length, in chunks, or in chunks one by one over seconds. */
type Framing = "length" | "chunked" | "dripped";

/** What is behind `/api/engines/NAME/`. */
export type Command =
  | "start"
  | "start?wait=false"
  | "stop"
  | "stop?force=true"
  | "restart"
  | "restart?wait=false";

const KINDS: readonly (readonly [weight: number, kind: "input" | "upstream" | "model"])[] = [
  [3, "input"],
  [4, "upstream"],
  [3, "model"],
];

const SIZES: readonly (readonly [weight: number, bytes: readonly [least: number, most: number]])[] =
  [[1, [0, 0]], [12, [1, 2_000]], [3, [2_001, 60_000]], [1, [60_001, LARGEST_BODY_BYTES / 4]]];

const encoder = new TextEncoder();
const anyText = new TextDecoder("latin1");

/** A request of a client. */
export function drawAsk(dice: Dice, role: Role, id: number): EngineAsk {
  const to = { id, engine: role.name };
  const kind = dice.pick(KINDS);
  if (kind === "input") return { ...to, kind };
  const [least, most] = dice.pick(SIZES);
  return { ...to, kind, bytes: dice.between(least, most), as: drawFraming(dice, role) };
}

/** Only who serves well can be told to take its time. */
function drawFraming(dice: Dice, role: Role): Framing {
  if (dice.roll() >= 0.3) return "length";
  return isReliable(role.character) ? "dripped" : "chunked";
}

/** The text of an input. */
export function inputText(id: number): string {
  return `"hello" <${id}> ü`;
}

/** The whole request; its connection is not used again. */
export function encodeAsk(ask: Ask): Uint8Array<ArrayBuffer> {
  const { target, body } = contentOf(ask);
  const head = encoder.encode(
    `POST ${target} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n` +
      `Content-Length: ${body.length}\r\nConnection: close\r\n\r\n`,
  );
  const whole = new Uint8Array(head.length + body.length);
  whole.set(head);
  whole.set(body, head.length);
  return whole;
}

export function contentOf(ask: Ask): { readonly target: string; readonly body: Uint8Array } {
  switch (ask.kind) {
    case "upstream": {
      const body = bodyBytes(ask.id, "up", ask.bytes);
      return { target: `/upstream/${ask.engine}/echo/${ask.id}/${ask.as}`, body };
    }
    case "model":
      return { target: `/v1/chat/completions?${ask.id}/${ask.as}`, body: chatBody(ask) };
    case "input": {
      const body = encoder.encode(JSON.stringify({ input: inputText(ask.id) }));
      return { target: `/api/engines/${ask.engine}/input`, body };
    }
    case "command":
      return { target: `/api/engines/${ask.engine}/${ask.command}`, body: new Uint8Array() };
    case "reload":
      return { target: "/api/config/reload", body: new Uint8Array() };
  }
}

/** The model stands before a text of any characters, or behind it. */
function chatBody(ask: Extract<EngineAsk, { kind: "upstream" | "model" }>): Uint8Array {
  const model = { model: ask.engine.toUpperCase() };
  const content = anyText.decode(bodyBytes(ask.id, "up", ask.bytes));
  const messages = { messages: [{ role: "user", content }] };
  const body = ask.id % 2 === 0 ? { ...model, ...messages } : { ...messages, ...model };
  return encoder.encode(JSON.stringify(body));
}
