import type { Tokens } from "../access/mod.ts";
import type { Clock } from "../core/mod.ts";
import type { ReceivedRequest } from "../http1/mod.ts";
import type { SupervisorApi } from "../supervisor/mod.ts";
import type { ClientExchange, Gateway } from "./client_exchange.ts";
import { Forwarding, type ForwardingHouse } from "./forwarding.ts";
import { requestSkips } from "./hop_by_hop.ts";
import { answerHere, forwardsLeft } from "./max_forwards.ts";
import { withoutOurs } from "./own_credentials.ts";
import { PREFIX, readTarget } from "./target.ts";
import { Via } from "./via.ts";
import { WireBuffers } from "./wire_buffers.ts";

export interface GatewayOptions {
  readonly supervisor: Pick<SupervisorApi, "lease">;
  /** 8 hexadecimal digits, new with each start: our name in `Via`. */
  readonly boot: string;
  readonly clock: Clock;
  /** Which engines don't get. @default none */
  readonly tokens?: Tokens | null;
}

/** What sends `/upstream/NAME/…` on to the engine of that name. */
export function createGateway(options: GatewayOptions): Gateway {
  const { supervisor, boot, clock, tokens = null } = options;
  const house = { supervisor, clock, via: new Via(boot), buffers: new WireBuffers() };
  return new UpstreamGateway(house, tokens);
}

const NONE: readonly string[] = [];

class UpstreamGateway implements Gateway {
  readonly #house: ForwardingHouse;
  readonly #tokens: Tokens | null;

  constructor(house: ForwardingHouse, tokens: Tokens | null) {
    this.#house = house;
    this.#tokens = tokens;
  }

  isFor(request: ReceivedRequest): boolean {
    return request.targetStartsWith(PREFIX);
  }

  forward(exchange: ClientExchange): Promise<void> {
    const { request } = exchange;
    const { engine, rest } = readTarget(request);
    this.#house.via.check(request.fields);
    const hop = requestSkips(request.fields);
    const { skips, cookies } = this.#tokens === null
      ? { skips: hop, cookies: NONE }
      : withoutOurs(request.fields, hop, this.#tokens);
    const left = forwardsLeft(request);
    if (left === 0) return answerHere(exchange, this.#house.clock);
    const errand = { engine, target: rest, skips, cookies, forwardsLeft: left };
    return new Forwarding(exchange, errand, this.#house).run();
  }
}
