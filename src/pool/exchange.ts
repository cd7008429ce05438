import { AiEngineError, type ConnectError, ProtocolError } from "../core/mod.ts";
import { type EncodedRequest, type HeadEvent, newBytes } from "../http1/mod.ts";
import { BodyCollector } from "./body_collector.ts";
import type { Connection } from "./connection.ts";
import type { KeptConnections } from "./kept_connections.ts";
import type { Peer } from "./peer.ts";
import type { ClientResponse, RequestOptions } from "./types.ts";
import type { Watch } from "./watch.ts";
import { WholeResponse } from "./whole_response.ts";

/** One request to be made, with everything it needs but a connection. */
export interface Job {
  readonly head: EncodedRequest;
  readonly body: Uint8Array;
  readonly limits: PhaseLimits;
  readonly peer: Peer;
  readonly watch: Watch;
  /** Where the connection goes after a whole answer. */
  readonly kept: KeptConnections;
  readonly onHead: RequestOptions["onHead"];
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

const NO_BYTES = new Uint8Array(0);

/** The final answer while it comes in. */
interface Answer {
  readonly begin: HeadEvent;
  readonly body: BodyCollector;
  readonly onPiece: ((piece: Uint8Array) => void) | undefined;
}

/**
 * One request and its answer on one connection. The answer is read while the rest of a large body is
 * still being written, and it decides: a peer that answers early and stops reading is heard, not
 * accused of the failed write. After `run` the connection is kept or closed.
 */
export class Exchange {
  readonly #connection: Connection;
  readonly #job: Job;
  /** What the first write was given. */
  #first: Uint8Array = NO_BYTES;
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
    const { kept, limits, watch } = this.#job;
    const connection = this.#connection;
    watch.onInterrupt(() => connection.close());
    let writing: Promise<void> | undefined;
    try {
      this.#written(await this.#writeFirst());
      if (this.#hasMoreToWrite) writing = this.#writeRest();
      else watch.enter("head", limits.headMs);
      let response: ClientResponse | undefined;
      while (response === undefined) {
        this.#received(await this.#read());
        response = this.#maybeResponse();
      }
      kept.giveBack(connection);
      // From here on it may be another request's, which must not be interrupted for this one.
      watch.end();
      return response;
    } catch (error) {
      connection.close();
      throw this.#explain(error);
    } finally {
      if (writing !== undefined) await writing;
    }
  }

  /**
   * One write, which tells whether the connection lives: head and the first of the body, joined. On
   * a fresh connection a failure is not the end: the peer may have answered before it closed.
   */
  #writeFirst(): Promise<number> {
    const { head, body, limits, watch } = this.#job;
    const { isFresh } = this.#connection;
    this.#first = join(this.#connection.begin(head), body);
    watch.enter("write", limits.writeIdleMs);
    const writing = this.#connection.write(this.#first);
    return isFresh ? writing.catch((error) => this.#writeFailed(error)) : writing;
  }

  get #hasMoreToWrite(): boolean {
    const { head, body } = this.#job;
    const isWhole = this.#writtenBytes === head.bytes.length + body.length;
    return !isWhole && this.#writeError === undefined;
  }

  /** Never rejects: after a failed write the reading side finds out how it ends. */
  async #writeRest(): Promise<void> {
    const { body, limits, watch } = this.#job;
    try {
      await this.#writeAll(this.#first.subarray(this.#writtenBytes));
      await this.#writeAll(body.subarray(JOINED_BODY_BYTES));
    } catch (error) {
      this.#writeFailed(error);
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

  /** Returns how many bytes were written: none. */
  #writeFailed(error: unknown): number {
    this.#writeError = error;
    return 0;
  }

  #written(count: number): void {
    this.#writtenBytes += count;
    this.#connection.codec.written(count);
  }

  /** Takes in what there is of the answer; `undefined` while it is not whole. */
  #maybeResponse(): ClientResponse | undefined {
    const { codec } = this.#connection;
    for (;;) {
      const outcome = codec.next();
      if (outcome.type === "need_data") return undefined;
      if (outcome.type === "head") this.#beginAnswer(outcome);
      if (outcome.type === "data") {
        this.#answer?.body.add(outcome.bytes);
        this.#answer?.onPiece?.(outcome.bytes);
      }
      if (outcome.type === "end" && this.#answer !== undefined) {
        return new WholeResponse(this.#answer.begin, this.#answer.body.finish());
      }
    }
  }

  #beginAnswer(begin: HeadEvent): void {
    const { limits: { maxBodyBytes }, onHead } = this.#job;
    const announcedBytes = begin.framing.kind === "length" ? begin.framing.bytes : 0;
    const body = new BodyCollector(maxBodyBytes, announcedBytes);
    const { status, fields } = begin.head;
    this.#answer = { begin, body, onPiece: onHead?.({ status, fields: fields.pairs() }) };
  }

  #read(): Promise<number | null> {
    const { limits, watch } = this.#job;
    if (this.#answer !== undefined) watch.enter("body", limits.bodyIdleMs);
    return this.#connection.read();
  }

  #received(count: number | null): void {
    const { peer, watch } = this.#job;
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
