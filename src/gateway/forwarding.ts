import {
  cancelledByHand,
  type Clock,
  ConnectError,
  type RequestRecord,
  TimeoutError,
  toAiEngineError,
} from "../core/mod.ts";
import type { OutgoingRequest, ResponseHead, WireBuffer } from "../http1/mod.ts";
import type { PooledConnection } from "../pool/mod.ts";
import type { EngineLease, SupervisorApi } from "../supervisor/mod.ts";
import { AnswerWriter } from "./answer_writer.ts";
import type { ClientExchange } from "./client_exchange.ts";
import { Relay } from "./relay.ts";
import { RequestBody } from "./request_body.ts";
import { type Errand, writeRequestHead } from "./request_head.ts";
import { switchingHead } from "./response_head.ts";
import { runTunnel, type TunnelHold } from "./tunnel.ts";
import type { Via } from "./via.ts";
import type { WireBuffers } from "./wire_buffers.ts";

/** What may be sent twice: a second one changes nothing (RFC 9110 section 9.2.1). */
const REPEATABLE: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS", "TRACE"]);

/** Nobody is told it; the `DOMException` that there is without it takes longer than to close both ends. */
const LEFT = "the client left";

/** What all exchanges share. */
export interface ForwardingHouse {
  readonly supervisor: Pick<SupervisorApi, "lease">;
  readonly clock: Clock;
  readonly via: Via;
  readonly buffers: WireBuffers;
}

/** One request to one engine, from its admission to the end of its answer, however it ends. */
export class Forwarding {
  readonly #exchange: ClientExchange;
  readonly #errand: Errand;
  readonly #record: RequestRecord;
  readonly #house: ForwardingHouse;
  readonly #abort = new AbortController();
  readonly #up: WireBuffer;
  readonly #down: WireBuffer;
  readonly #body: RequestBody;
  readonly #answer: AnswerWriter;
  #request: OutgoingRequest | undefined;
  #connection: PooledConnection | undefined;
  /** Ends the tunnel that the request has become. */
  #closeTunnel: (() => void) | undefined;

  constructor(exchange: ClientExchange, errand: Errand, house: ForwardingHouse) {
    this.#exchange = exchange;
    this.#errand = errand;
    this.#record = exchange.record;
    this.#house = house;
    this.#up = house.buffers.take();
    this.#down = house.buffers.take();
    this.#body = new RequestBody(exchange, this.#up, errand.skips);
    this.#answer = new AnswerWriter(exchange, this.#down, errand.tailOf);
  }

  /**
   * Throws one of our errors while nothing of the answer was sent; cuts the client off afterwards. What
   * is there at once is not awaited, here and below: every turn of the loop is felt at full speed.
   */
  async run(): Promise<void> {
    const { supervisor, via } = this.#house;
    const exchange = this.#exchange;
    exchange.onGone(() => this.#leave());
    this.#record.canceller = this;
    let lease: EngineLease | undefined;
    try {
      this.#request = writeRequestHead(this.#up, { errand: this.#errand, exchange, via });
      if (!exchange.expectsContinue) this.#body.takeHere();
      const { engine, wishes: { priority, keepAliveMs } } = this.#errand;
      const leased = supervisor.lease(engine, {
        signal: this.#abort.signal,
        priority,
        record: this.#record,
      });
      lease = leased instanceof Promise ? await this.#waitFor(leased) : leased;
      this.#record.sends();
      if (keepAliveMs !== undefined) lease.keepAlive(keepAliveMs);
      const switched = await this.#relay(lease, { fresh: false });
      if (switched === undefined) this.#returnBuffers();
      else await this.#tunnel(switched, lease);
      this.#record.end("answered");
    } catch (error) {
      await this.#recover(error, lease);
    } finally {
      lease?.release();
    }
  }

  async #waitFor(leased: Promise<EngineLease>): Promise<EngineLease> {
    this.#record.waits();
    return await this.#body.takeWhile(leased);
  }

