import { type Clock, ConnectError, TimeoutError } from "../core/mod.ts";
import type { FieldList, HeadEvent, OutgoingRequest, ResponseHead } from "../http1/mod.ts";
import type { PooledConnection } from "../pool/mod.ts";
import type { EngineLease } from "../supervisor/mod.ts";
import type { AnswerWriter } from "./answer_writer.ts";
import type { ClientExchange } from "./client_exchange.ts";
import { ContinueWait } from "./continue_wait.ts";
import { responseSkips } from "./hop_by_hop.ts";
import { ClientBodyError, type RequestBody, type WritePace } from "./request_body.ts";
import { informationalHead } from "./response_head.ts";
import type { WireBuffers } from "./wire_buffers.ts";

/** How long an engine may take nothing of a request. */
const WRITE_IDLE_MS = 600_000;

/** A read that brought so much makes the next ones large. */
const FULL_READ_BYTES = 16 * 1024;

const CONTINUE = 100;

const NOTHING = () => {};

export interface RelayOptions {
  readonly connection: PooledConnection;
  readonly exchange: ClientExchange;
  readonly request: OutgoingRequest;
  readonly body: RequestBody;
  readonly answer: AnswerWriter;
  /** Asked when only the end of the connection tells the end of an answer. */
  readonly lease: Pick<EngineLease, "hasCrashed" | "failed">;
  readonly house: { readonly buffers: WireBuffers; readonly clock: Clock };
}

/**
 * One request and its answer over one connection to the engine, both directions side by side while the
 * request is not whole. The answer decides: an engine that answers early and stops reading is heard,
 * not accused of the failed write.
 */
export class Relay implements WritePace {
  readonly #options: RelayOptions;
  readonly #connection: PooledConnection;
  readonly #answer: AnswerWriter;
  readonly #continue: ContinueWait | undefined;
  #head: ResponseHead | undefined;
  /** The end of the connection is all that tells the end of the answer. */
  #endsUnsaid = false;
  /** For a large body: what is read into now, and what goes out. */
  #large: readonly [Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>] | undefined;
  #state: "running" | "over" | { readonly clientFault: unknown } = "running";

  constructor(options: RelayOptions) {
    this.#options = options;
    this.#connection = options.connection;
    this.#answer = options.answer;
    const { exchange, house } = options;
    this.#continue = exchange.expectsContinue ? new ContinueWait(house.clock) : undefined;
  }

