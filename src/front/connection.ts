import { type AccessRules, decide, openedTo } from "../access/mod.ts";
import {
  type AcceptedStream,
  type AiEngineError,
  ERROR_TABLE,
  toAiEngineError,
} from "../core/mod.ts";
import { RequestFault } from "../http1/mod.ts";
import { fieldText, RequestAccess } from "./access_head.ts";
import { clientLeft } from "./client_left.ts";
import { openAnswer, preflightAnswer } from "./cors.ts";
import { Exchange } from "./exchange.ts";
import type { FairnessGate, Slot } from "./fairness_gate.ts";
import type { ErrorAsk, FrontOptions } from "./front_options.ts";
import { type Answerable, sendResponse } from "./own_answer.ts";
import { toOwnRequest } from "./own_request.ts";
import { Wire, type WireOptions } from "./wire.ts";

export interface ConnectionOptions extends WireOptions, AccessRules {
  readonly gate: FairnessGate;
  /** Told once when a connection is closed, by whom ever. */
  readonly onClosed: (connection: Connection) => void;
  readonly front: Pick<FrontOptions, "gateway" | "ours" | "renderError" | "onFault">;
}

/** Of what can't be read. */
const NOTHING_READ: Omit<ErrorAsk, "status"> = { accept: null, path: null, requestId: null };

/** Serves one client: its requests one after the other, each answered whole or visibly cut. */
export class Connection {
  readonly #options: ConnectionOptions;
  readonly #wire: Wire;
  /** The turn of the request that is read or answered. */
  #slot: Slot | undefined;
  #exchange: Exchange | undefined;
  #isBetween = true;
  /** When the head that has begun must be whole. */
  #headBy: number | undefined;
  #isRetiring = false;
  #closed: PromiseWithResolvers<void> | undefined;

