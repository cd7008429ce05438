/**
 * Requests under `/v1`: which engine gets one, and in which form. The model is named, in this order, by
 * the header, the query or the body; `docs/api.md` tells it to clients.
 *
 * @module
 */
import { ModelError } from "../core/mod.ts";
import type { ClientExchange } from "./client_exchange.ts";
import { HeldExchange } from "./held_exchange.ts";
import { ModelNameReader } from "./model_name_reader.ts";
import { modelOfHead } from "./model_of_head.ts";
import type { ModelRouting } from "./model_routing.ts";
import type { FoundModel } from "./model_scan.ts";
import { ModelSearch, type SearchedBody, type SearchOptions } from "./model_search.ts";

/** A request that knows its engine. */
export interface RoutedRequest {
  readonly engine: string;
  readonly exchange: ClientExchange;
}

/** Finds engines by models. */
export class ModelRouter {
  readonly #models: ModelRouting["models"];
  readonly #searchOptions: SearchOptions;
  readonly #names = new ModelNameReader();

  /** `onTooLarge` is told of each request that is refused for the size of its body. */
  constructor({ models, bodyBytes }: ModelRouting, onTooLarge: () => void) {
    this.#models = models;
    this.#searchOptions = { limitBytes: bodyBytes, onTooLarge };
  }

  /**
   * Throws, or rejects with, one of our errors: `bad_request`, `unknown_model`, `too_large`, or what
   * broke the body.
   */
  route(exchange: ClientExchange): RoutedRequest | Promise<RoutedRequest> {
    const name = modelOfHead(exchange.request);
    if (name !== "") return { engine: this.#models.find(name).engine, exchange };
    const searched = new ModelSearch(exchange, this.#searchOptions).run();
    if (!(searched instanceof Promise)) return this.#routeBody(exchange, searched);
    return searched.then((later) => this.#routeBody(exchange, later));
  }

  #routeBody(exchange: ClientExchange, { outcome, held }: SearchedBody): RoutedRequest {
    if (outcome.kind === "bad") throw badModel(outcome.why);
    const name = outcome.kind === "found"
      ? this.#names.read(held.slice(outcome.start, outcome.end), outcome.form)
      : "";
    if (name === undefined) throw badModel('The body\'s "model" is no text in UTF-8.');
    if (outcome.kind === "none" || name === "") {
      const why = outcome.kind === "none" ? outcome.why : 'The body\'s "model" is empty.';
      const engine = this.#models.engineOfUnnamed(why);
      return { engine, exchange: new HeldExchange(exchange, held, 0) };
    }
    const { engine, upstreamModel } = this.#models.find(name);
    const sizeBefore = held.size;
    if (upstreamModel !== null) {
      held.replace(outcome.start, outcome.end, writeName(upstreamModel, outcome.form));
    }
    return { engine, exchange: new HeldExchange(exchange, held, held.size - sizeBefore) };
  }
}

function writeName(name: string, form: FoundModel["form"]): Uint8Array {
  return new TextEncoder().encode(form === "plain" ? name : JSON.stringify(name));
}

function badModel(detail: string): ModelError {
  return new ModelError("bad_request", {
    detail,
    remedy: 'Send the name of a model as a string, as in {"model":"NAME"}.',
  });
}
