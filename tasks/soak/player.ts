/** Plays sessions, one after the other. */
import { type Answered, readAnswer } from "./answer.ts";
import { bodyBytes, BodyCheck } from "./body_bytes.ts";
import { Client, type ClientOptions } from "./client.ts";
import type { Ask, EngineAsk, Session } from "./plan.ts";
import { joined, requestBytes } from "./request_bytes.ts";
import type { Verdict } from "./verdict.ts";
import type { Watch } from "./watch.ts";

const BUFFER_BYTES = 64 * 1_024;
/** A client that takes an answer in many small reads. */
const SMALL_BUFFER_BYTES = 4 * 1_024;
const SLOW_MS = 1;
/** The supervisor reads as much of a body that nobody wanted. */
const DISCARDED_BYTES = 200 * 1_024;

export interface PlayerOptions {
  readonly address: Deno.ConnectOptions;
  readonly watch: Watch;
  readonly verdict: Verdict;
}

export class Player {
  readonly #options: PlayerOptions;
  readonly #buffer = new Uint8Array(BUFFER_BYTES);
  readonly #smallBuffer = new Uint8Array(SMALL_BUFFER_BYTES);

  constructor(options: PlayerOptions) {
    this.#options = options;
  }

  /** Every request of the session is accounted for when this resolves. */
  async play(session: Session): Promise<void> {
    switch (session.kind) {
      case "kept":
        return await this.#playKept(session.asks);
      case "pipelined":
        return await this.#playPipelined(session.asks);
      case "single":
        return await this.#playSingle(session.ask);
      case "slow":
        return await this.#playSlow(session.ask);
      case "leaving":
        return await this.#playLeaving(session);
      case "tunnel":
        return await this.#playTunnel(session.ask, session.bytes);
    }
  }

  async #playKept(asks: readonly Ask[]): Promise<void> {
    for (let at = 0; at < asks.length;) {
      await using client = await this.#open();
      for (let isKept = true; isKept && at < asks.length; at++) {
        const ask = asks[at];
        if (ask !== undefined) isKept = await this.#ask(client, ask, false);
      }
    }
  }

  async #playSingle(ask: Ask): Promise<void> {
    await using client = await this.#open();
    const isKept = await this.#ask(client, ask, true);
    if (isKept) this.#options.verdict.fail(ask, "no close, though it was asked for");
  }

  async #playSlow(ask: EngineAsk): Promise<void> {
    await using client = await this.#open({
      buffer: this.#smallBuffer,
      pace: () => new Promise((resolve) => setTimeout(resolve, SLOW_MS)),
    });
    await this.#ask(client, ask, false);
  }

  async #playPipelined(asks: readonly Ask[]): Promise<void> {
    await using client = await this.#open();
    const since = performance.now();
    const all = asks.flatMap((ask) => {
      const { head, body } = requestBytes(ask, false);
      return [head, body];
    });
    client.send(joined(all));
    for (const [at, ask] of asks.entries()) {
      const answered = await readAnswer(client.reader, ask);
      const { isOverdue } = client;
      if (this.#options.verdict.judge(ask, answered, { since, isOverdue })) continue;
      return this.#options.verdict.passBehindEnd(asks.length - at - 1);
    }
  }

  async #playLeaving(
    { ask, when, share }: Extract<Session, { kind: "leaving" }>,
  ): Promise<void> {
    const { verdict } = this.#options;
    const since = performance.now();
    let readsLeft = when === "answer"
      ? Math.ceil(share * (1 + ask.errand.bytes / 2_048))
      : Infinity;
    await using client = await this.#open({
      buffer: this.#smallBuffer,
      pace: (reading) => Promise.resolve(readsLeft-- > 0 ? undefined : reading.close()),
    });
    const { head, body } = requestBytes(ask, false);
    const all = joined([head, body]);
    client.send(all.subarray(0, sentBytes({ when, share, head, body })));
    let answered: Answered | undefined;
    if (when === "half") await client.closeWrite();
    if (when === "answer" || when === "half") answered = await readAnswer(client.reader, ask);
    else if (when === "waiting" && share > 0.5) await pause(share);
    else await client.sent;
    verdict.judgeLeft(ask, answered, { since, isOverdue: client.isOverdue });
  }

  async #playTunnel(ask: EngineAsk, bytes: number): Promise<void> {
    const { verdict } = this.#options;
    await using client = await this.#open();
    const since = performance.now();
    const switched = await client.exchange(ask, requestBytes(ask, false));
    const echoed = switched.kind === "switched" ? await echo(client, ask, bytes) : switched;
    verdict.judge(ask, echoed, { since, isOverdue: client.isOverdue });
  }

  /** `true` = the connection may carry another request. */
  async #ask(client: Client, ask: Ask, closes: boolean): Promise<boolean> {
    const since = performance.now();
    const answered = await client.exchange(ask, requestBytes(ask, closes));
    const { isOverdue } = client;
    const isKept = this.#options.verdict.judge(ask, answered, { since, isOverdue });
    return isKept && !mayEndUnasked(ask);
  }

  #open(options: Partial<Pick<ClientOptions, "buffer" | "pace">> = {}): Promise<Client> {
    const { address, watch } = this.#options;
    return Client.open({ address, watch, buffer: this.#buffer, ...options });
  }
}

/**
 * An answer that comes before the body was read can't tell, when that is chunked, whether too much of
 * it will be left to go on: the connection may end behind it, as RFC 9112 section 9.5 allows.
 */
function mayEndUnasked(ask: Ask): boolean {
  if (ask.kind === "own" || ask.body.kind !== "chunked") return false;
  return ask.body.bytes > DISCARDED_BYTES;
}

/** Sends bytes through a tunnel; every one of them has to come back. */
async function echo(client: Client, ask: EngineAsk, bytes: number): Promise<Answered> {
  const check = new BodyCheck(ask.id, "up");
  client.send(bodyBytes(ask.id, "up", bytes));
  while (check.bytes < bytes) {
    const piece = await client.reader.piece();
    if (piece === undefined) return { kind: "cut", begun: true };
    check.take(piece);
  }
  const isRight = check.isRight && check.bytes === bytes;
  return isRight ? { kind: "switched" } : { kind: "wrong", why: "other bytes than were sent" };
}

/** How much of a request goes out before its client leaves. */
function sentBytes({ when, share, head, body }: {
  readonly when: string;
  readonly share: number;
  readonly head: Uint8Array;
  readonly body: Uint8Array;
}): number {
  if (when === "head") return Math.floor(share * head.length);
  if (when === "body") return head.length + Math.floor(share * body.length);
  const isPart = when === "half" && share > 0.7;
  return isPart ? Math.floor(share * (head.length + body.length)) : head.length + body.length;
}

/** Some turns of the event loop, or a moment. */
async function pause(share: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, share < 0.75 ? 0 : 2));
}