  /**
   * Resolves when the client has the whole answer, or with the head of a 101. Throws what broke the
   * connection, or the client's body. Then the connection is the caller's to close or to take over.
   */
  async run(): Promise<ResponseHead | undefined> {
    const connection = this.#connection;
    try {
      connection.begin(this.#options.request);
      connection.limit("write", WRITE_IDLE_MS);
      // Head and the first of the body in one write.
      let isOut = true;
      try {
        await connection.write(this.#options.body.joined);
      } catch (error) {
        isOut = false;
        this.#checkBroken(error);
      }
      if (isOut) this.#wroteFirst();
      let outcome = connection.next();
      for (; outcome.type !== "end"; outcome = connection.next()) {
        if (outcome.type === "upgraded") return outcome.head;
        if (outcome.type === "informational") await this.#inform(outcome.head);
        else if (outcome.type === "head") this.#begin(outcome);
        else if (outcome.type === "data") this.#answer.add(outcome.bytes);
        else if (this.#large !== undefined && this.#answer.isPending) await this.#moveLarge();
        else {
          // What there is goes out before more is waited for.
          if (this.#answer.isPending) await this.#answer.flush();
          this.#limitBody();
          this.#tookIn(await connection.read());
        }
      }
      if (this.#endsUnsaid) await this.#checkEnd();
      await this.#sendEnd(outcome.trailers);
      this.#endConnection();
      return undefined;
    } catch (error) {
      throw typeof this.#state === "object" ? this.#state.clientFault : error;
    } finally {
      if (this.#state === "running") this.#state = "over";
      this.#continue?.end();
    }
  }

  #wroteFirst(): void {
    const { body, request } = this.#options;
    if (!body.isRead) return detach(this.#pump());
    if (request.body.kind === "chunked") this.#connection.sendEnd();
    this.#connection.limit("head", this.#connection.limits.headMs);
  }

  /** A first write that failed is not the end: the engine may have answered before it closed. */
  #checkBroken(error: unknown): void {
    const connection = this.#connection;
    const isUnsent = connection.isReused && connection.writtenBytes === 0;
    if (isUnsent || error instanceof TimeoutError) throw error;
    connection.limit("head", connection.limits.headMs);
  }

  /** Writes the rest of the body. Never rejects: how it ends is found out by who reads the answer. */
  async #pump(): Promise<void> {
    const connection = this.#connection;
    try {
      connection.unlimit();
      await this.#continue?.over;
      if (this.#state !== "running") return;
      await this.#options.body.writeRest(connection, this);
      this.#limitHead();
    } catch (error) {
      if (!(error instanceof ClientBodyError) || this.#state !== "running") {
        return this.#limitHead();
      }
      this.#state = { clientFault: error.cause };
      connection.close();
    }
  }

  /** While there is no answer the engine has to take what the client sends. */
  waits(): void {
    if (this.#head === undefined) this.#connection.unlimit();
  }

  writes(): void {
    if (this.#head === undefined) this.#connection.limit("write", WRITE_IDLE_MS);
  }

  #limitHead(): void {
    if (this.#head === undefined) this.#connection.limit("head", this.#connection.limits.headMs);
  }

  /** Reads on while what there is goes out: half the turns of the loop for a large body. */
  async #moveLarge(): Promise<void> {
    const [here, next] = this.#large ?? [];
    if (here === undefined || next === undefined) return;
    this.#large = [next, here];
    const reading = this.#connection.read(next);
    // Heard of below, should the client not be gone by then.
    reading.catch(NOTHING);
    await this.#answer.flush();
    this.#limitBody();
    this.#tookIn(await reading);
  }

  #limitBody(): void {
    const connection = this.#connection;
    if (this.#head !== undefined) connection.limit("body", connection.limits.bodyIdleMs);
  }

  /** No time counts while the client reads; a large body comes in large pieces. */
  #tookIn(count: number): void {
    if (this.#head === undefined) return;
    this.#connection.unlimit();
    const { buffers } = this.#options.house;
    if (count >= FULL_READ_BYTES) this.#large ??= [buffers.takeLarge(), buffers.takeLarge()];
  }

  async #inform(head: ResponseHead): Promise<void> {
    await this.#options.exchange.inform(head.status, informationalHead(head));
    if (head.status === CONTINUE) this.#continue?.end();
  }

  #begin(event: HeadEvent): void {
    this.#head = event.head;
    this.#options.exchange.record.answers(event.head.status);
    if (isGatewayFailure(event.head.status)) this.#options.lease.failed("gateway");
    this.#endsUnsaid = event.framing.kind === "until_close";
    this.#connection.unlimit();
    this.#answer.begin(event, this.#options.house.clock);
  }

  /**
   * The connections of a process that dies end as tidily as those of one that has said all: the end
   * counts only when it is not the process' own.
   */
  async #checkEnd(): Promise<void> {
    if (!await this.#options.lease.hasCrashed()) return;
    throw new ConnectError("upstream_failed", "after_send", {
      detail: "The engine's process died, with which its answer ended.",
      remedy: "Read the engine's last output lines; send the request again.",
    });
  }

  #sendEnd(trailers: FieldList): Promise<void> {
    const head = this.#head;
    const skips = trailers.size > 0 && head !== undefined
      ? responseSkips(head.fields, trailers)
      : undefined;
    const sending = this.#answer.end(trailers, skips);
    // A small answer was copied on its way, so that the next request need not wait for its client.
    if (this.#answer.hasCopied) this.#endConnection();
    return sending;
  }

  /** The answer is whole. A request that is not goes no further, and its connection ends with it. */
  #endConnection(): void {
    if (this.#connection.isSent) this.#connection.giveBack();
    else this.#connection.close();
    for (const buffer of this.#large ?? []) this.#options.house.buffers.giveBackLarge(buffer);
    this.#large = undefined;
  }
}

/** Of what is behind the engine; 503 and 429 say that it is busy, no more. */
function isGatewayFailure(status: number): boolean {
  return status === 502 || status === 504;
}

/** Takes care of a promise that never rejects and that nobody waits for. */
function detach(promise: Promise<void>): void {
  promise.catch((error) => {
    throw error;
  });
}
