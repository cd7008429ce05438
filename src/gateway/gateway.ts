import type { Tokens } from "../access/mod.ts";
import {
  type BoundView,
  cancelledByHand,
  type Clock,
  type RequestRecord,
  toAiEngineError,
} from "../core/mod.ts";
import type { ReceivedRequest } from "../http1/mod.ts";
import type { SupervisorApi } from "../supervisor/mod.ts";
import type { TailOf } from "./answer_writer.ts";
import type { RoutedRequest } from "./by_model.ts";
import type { ClientExchange, Gateway } from "./client_exchange.ts";
import { Forwarding, type ForwardingHouse } from "./forwarding.ts";
import { requestSkips, withoutExpect } from "./hop_by_hop.ts";
import { answerHere, forwardsLeft } from "./max_forwards.ts";
import { withoutOurs } from "./own_credentials.ts";
import { isByModel, ModelRoutes, type ModelRouting } from "./model_routing.ts";
import { readWishes } from "./request_wishes.ts";
import { PREFIX, readTarget } from "./target.ts";
import { withoutTraceState } from "./trace_fields.ts";
import { Via } from "./via.ts";
import { WireBuffers } from "./wire_buffers.ts";

export interface GatewayOptions {
  readonly supervisor: Pick<SupervisorApi, "lease">;
  /** 8 hexadecimal digits, new with each start: our name in `Via`. */
  readonly boot: string;
  readonly clock: Clock;
  /** Which engines don't get. @default none */
  readonly tokens?: Tokens | null;
  /** How requests under `/v1` find their engines. @default they find none: they are not for one */
  readonly routing?: ModelRouting | null;
}

/** A gateway that keeps what it refuses. */
export interface CountingGateway extends Gateway {
  bounds(): readonly BoundView[];
}

/**
 * What sends `/upstream/NAME/…` on to the engine of that name, and `/v1/…` to the one that serves the
 * request's model.
 */
export function createGateway(options: GatewayOptions): CountingGateway {
  const { supervisor, boot, clock, tokens = null, routing = null } = options;
  const house = { supervisor, clock, via: new Via(boot), buffers: new WireBuffers() };
  const routes = routing === null ? null : new ModelRoutes(routing);
  return new EngineGateway(house, { tokens, routes });
}

const NONE: readonly string[] = [];

/** Where a request goes, and how its target is called there. */
interface Destination {
  readonly engine: string;
  readonly target: Uint8Array;
  /** The request's, or what stands for it. */
  readonly exchange: ClientExchange;
  /** The client waited to be asked for its body, and was: the engine need not ask. */
  readonly wasAsked: boolean;
  readonly tailOf?: TailOf;
}

class EngineGateway implements CountingGateway {
  readonly #house: ForwardingHouse;
  readonly #tokens: Tokens | null;
  readonly #routes: ModelRoutes | null;

  constructor(
    house: ForwardingHouse,
    { tokens, routes }: {
      readonly tokens: Tokens | null;
      readonly routes: ModelRoutes | null;
    },
  ) {
    this.#house = house;
    this.#tokens = tokens;
    this.#routes = routes;
  }

  bounds(): readonly BoundView[] {
    return this.#routes?.bounds() ?? [];
  }

  isFor(request: ReceivedRequest): boolean {
    return request.targetStartsWith(PREFIX) || (this.#routes !== null && isByModel(request));
  }

  forward(exchange: ClientExchange): Promise<void> {
    const { request, record } = exchange;
    try {
      if (this.#routes !== null && !request.targetStartsWith(PREFIX)) {
        record.begin("model", null);
        return this.#forwardByModel(exchange, this.#routes);
      }
      record.begin("upstream", null);
      const { engine, rest } = readTarget(request);
      return this.#send({ engine, target: rest, exchange, wasAsked: false });
    } catch (error) {
      throw refusal(record, error);
    }
  }

  #forwardByModel(exchange: ClientExchange, routes: ModelRoutes): Promise<void> {
    const target = exchange.request.targetBytes;
    // Before its body is read.
    this.#house.via.check(exchange.request.fields);
    if (forwardsLeft(exchange.request) === 0) return this.#answerHere(exchange);
    const send = ({ engine, exchange: routed, letGo, tailOf }: RoutedRequest) => {
      const wasAsked = exchange.expectsContinue && !routed.expectsContinue;
      const destination = { engine, exchange: routed, target, wasAsked, tailOf };
      if (letGo === undefined) return this.#send(destination);
      return this.#sendHeld(destination, letGo);
    };
    const routed = routes.route(exchange);
    return routed instanceof Promise ? this.#sendLater(exchange, routed, send) : send(routed);
  }

  /** Until its model is found the request can be left and cancelled, too. */
  async #sendLater(
    exchange: ClientExchange,
    routed: Promise<RoutedRequest>,
    send: (routed: RoutedRequest) => Promise<void>,
  ): Promise<void> {
    const { record } = exchange;
    exchange.onGone(() => record.end("left"));
    record.waits();
    try {
      await send(await untilCancelled(routed, record));
    } catch (error) {
      throw refusal(record, error);
    }
  }

  async #sendHeld(destination: Destination, letGo: () => void): Promise<void> {
    try {
      await this.#send(destination);
    } finally {
      letGo();
    }
  }

  #send({ engine, target, exchange, wasAsked, tailOf }: Destination): Promise<void> {
    const { request, record } = exchange;
    this.#house.via.check(request.fields);
    let hop = requestSkips(request.fields);
    if (wasAsked) hop = withoutExpect(request.fields, hop);
    if (record.dropsTraceState) hop = withoutTraceState(request.fields, hop);
    const { skips, cookies } = this.#tokens === null
      ? { skips: hop, cookies: NONE }
      : withoutOurs(request.fields, hop, this.#tokens);
    const left = forwardsLeft(request);
    if (left === 0) return this.#answerHere(exchange);
    const wishes = readWishes(request.fields);
    const errand = { engine, target, skips, cookies, forwardsLeft: left, wishes, tailOf };
    return new Forwarding(exchange, errand, this.#house).run();
  }

  async #answerHere(exchange: ClientExchange): Promise<void> {
    exchange.record.answers(200);
    try {
      await answerHere(exchange, this.#house.clock);
      exchange.record.end("answered");
    } catch (error) {
      exchange.record.end("left");
      throw error;
    }
  }
}

/** `error`, told to those who look at the request. */
function refusal(record: RequestRecord, error: unknown): unknown {
  record.refuse(toAiEngineError(error));
  return error;
}

/** `routed`, unless the request is cancelled first: then what is held for it is let go. */
function untilCancelled(
  routed: Promise<RoutedRequest>,
  record: RequestRecord,
): Promise<RoutedRequest> {
  return new Promise((resolve, reject) => {
    record.canceller = { cancel: () => reject(cancelledByHand(null)) };
    routed.then((found) => {
      if (record.isCancelled) found.letGo?.();
      resolve(found);
    }, reject);
  });
}
