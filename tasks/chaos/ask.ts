/** What the clients of the chaos ask, and the bytes of it. */
import { bodyBytes, LARGEST_BODY_BYTES } from "../soak/body_bytes.ts";
import type { Dice } from "../soak/dice.ts";

/** The name that the program gives to bad_engine.py. */
export const ENGINE = "bad_engine";

/** One request. */
export type Ask =
  /** To the engine, which answers with the same body, of known length or in chunks. */
  | { readonly kind: "upstream"; readonly id: number; readonly bytes: number; readonly as: Framing }
  /** One text by way of the API. */
  | { readonly kind: "input"; readonly id: number }
  /** Something that is to be done with the engine. */
  | { readonly kind: "command"; readonly id: number; readonly command: Command };

type Framing = "length" | "chunked";

/** What is behind `/api/engines/NAME/`. */
export type Command =
  | "start"
  | "start?wait=false"
  | "stop"
  | "stop?force=true"
  | "restart"
  | "restart?wait=false";

const SIZES: readonly (readonly [weight: number, bytes: readonly [least: number, most: number]])[] =
  [[1, [0, 0]], [12, [1, 2_000]], [3, [2_001, 60_000]], [1, [60_001, LARGEST_BODY_BYTES / 4]]];

const encoder = new TextEncoder();

/** A request of a client. */
export function drawAsk(dice: Dice, id: number): Ask {
  if (dice.roll() < 0.3) return { kind: "input", id };
  const [least, most] = dice.pick(SIZES);
  const as = dice.roll() < 0.3 ? "chunked" : "length";
  return { kind: "upstream", id, bytes: dice.between(least, most), as };
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

function contentOf(ask: Ask): { readonly target: string; readonly body: Uint8Array } {
  switch (ask.kind) {
    case "upstream": {
      const body = bodyBytes(ask.id, "up", ask.bytes);
      return { target: `/upstream/${ENGINE}/echo/${ask.id}/${ask.as}`, body };
    }
    case "input": {
      const body = encoder.encode(JSON.stringify({ input: inputText(ask.id) }));
      return { target: `/api/engines/${ENGINE}/input`, body };
    }
    case "command":
      return { target: `/api/engines/${ENGINE}/${ask.command}`, body: new Uint8Array() };
  }
}