  /** Relays once, over a connection that has served before unless it is to be fresh. */
  #relay(
    lease: EngineLease,
    { fresh }: { readonly fresh: boolean },
  ): Promise<ResponseHead | undefined> {
    const { signal } = this.#abort;
    signal.throwIfAborted();
    const leased = lease.pool.lease({ signal, fresh });
    if (!(leased instanceof Promise)) return this.#relayOver(leased, lease);
    return leased.then((connection) => this.#relayOver(connection, lease));
  }

  #relayOver(
    connection: PooledConnection,
    lease: EngineLease,
  ): Promise<ResponseHead | undefined> {
    const request = this.#request;
    if (request === undefined) throw new TypeError("nothing to relay");
    this.#connection = connection;
    this.#abort.signal.throwIfAborted();
    return new Relay({
      house: this.#house,
      exchange: this.#exchange,
      body: this.#body,
      answer: this.#answer,
      lease,
      connection,
      request,
    }).run();
  }

  /** Tries once more, on a fresh connection, where that can do no harm. */
  async #recover(error: unknown, lease: EngineLease | undefined): Promise<void> {
    this.#connection?.close();
    if (lease === undefined || !this.#mayRepeat(error)) return await this.#fail(error, lease);
    try {
      const switched = await this.#relay(lease, { fresh: true });
      if (switched !== undefined) await this.#tunnel(switched, lease);
      this.#record.end("answered");
    } catch (again) {
      await this.#fail(again, lease);
    }
  }

  /** Who is to be cut off is so at once; others are told what is known. */
  async #fail(error: unknown, lease: EngineLease | undefined): Promise<void> {
    this.#connection?.close();
    if (this.#record.isCancelled) return this.#endByHand();
    if (this.#isGone) return this.#record.end("left");
    if (error instanceof ConnectError || error instanceof TimeoutError) lease?.failed("local");
    if (this.#answer.hasBegun) {
      this.#record.end("cut");
      return this.#exchange.cut();
    }
    const isBreak = error instanceof ConnectError && lease !== undefined;
    const explained = isBreak ? await lease.explainBreak(error) : error;
    this.#record.refuse(toAiEngineError(explained));
    throw explained;
  }

  /**
   * Ends it for both sides: the engine is to stop working for it, the client is told so, or cut off where
   * its answer has begun.
   */
  cancel(): void {
    this.#leave();
    if (this.#closeTunnel !== undefined) this.#closeTunnel();
    else if (this.#answer.hasBegun) this.#exchange.cut();
  }

  #endByHand(): void {
    if (this.#answer.hasBegun) {
      this.#record.end("cut");
      return this.#exchange.cut();
    }
    const error = cancelledByHand(this.#errand.engine);
    this.#record.refuse(error);
    throw error;
  }

  /**
   * Only after a connection that had served before broke without a byte of an answer: the engine may
   * have closed it while the request was on its way. What is no repeatable request only if not a byte
   * of it was sent.
   */
  #mayRepeat(error: unknown): boolean {
    const connection = this.#connection;
    if (this.#isGone || !(error instanceof ConnectError)) return false;
    if (connection?.isReused !== true || connection.hasAnswerBytes) return false;
    if (connection.writtenBytes === 0) return true;
    return this.#body.isJoined && REPEATABLE.has(this.#exchange.request.method);
  }

  async #tunnel(head: ResponseHead, lease: EngineLease): Promise<void> {
    const exchange = this.#exchange;
    this.#record.answers(head.status);
    const plan = exchange.planResponse({ status: 101, body: { kind: "none" } });
    await exchange.send(switchingHead(head, plan), { plan, bodyBytes: 0, then: "end" });
    const connection = this.#connection;
    if (connection === undefined) throw new TypeError("a tunnel without a connection");
    const client = exchange.takeOver();
    const engine = connection.takeOver();
    this.#closeTunnel = () => {
      client.stream.close();
      engine.stream.close();
    };
    const hold = new LeaseHold(lease, (signal) => {
      return this.#house.supervisor.lease(this.#errand.engine, { signal });
    });
    await runTunnel({ client, engine, hold, clock: this.#house.clock });
    hold.release();
    this.#record.end(this.#record.isCancelled ? "cut" : "answered");
  }

  /** The client is gone: the engine is to stop working for it at once. */
  #leave(): void {
    this.#abort.abort(LEFT);
    this.#connection?.close();
  }

  get #isGone(): boolean {
    return this.#abort.signal.aborted;
  }

  /** After a whole answer to a request that is out: nobody writes from these any more. */
  #returnBuffers(): void {
    if (this.#connection?.isSent !== true) return;
    this.#house.buffers.giveBack(this.#up);
    this.#house.buffers.giveBack(this.#down);
  }
}

/** A tunnel's lease, given up while the tunnel is quiet and taken again when it is not. */
class LeaseHold implements TunnelHold {
  readonly #again: (signal: AbortSignal) => EngineLease | Promise<EngineLease>;
  #lease: EngineLease;

  constructor(
    lease: EngineLease,
    again: (signal: AbortSignal) => EngineLease | Promise<EngineLease>,
  ) {
    this.#lease = lease;
    this.#again = again;
  }

  /** Only of the same process, and only now: another one has no part in this tunnel. */
  take(): void {
    const { generation } = this.#lease;
    const over = new AbortController();
    const lease = this.#again(over.signal);
    if (lease instanceof Promise) {
      lease.then((late) => late.release(), () => {});
      over.abort();
    } else if (lease.generation === generation) this.#lease = lease;
    else lease.release();
  }

  release(): void {
    this.#lease.release();
  }
}
