/**
 * Requests under `/v1`: which engine gets one, and in which form. The model is named, in this order, by
 * the header, the query or the body; `docs/api.md` tells it to clients.
 *
 * @module
 */
import { ModelError } from "../core/mod.ts";
import type { ReceivedRequest } from "../http1/mod.ts";
import { AnswerTail } from "./answer_tail.ts";
import type { TailOf } from "./answer_writer.ts";
import type { ClientExchange } from "./client_exchange.ts";
import { HeldExchange } from "./held_exchange.ts";
import { ModelNameReader } from "./model_name_reader.ts";
import { modelOfHead } from "./model_of_head.ts";
import type { ModelRouting } from "./model_routing.ts";
import type { FoundModel } from "./model_scan.ts";
import { ModelSearch, type SearchedBody } from "./model_search.ts";
import type { RoutingBounds } from "./routing_bounds.ts";

/** As much of a model's name is told; nearly all are shorter. */
const MAX_NAME_CHARS = 256;

/** A request that knows its engine. */
export interface RoutedRequest {
  readonly engine: string;
  readonly exchange: ClientExchange;
  /** To be called when the exchange is over; `undefined` = nothing is held for it. */
  readonly letGo: (() => void) | undefined;
  /** What of its answer is looked at. */
  readonly tailOf: TailOf;
}

/** Finds engines by models. */
export class ModelRouter {
  readonly #models: ModelRouting["models"];
  readonly #bounds: RoutingBounds;
  readonly #names = new ModelNameReader();

  constructor(models: ModelRouting["models"], bounds: RoutingBounds) {
    this.#models = models;
    this.#bounds = bounds;
  }

  /**
   * Throws, or rejects with, one of our errors: `bad_request`, `unknown_model`, `too_large`,
   * `queue_full`, or what broke the body.
   */
  route(exchange: ClientExchange): RoutedRequest | Promise<RoutedRequest> {
    const name = modelOfHead(exchange.request);
    if (name !== "") {
      nameModel(exchange, name);
      const { engine } = this.#models.find(name);
      return { engine, exchange, letGo: undefined, tailOf };
    }
    const search = new ModelSearch(exchange, this.#bounds);
    try {
      const searched = search.run();
      return searched instanceof Promise
        ? this.#routeLater(exchange, { search, searched })
        : { ...this.#routeBody(exchange, searched), letGo: search.letGo, tailOf };
    } catch (error) {
      search.letGo?.();
      throw error;
    }
  }

  async #routeLater(
    exchange: ClientExchange,
    { search, searched }: { search: ModelSearch; searched: Promise<SearchedBody> },
  ): Promise<RoutedRequest> {
    try {
      const routed = this.#routeBody(exchange, await searched);
      return { ...routed, letGo: search.letGo, tailOf };
    } catch (error) {
      search.letGo?.();
      throw error;
    }
  }

  /** A body that has been searched. */
  #routeBody(
    exchange: ClientExchange,
    { outcome, held }: SearchedBody,
  ): Pick<RoutedRequest, "engine" | "exchange"> {
    if (outcome.kind === "bad") throw badModel(outcome.why);
    const name = outcome.kind === "found"
      ? this.#names.read(held.slice(outcome.start, outcome.end), outcome.form)
      : "";
    if (name === undefined) throw badModel('The body\'s "model" is no text in UTF-8.');
    if (outcome.kind === "none" || name === "") {
      const why = outcome.kind === "none"
        ? codingOf(exchange.request) ?? outcome.why
        : 'The body\'s "model" is empty.';
      const engine = this.#models.engineOfUnnamed(why);
      return { engine, exchange: new HeldExchange(exchange, held, 0) };
    }
    nameModel(exchange, name);
    const { engine, upstreamModel } = this.#models.find(name);
    const sizeBefore = held.size;
    if (upstreamModel !== null) {
      held.replace(outcome.start, outcome.end, writeName(upstreamModel, outcome.form));
    }
    return { engine, exchange: new HeldExchange(exchange, held, held.size - sizeBefore) };
  }
}

/** A body in a coding is not read: what it says about JSON would be wrong. */
function codingOf({ fields }: ReceivedRequest): string | undefined {
  const index = fields.find("content-encoding");
  if (index < 0 || fields.text(index).toLowerCase() === "identity") return undefined;
  return "The body is encoded (Content-Encoding), and only one that is not is searched for a model.";
}

const tailOf: TailOf = (fields) => AnswerTail.of(fields);

/** For those who look at the request. */
function nameModel({ record }: ClientExchange, name: string): void {
  // A slice would keep all of the name.
  record.model = name.length > MAX_NAME_CHARS ? [...name.slice(0, MAX_NAME_CHARS)].join("") : name;
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
