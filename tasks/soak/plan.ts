/** What the clients of the soak do: one session after the other, drawn from a seed. */
import { LARGEST_BODY_BYTES } from "./body_bytes.ts";
import type { Dice } from "./dice.ts";
import type { Errand, How } from "./errand.ts";
import { OWN_PAGES, type OwnPage } from "./own_pages.ts";

export interface RequestBody {
  readonly kind: "none" | "length" | "chunked";
  readonly bytes: number;
}

/** A request to the engine. */
export interface EngineAsk {
  readonly kind: "engine";
  readonly id: number;
  readonly errand: Errand;
  readonly method: "GET" | "HEAD" | "POST";
  readonly body: RequestBody;
  /** Sends the body only after a 100. */
  readonly expects: boolean;
}

/** A request to the supervisor itself. */
export interface OwnAsk {
  readonly kind: "own";
  readonly id: number;
  readonly page: OwnPage;
}

export type Ask = EngineAsk | OwnAsk;

/**
 * When a client leaves: within its head, within its body, while it waits, with a part of the answer
 * read. `half` closes its sending side only, which counts as gone.
 */
export type Leave = "head" | "body" | "waiting" | "answer" | "half";

/** What happens on one connection. */
export type Session =
  /** One request after the other. */
  | { readonly kind: "kept"; readonly asks: readonly Ask[] }
  /** All at once, in one write. */
  | { readonly kind: "pipelined"; readonly asks: readonly Ask[] }
  /** One, with `Connection: close`. */
  | { readonly kind: "single"; readonly ask: Ask }
  /** One, whose answer is read slowly. */
  | { readonly kind: "slow"; readonly ask: EngineAsk }
  /** `share` of the part that `when` names goes by before the client leaves. */
  | {
    readonly kind: "leaving";
    readonly ask: EngineAsk;
    readonly when: Leave;
    readonly share: number;
  }
  /** An upgrade, and so many bytes there and back. */
  | { readonly kind: "tunnel"; readonly ask: EngineAsk; readonly bytes: number };

const KINDS = [
  [34, "kept"],
  [10, "pipelined"],
  [12, "single"],
  [2, "slow"],
  [14, "leaving"],
  [3, "tunnel"],
] as const;

const LEAVES = [[2, "head"], [3, "body"], [3, "waiting"], [3, "answer"], [3, "half"]] as const;

const METHODS = [[9, "GET"], [1, "HEAD"], [10, "POST"]] as const;

const HOWS: readonly (readonly [number, How])[] = [
  [44, "length"],
  [30, "chunked"],
  [6, "close"],
  [6, "hinted"],
  [8, "early"],
  [1, "cut_length"],
  [1, "cut_chunked"],
  // Rare: the supervisor waits half a second for the end of an engine that broke off.
  [0.2, "mute"],
];

/** Most bodies are small, some are as large as they get. */
const SIZES = [
  [15, [0, 0]],
  [45, [1, 1_024]],
  [25, [1_024, 8 * 1_024]],
  [10, [8 * 1_024, 64 * 1_024]],
  [2, [64 * 1_024, 256 * 1_024]],
  [0.3, [256 * 1_024, LARGEST_BODY_BYTES]],
  [0.1, [LARGEST_BODY_BYTES, LARGEST_BODY_BYTES]],
] as const;

const SLOW_SIZES = [[1, [64 * 1_024, 512 * 1_024]]] as const;
const PIPELINED_SIZES = [[1, [0, 0]], [4, [1, 4 * 1_024]]] as const;

type Sizes = readonly (readonly [number, readonly [least: number, most: number]])[];

/** Draws a session; its requests have the numbers from `firstId` on. */
export function drawSession(dice: Dice, firstId: number): Session {
  const kind = dice.pick(KINDS);
  const ask = (sizes: Sizes = SIZES) => drawEngineAsk(dice, { id: firstId, sizes });
  switch (kind) {
    case "kept":
      return { kind, asks: drawAsks(dice, { firstId, count: dice.between(3, 30), sizes: SIZES }) };
    case "pipelined":
      return {
        kind,
        asks: drawAsks(dice, { firstId, count: dice.between(2, 8), sizes: PIPELINED_SIZES }),
      };
    case "single":
      return { kind, ask: drawAsk(dice, { id: firstId, sizes: SIZES }) };
    case "slow":
      return { kind, ask: ask(SLOW_SIZES) };
    case "leaving":
      return { kind, ask: ask(), when: dice.pick(LEAVES), share: dice.roll() };
    case "tunnel":
      return { kind, ask: tunnelAsk(firstId), bytes: dice.between(1, 64 * 1_024) };
  }
}

/** How many requests a session makes. */
export function requestsOf(session: Session): number {
  return "asks" in session ? session.asks.length : 1;
}

interface AskWish {
  readonly id: number;
  readonly sizes: Sizes;
}

function drawAsks(
  dice: Dice,
  wish: { readonly firstId: number; readonly count: number; readonly sizes: Sizes },
): Ask[] {
  const { firstId, count, sizes } = wish;
  return Array.from({ length: count }, (_, at) => drawAsk(dice, { id: firstId + at, sizes }));
}

function drawAsk(dice: Dice, { id, sizes }: AskWish): Ask {
  if (dice.roll() < 0.06) return { kind: "own", id, page: dice.pick(OWN_PAGES) };
  return drawEngineAsk(dice, { id, sizes });
}

function drawEngineAsk(dice: Dice, { id, sizes }: AskWish): EngineAsk {
  const method = dice.pick(METHODS);
  const body = method === "POST" ? drawBody(dice, sizes) : NO_BODY;
  const how = dice.pick(HOWS);
  const errand = { id, bytes: drawSize(dice, sizes), how };
  const expects = body.bytes > 0 && dice.roll() < 0.1;
  return { kind: "engine", id, method, body, errand: mend(errand, method), expects };
}

/** An answer that is to be cut needs a part that is missing. */
function mend(errand: Errand, method: string): Errand {
  if (!errand.how.startsWith("cut")) return errand;
  if (method === "HEAD") return { ...errand, how: "length" };
  return { ...errand, bytes: Math.max(2, errand.bytes) };
}

const NO_BODY: RequestBody = { kind: "none", bytes: 0 };

function drawBody(dice: Dice, sizes: Sizes): RequestBody {
  return { kind: dice.roll() < 0.6 ? "length" : "chunked", bytes: drawSize(dice, sizes) };
}

function drawSize(dice: Dice, sizes: Sizes): number {
  const [least, most] = dice.pick(sizes);
  return dice.between(least, most);
}

function tunnelAsk(id: number): EngineAsk {
  const errand = { id, bytes: 0, how: "tunnel" } as const;
  return { kind: "engine", id, method: "GET", body: NO_BODY, errand, expects: false };
}
