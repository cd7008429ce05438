import { type Clock, ConnectError } from "../core/mod.ts";
import type { OutgoingRequest, ResponseHead, WireBuffer } from "../http1/mod.ts";
import type { PooledConnection } from "../pool/mod.ts";
import type { EngineLease, SupervisorApi } from "../supervisor/mod.ts";
import { AnswerWriter } from "./answer_writer.ts";
import type { ClientExchange } from "./client_exchange.ts";
import type { FairnessGate } from "./fairness_gate.ts";
import type { RequestSkips } from "./hop_by_hop.ts";
import { Relay } from "./relay.ts";
import { RequestBody } from "./request_body.ts";
import { writeRequestHead } from "./request_head.ts";
import { switchingHead } from "./response_head.ts";
import { runTunnel, type TunnelHold } from "./tunnel.ts";
import type { Via } from "./via.ts";
import type { WireBuffers } from "./wire_buffers.ts";

/** What may be sent twice: a second one changes nothing (RFC 9110 section 9.2.1). */
const REPEATABLE: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS", "TRACE"]);

/** What all exchanges share. */
export interface ForwardingHouse {
  readonly supervisor: Pick<SupervisorApi, "lease">;
  readonly clock: Clock;
  readonly via: Via;
  readonly gate: FairnessGate;
  readonly buffers: WireBuffers;
}

/** Where one request goes, and what of it. */
export interface Errand {
  readonly engine: string;
  readonly target: Uint8Array;
  readonly skips: RequestSkips;
  /** Of `Max-Forwards`; `undefined` = as often as need be. */
  readonly forwardsLeft: number | undefined;
}

/** One request to one engine, from its admission to the end of its answer, however it ends. */
export class Forwarding {
  readonly #exchange: ClientExchange;
  readonly #errand: Errand;
  readonly #house: ForwardingHouse;
  readonly #abort = new AbortController();
  readonly #up: WireBuffer;
  readonly #down: WireBuffer;
  readonly #body: RequestBody;
  readonly #answer: AnswerWriter;
  #connection: PooledConnection | undefined;

  constructor(exchange: ClientExchange, errand: Errand, house: ForwardingHouse) {
    this.#exchange = exchange;
    this.#errand = errand;
    this.#house = house;
    this.#up = house.buffers.take();
    this.#down = house.buffers.take();
    this.#body = new RequestBody(exchange, this.#up, errand.skips);
    this.#answer = new AnswerWriter(exchange, this.#down);
  }

  /** Throws one of our errors while nothing of the answer was sent; cuts the client off afterwards. */
  async run(): Promise<void> {
    const { supervisor, via } = this.#house;
    const exchange = this.#exchange;
    exchange.onGone(() => this.#leave());
    try {
      const request = writeRequestHead(this.#up, { ...this.#errand, exchange, via });
      if (!exchange.expectsContinue) this.#body.takeHere();
      const { signal } = this.#abort;
      const lease = supervisor.lease(this.#errand.engine, { signal });
      await this.#withLease(lease instanceof Promise ? await lease : lease, request);
    } catch (error) {
      if (this.#isGone) return;
      if (!this.#answer.hasBegun) throw error;
      exchange.cut();
    }
  }

  async #withLease(lease: EngineLease, request: OutgoingRequest): Promise<void> {
    const entered = this.#house.gate.enter();
    const slot = entered instanceof Promise ? await entered : entered;
    try {
      const switched = await this.#attempt(lease, request);
      this.#house.gate.leave(slot);
      if (switched === undefined) this.#returnBuffers();
      else await this.#tunnel(switched, lease);
    } catch (error) {
      this.#connection?.close();
      // Who is to be cut off is so at once.
      const isTold = !this.#isGone && !this.#answer.hasBegun && error instanceof ConnectError;
      throw isTold ? await lease.explainBreak(error) : error;
    } finally {
      this.#house.gate.leave(slot);
      lease.release();
    }
  }

  /** Tries once, and once more on a fresh connection where that can do no harm. */
  async #attempt(lease: EngineLease, request: OutgoingRequest): Promise<ResponseHead | undefined> {
    for (let fresh = false;; fresh = true) {
      const connection = await this.#connect(lease, fresh);
      try {
        return await new Relay({
          ...this.#house,
          exchange: this.#exchange,
          body: this.#body,
          answer: this.#answer,
          connection,
          request,
        }).run();
      } catch (error) {
        connection.close();
        if (fresh || !this.#mayRepeat(connection, error)) throw error;
      }
    }
  }

  async #connect(lease: EngineLease, fresh: boolean): Promise<PooledConnection> {
    const { signal } = this.#abort;
    signal.throwIfAborted();
    const leased = lease.pool.lease({ signal, fresh });
    const connection = this.#connection = leased instanceof Promise ? await leased : leased;
    signal.throwIfAborted();
    return connection;
  }

  /**
   * Only after a connection that had served before broke without a byte of an answer: the engine may
   * have closed it while the request was on its way. What is no repeatable request only if not a byte
   * of it was sent.
   */
  #mayRepeat(connection: PooledConnection, error: unknown): boolean {
    const isStale = connection.isReused && !connection.hasAnswerBytes;
    if (this.#isGone || !isStale || !(error instanceof ConnectError)) return false;
    if (connection.writtenBytes === 0) return true;
    return this.#body.isJoined && REPEATABLE.has(this.#exchange.request.method);
  }

  async #tunnel(head: ResponseHead, lease: EngineLease): Promise<void> {
    const exchange = this.#exchange;
    const plan = exchange.planResponse({ status: 101, body: { kind: "none" } });
    await exchange.send(switchingHead(head, plan), { plan, bodyBytes: 0, then: "end" });
    const connection = this.#connection;
    if (connection === undefined) throw new TypeError("a tunnel without a connection");
    const client = exchange.takeOver();
    const engine = connection.takeOver();
    const hold = new LeaseHold(lease, (signal) => {
      return this.#house.supervisor.lease(this.#errand.engine, { signal });
    });
    await runTunnel({ client, engine, hold, clock: this.#house.clock });
    hold.release();
  }

  /** The client is gone: the engine is to stop working for it at once. */
  #leave(): void {
    this.#abort.abort();
    this.#connection?.close();
  }

  get #isGone(): boolean {
    return this.#abort.signal.aborted;
  }

  /** After a whole answer to a whole request: nobody writes from these any more. */
  #returnBuffers(): void {
    if (!this.#body.isRead) return;
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
