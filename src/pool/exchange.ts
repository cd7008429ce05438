import { AiEngineError, type ConnectError, ProtocolError } from "../core/mod.ts";
import { type EncodedRequest, type HeadEvent, newBytes, type ResponseHead } from "../http1/mod.ts";
import { BodyCollector } from "./body_collector.ts";
import type { Connection } from "./connection.ts";
import type { Peer } from "./peer.ts";
import type { ClientResponse } from "./types.ts";
import type { Watch } from "./watch.ts";
import { WholeResponse } from "./whole_response.ts";

/** One request to be made, with everything it needs but a connection. */
export interface Job {
  readonly head: EncodedRequest;
  readonly body: Uint8Array;
  readonly limits: PhaseLimits;
  readonly peer: Peer;
  readonly watch: Watch;
}

/** Limits of one exchange, all given. Milliseconds; see `ExchangeLimits`. */
export interface PhaseLimits {
  readonly writeIdleMs: number;
  readonly headMs: number;
  readonly bodyIdleMs: number;
  readonly maxBodyBytes: number;
}

/** As much of a body goes into one write with its head. */
const JOINED_BODY_BYTES = 64 * 1024;

const NOTHING_LEFT: readonly Uint8Array[] = [];

/** The final answer while it comes in. */
interface Answer {
  readonly head: ResponseHead;
  readonly body: BodyCollector;
}

/**
 * One request and its answer on one connection. The answer is read while the rest of a large body is
 * still being written, and it decides: a peer that answers early and stops reading is heard, not
 * accused of the failed write. After `run` the connection is reusable or closed.
 */
export class Exchange {
  readonly #connection: Connection;
  readonly #job: Job;
  #writtenBytes = 0;
  #writeError: unknown;
  #hasAnswerBytes = false;
  #answer: Answer | undefined;

  constructor(connection: Connection, job: Job) {
    this.#connection = connection;
    this.#job = job;
  }

  /** Throws one of our errors or the caller's reason; then the connection is closed. */
  async run(): Promise<ClientResponse> {
    const { limits, watch } = this.#job;
    watch.onInterrupt(() => this.#connection.close());
    let writing: Promise<void> | undefined;
    try {
      const rest = await this.#writeFirst();
      if (rest.length > 0) writing = this.#writeRest(rest);
      else watch.enter("head", limits.headMs);
      return await this.#read();
    } catch (error) {
      this.#connection.close();
      throw this.#explain(error);
    } finally {
      if (!this.#connection.codec.isReusable) this.#connection.close();
      if (writing !== undefined) await writing;
    }
  }

  /**
   * One write, which tells whether the connection lives: head and the first of the body, joined.
   * Returns what is left. On a fresh connection a failure is not the end: the peer may have answered
   * before it closed.
   */
  async #writeFirst(): Promise<readonly Uint8Array[]> {
    const { head, body, limits, watch } = this.#job;
    const { isFresh } = this.#connection;
    const joined = join(this.#connection.begin(head), body);
    watch.enter("write", limits.writeIdleMs);
    try {
      this.#written(await this.#connection.write(joined));
    } catch (error) {
      if (!isFresh) throw error;
      this.#writeError = error;
      return NOTHING_LEFT;
    }
    if (this.#writtenBytes === head.bytes.length + body.length) return NOTHING_LEFT;
    return [joined.subarray(this.#writtenBytes), body.subarray(JOINED_BODY_BYTES)];
  }

  /** Never rejects: after a failed write the reading side finds out how it ends. */
  async #writeRest(pieces: readonly Uint8Array[]): Promise<void> {
    const { limits, watch } = this.#job;
    try {
      for (const piece of pieces) await this.#writeAll(piece);
    } catch (error) {
      this.#writeError = error;
    }
    if (this.#answer === undefined) watch.enter("head", limits.headMs);
  }

  async #writeAll(piece: Uint8Array): Promise<void> {
    const { limits, watch } = this.#job;
    for (let at = 0; at < piece.length;) {
      const count = await this.#connection.write(piece.subarray(at));
      this.#written(count);
      at += count;
      if (this.#answer === undefined) watch.enter("write", limits.writeIdleMs);
    }
  }

  #written(count: number): void {
    this.#writtenBytes += count;
    this.#connection.codec.written(count);
  }

  async #read(): Promise<ClientResponse> {
    const { codec } = this.#connection;
    for (;;) {
      const outcome = codec.next();
      if (outcome.type === "need_data") await this.#readMore();
      if (outcome.type === "head") this.#beginAnswer(outcome);
      if (outcome.type === "data") this.#answer?.body.add(outcome.bytes);
      if (outcome.type === "end" && this.#answer !== undefined) {
        return new WholeResponse(this.#answer.head, this.#answer.body.finish());
      }
    }
  }

  #beginAnswer({ head, framing }: HeadEvent): void {
    const { maxBodyBytes } = this.#job.limits;
    const announcedBytes = framing.kind === "length" ? framing.bytes : 0;
    this.#answer = { head, body: new BodyCollector(maxBodyBytes, announcedBytes) };
  }

  async #readMore(): Promise<void> {
    const { limits, peer, watch } = this.#job;
    if (this.#answer !== undefined) watch.enter("body", limits.bodyIdleMs);
    const count = await this.#connection.read();
    // A stream that was closed under us may say end-of-file; that must not end a body tidily.
    watch.throwIfInterrupted();
    if (count === null && !this.#hasAnswerBytes) {
      throw peer.brokeOff(this.#stage, { when: "without an answer", cause: this.#writeError });
    }
    this.#hasAnswerBytes = true;
    this.#connection.received(count);
  }

  /** Whether the peer may have some of the request. */
  get #stage(): ConnectError["stage"] {
    return this.#writtenBytes === 0 ? "before_send" : "after_send";
  }

  #explain(error: unknown): unknown {
    const { peer, watch } = this.#job;
    if (watch.interruption !== undefined) return watch.interruption.reason;
    if (error instanceof ProtocolError) return peer.brokeRule(error);
    if (error instanceof AiEngineError) return error;
    const when = this.#hasAnswerBytes ? "in the middle of an answer" : "without an answer";
    return peer.brokeOff(this.#stage, { when, cause: this.#writeError ?? error });
  }
}

/** The head and as much of the body as goes with it. */
function join(head: Uint8Array, body: Uint8Array): Uint8Array {
  if (body.length === 0) return head;
  const first = body.subarray(0, JOINED_BODY_BYTES);
  const joined = newBytes(head.length + first.length);
  joined.set(head);
  joined.set(first, head.length);
  return joined;
}