  constructor(stream: AcceptedStream, options: ConnectionOptions) {
    this.#options = options;
    this.#wire = new Wire(stream, options, () => {
      this.#closed?.resolve();
      options.onClosed(this);
    });
  }

  /** Resolves when the connection is closed. Made when it is asked for: most are never waited for. */
  get closed(): Promise<void> {
    this.#closed ??= Promise.withResolvers();
    if (this.#wire.isClosed) this.#closed.resolve();
    return this.#closed.promise;
  }

  /** Serves until the connection ends, which it has when this settles. */
  async run(): Promise<void> {
    try {
      await this.#serve();
    } catch (error) {
      if (!(error instanceof RequestFault)) throw error;
      await this.refuse(error);
    } finally {
      this.#endTurn();
      this.#wire.close();
    }
  }

  /**
   * One request after the other. What may be there at once is not awaited, and a request has no async
   * function of its own: every turn of the loop is felt at full speed. It lives as long as the
   * connection and keeps what it held at its last wait, so it holds nothing of a request.
   */
  async #serve(): Promise<void> {
    const { codec } = this.#wire;
    for (;;) {
      if (codec.bufferedBytes > 0 && this.#slot === undefined) {
        // Before anything is made of the bytes: who waits here holds nothing else.
        const entered = this.#options.gate.enter();
        this.#slot = entered instanceof Promise ? await entered : entered;
        if (this.#wire.isClosed) return;
      }
      const next = this.#next();
      if (next === "over") return;
      if (next === "request") {
        try {
          await this.#answer();
        } catch (error) {
          await this.#explain(error);
        }
        const isFit = this.#finish();
        if (!(isFit instanceof Promise ? await isFit : isFit)) return;
      } else {
        await this.#wire.awaitHead(this.#headBy ?? this.#wire.in(this.#wire.limits.idleMs));
        if (this.#wire.reader.hasEnded) return;
        this.#isBetween = false;
      }
    }
  }

  /** What there is to do; a request is begun by it. */
  #next(): "request" | "wait" | "over" {
    const event = this.#wire.codec.next();
    if (event.type !== "head") {
      return event.type === "need_data" && this.#mayWait() ? "wait" : "over";
    }
    this.#headBy = undefined;
    this.#exchange = new Exchange({ wire: this.#wire, event, isLast: this.#isLast });
    return "request";
  }

  /** The request that is answered. */
  get #current(): Exchange {
    if (this.#exchange === undefined) throw new TypeError("There is no request");
    return this.#exchange;
  }

  /** Before a wait for bytes of a request; `false` = no other one is taken. */
  #mayWait(): boolean {
    const { codec, limits, reader } = this.#wire;
    this.#isBetween = codec.isIdle;
    if (!this.#isBetween) {
      this.#headBy ??= this.#wire.in(limits.headMs);
      return true;
    }
    reader.rest();
    return !this.#isRetiring;
  }

  /** Answers `error` unasked, then ends the connection. */
  async refuse(error: AiEngineError): Promise<void> {
    try {
      await this.#sendError(this.#faultAnswer(), error, NOTHING_READ);
      await this.#wire.linger();
    } catch {
      // It is gone already.
    } finally {
      this.#wire.close();
    }
  }

  /** Takes no other request: ends the connection now, or after the answer under way. */
  retire(): void {
    this.#isRetiring = true;
    if (this.#isBetween) this.#wire.close();
  }

  /** Ends the connection at once, whatever is on its way. */
  close(): void {
    this.#wire.cut();
  }

  /** Answers one request; rejects with what is to be told in place of an answer. */
  #answer(): Promise<void> {
    const exchange = this.#current;
    const { gateway } = this.#options.front;
    if (this.#admit(exchange) === "preflight") {
      return sendResponse(exchange, preflightAnswer(exchange.request));
    }
    return gateway.isFor(exchange.request) ? gateway.forward(exchange) : this.#answerOurs(exchange);
  }

  /** After an answer, however it ended; `false` = the connection is over. */
  #finish(): boolean | Promise<boolean> {
    const exchange = this.#current;
    this.#endTurn();
    exchange.finish();
    this.#exchange = this.#wire.guest = undefined;
    if (exchange.isTaken) return this.closed.then(() => false);
    return exchange.isWhole && (this.#isFit(exchange) || this.#settle(exchange));
  }

  #endTurn(): void {
    if (this.#slot !== undefined) this.#options.gate.leave(this.#slot);
    this.#slot = undefined;
  }

  readonly #isLast = () => this.#isRetiring;

  /** Throws why the request may not be made at all. */
  #admit(exchange: Exchange): "ok" | "preflight" {
    const head = new RequestAccess(exchange.request);
    const decision = decide(head, this.#options);
    const origin = this.#options.origins === undefined ? null : openedTo(head, this.#options);
    if (origin !== null) {
      exchange.openBy((bytes) => openAnswer(bytes, origin, decision.kind === "preflight"));
    }
    if (decision.kind === "refused") throw decision.error;
    return decision.kind;
  }

  async #answerOurs(exchange: Exchange): Promise<void> {
    const { listener, front } = this.#options;
    const gone = new AbortController();
    const { signal } = gone;
    exchange.onGone(() => gone.abort(clientLeft()));
    const request = toOwnRequest(exchange, signal);
    const { clientAddress, record } = exchange;
    const cut = () => {
      if (exchange.isWhole) return;
      exchange.cut();
      gone.abort(clientLeft());
    };
    const context = { listener, clientAddress, signal, record, cut };
    const response = await front.ours(request, context);
    if (signal.aborted) await response.body?.cancel(signal.reason);
    else await sendResponse(exchange, response, signal);
  }

  /** Tells the client what went wrong while that is possible; else ends what was begun. */
  async #explain(error: unknown): Promise<void> {
    const exchange = this.#current;
    if (exchange.isGone) return;
    try {
      if (exchange.hasBegun) throw error;
      const { request } = exchange;
      const accept = fieldText(request.fields, "accept");
      const { path } = new RequestAccess(request);
      const { id: requestId } = exchange.record;
      await this.#sendError(exchange, toAiEngineError(error), { accept, path, requestId });
    } catch (failure) {
      if (!exchange.isGone) this.#options.front.onFault(failure);
      exchange.cut();
    }
  }

  async #sendError(
    to: Answerable,
    error: AiEngineError,
    ask: Omit<ErrorAsk, "status">,
  ): Promise<void> {
    const status = error instanceof RequestFault
      ? error.status
      : ERROR_TABLE[error.code].status ?? 500;
    await sendResponse(to, await this.#options.front.renderError(error, { ...ask, status }));
  }

  /** How an answer goes out that answers no request. */
  #faultAnswer(): Answerable {
    const { codec, writer } = this.#wire;
    return {
      planResponse: (wish) => codec.planResponse({ ...wish, close: true }),
      send: (bytes) => writer.write(bytes),
    };
  }

  /** Whether the next request may follow. */
  #isFit({ isRequestWhole }: Exchange): boolean {
    return isRequestWhole && this.#wire.codec.isReusable && !this.#isRetiring;
  }

  /** After a whole answer: makes the connection fit for the next request, or ends it. */
  async #settle(exchange: Exchange): Promise<boolean> {
    const { codec, reader } = this.#wire;
    const isRequestWhole = exchange.isRequestWhole || await exchange.discardBody();
    if (isRequestWhole && this.#isFit(exchange)) return true;
    // Closed while something of the client's is unread, the system would take the answer back.
    const isUnread = !isRequestWhole || codec.bufferedBytes > 0 || reader.holdsBytes;
    if (isUnread) await this.#wire.linger();
    return false;
  }
}
