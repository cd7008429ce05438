import type { ModelTable } from "../config/mod.ts";
import type { BoundView } from "../core/mod.ts";
import type { ReceivedRequest } from "../http1/mod.ts";
import type { ModelRouter, RoutedRequest } from "./by_model.ts";
import type { ClientExchange } from "./client_exchange.ts";
import { RoutingBounds } from "./routing_bounds.ts";

const PREFIX = "/v1/";
/** What is answered without any engine. */
const LIST = "/v1/models";

const SLASH = 0x2f;
const QUESTION = 0x3f;

/** How requests find their engines by the model they name. */
export interface ModelRouting {
  readonly models: Pick<ModelTable, "find" | "engineOfUnnamed">;
  /** Bytes of a body that are held while its model is looked for. */
  readonly bodyBytes: number;
}

/** Whether a request goes to the engine that serves its model; looks at the target's bytes only. */
export function isByModel(request: ReceivedRequest): boolean {
  if (!request.targetStartsWith(PREFIX)) return false;
  if (!request.targetStartsWith(LIST)) return true;
  const next = request.targetBytes[LIST.length];
  return next !== undefined && next !== SLASH && next !== QUESTION;
}

/** The router of requests under `/v1`, which is loaded when the first of them comes. */
export class ModelRoutes {
  readonly #routing: ModelRouting;
  #router: ModelRouter | undefined;
  readonly #bounds: RoutingBounds;

  constructor(routing: ModelRouting) {
    this.#routing = routing;
    this.#bounds = new RoutingBounds(routing.bodyBytes);
  }

  bounds(): readonly BoundView[] {
    return this.#bounds.views();
  }

  /** See `ModelRouter.route`. */
  route(exchange: ClientExchange): RoutedRequest | Promise<RoutedRequest> {
    return this.#router === undefined ? this.#load(exchange) : this.#router.route(exchange);
  }

  async #load(exchange: ClientExchange): Promise<RoutedRequest> {
    const { ModelRouter } = await import("./by_model.ts");
    this.#router ??= new ModelRouter(this.#routing.models, this.#bounds);
    return await this.#router.route(exchange);
  }
}
