/**
 * Answers that are read while they come, as slowly as their reader likes: streams without an end.
 *
 * @module
 */
import { encodeRequestHead } from "../http1/mod.ts";
import type {
  AnswerHead,
  ClientRequest,
  ExchangeLimits,
  Field,
  InstancePool,
  PooledConnection,
} from "./types.ts";

/** An answer of which the body is still to come. Its connection is used for nothing else. */
export interface OpenAnswer extends AnswerHead {
  /**
   * Pieces of the body, each valid until the next is asked for. Throws as `InstanceClient.request`
   * does; whoever stops early closes the connection.
   */
  readonly body: AsyncIterable<Uint8Array>;
  /** Idempotent. */
  close(): void;
}

export interface OpenOptions extends Pick<ExchangeLimits, "headMs" | "bodyIdleMs"> {
  readonly signal?: AbortSignal;
}

/** Sends `request` on a connection of its own; resolves with the head of its answer. */
export async function openAnswer(
  pool: InstancePool,
  request: ClientRequest,
  options: OpenOptions = {},
): Promise<OpenAnswer> {
  const { signal } = options;
  const connection = await pool.lease({ fresh: true, ...(signal === undefined ? {} : { signal }) });
  const reader = new AnswerReader(connection, options);
  return await reader.open(request);
}

class AnswerReader {
  readonly #connection: PooledConnection;
  readonly #options: OpenOptions;
  readonly #onAbort = () => this.#connection.close();

  constructor(connection: PooledConnection, options: OpenOptions) {
    this.#connection = connection;
    this.#options = options;
    options.signal?.addEventListener("abort", this.#onAbort, { once: true });
  }

  async open({ method, target, fields = [], body }: ClientRequest): Promise<OpenAnswer> {
    const connection = this.#connection;
    const { headMs } = { ...connection.limits, ...this.#options };
    try {
      this.#options.signal?.throwIfAborted();
      const length: readonly Field[] = body === undefined
        ? []
        : [["Content-Length", String(body.length)]];
      const all: Field[] = [["Host", "localhost"], ...fields, ...length, ["Connection", "close"]];
      const head = encodeRequestHead({ method, target, fields: all });
      connection.begin({
        method,
        headBytes: head.bytes.length,
        body: body === undefined ? { kind: "none" } : { kind: "length", bytes: body.length },
        saysClose: true,
      });
      connection.limit("head", headMs);
      await connection.write(head.bytes);
      if (body !== undefined && body.length > 0) await connection.write(body);
      return { ...await this.#head(), body: this.#body(), close: () => this.#end() };
    } catch (error) {
      throw this.#fail(error);
    }
  }

  async #head(): Promise<AnswerHead> {
    for (;;) {
      const outcome = this.#connection.next();
      if (outcome.type === "need_data") await this.#connection.read();
      if (outcome.type !== "head") continue;
      const { status, fields } = outcome.head;
      return { status, fields: fields.pairs() };
    }
  }

  async *#body(): AsyncGenerator<Uint8Array, void, undefined> {
    const connection = this.#connection;
    const { bodyIdleMs } = { ...connection.limits, ...this.#options };
    try {
      for (let outcome = connection.next(); outcome.type !== "end"; outcome = connection.next()) {
        if (outcome.type === "data") yield outcome.bytes;
        if (outcome.type !== "need_data") continue;
        connection.limit("body", bodyIdleMs);
        await connection.read();
        connection.unlimit();
      }
    } catch (error) {
      throw this.#fail(error);
    } finally {
      this.#end();
    }
  }

  /** Why it broke off: the caller's own wish goes before what came of it. */
  #fail(error: unknown): unknown {
    this.#end();
    const { signal } = this.#options;
    return signal?.aborted === true ? signal.reason : error;
  }

  #end(): void {
    this.#options.signal?.removeEventListener("abort", this.#onAbort);
    this.#connection.close();
  }
}
