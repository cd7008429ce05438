import type { Clock } from "../core/mod.ts";
import type { ReceivedRequest } from "../http1/mod.ts";
import type { SupervisorApi } from "../supervisor/mod.ts";
import type { ClientExchange, Gateway } from "./client_exchange.ts";
import { Forwarding, type ForwardingHouse } from "./forwarding.ts";
import { requestSkips } from "./hop_by_hop.ts";
import { answerHere, forwardsLeft } from "./max_forwards.ts";
import { PREFIX, readTarget } from "./target.ts";
import { Via } from "./via.ts";
import { WireBuffers } from "./wire_buffers.ts";

export interface GatewayOptions {
  readonly supervisor: Pick<SupervisorApi, "lease">;
  /** 8 hexadecimal digits, new with each start: our name in `Via`. */
  readonly boot: string;
  readonly clock: Clock;
}

/** What sends `/upstream/NAME/…` on to the engine of that name. */
export function createGateway({ supervisor, boot, clock }: GatewayOptions): Gateway {
  return new UpstreamGateway({
    supervisor,
    clock,
    via: new Via(boot),
    buffers: new WireBuffers(),
  });
}

class UpstreamGateway implements Gateway {
  readonly #house: ForwardingHouse;

  constructor(house: ForwardingHouse) {
    this.#house = house;
  }

  isFor(request: ReceivedRequest): boolean {
    return request.targetStartsWith(PREFIX);
  }

  forward(exchange: ClientExchange): Promise<void> {
    const { request } = exchange;
    const { engine, rest } = readTarget(request);
    this.#house.via.check(request.fields);
    const skips = requestSkips(request.fields);
    const left = forwardsLeft(request);
    if (left === 0) return answerHere(exchange, this.#house.clock);
    const errand = { engine, target: rest, skips, forwardsLeft: left };
    return new Forwarding(exchange, errand, this.#house).run();
  }
}
