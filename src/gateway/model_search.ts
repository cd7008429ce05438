import type { DataEvent, EndEvent, ReceivedRequest } from "../http1/mod.ts";
import type { ClientExchange } from "./client_exchange.ts";
import { HeldBody } from "./held_body.ts";
import { JsonModelScan } from "./json_model_scan.ts";
import type { ModelScan, ScanOutcome } from "./model_scan.ts";
import { MultipartModelScan } from "./multipart_model_scan.ts";
import type { RoutingBounds } from "./routing_bounds.ts";

/** What a body says about its model, and as much of it as had to be read for that. */
export interface SearchedBody {
  readonly outcome: ScanOutcome;
  readonly held: HeldBody;
}

const LETTER_M = 0x6d;

/** Reads a body until it has named its model, or can't. */
export class ModelSearch {
  readonly #exchange: ClientExchange;
  readonly #bounds: RoutingBounds;
  readonly #scan: ModelScan;
  readonly #held = new HeldBody();
  #copiedBytes = 0;

  constructor(exchange: ClientExchange, bounds: RoutingBounds) {
    this.#exchange = exchange;
    this.#bounds = bounds;
    this.#scan = scanOf(exchange.request);
  }

  /** To be called once what is held has been sent on, or never will be; `undefined` = nothing is. */
  get letGo(): (() => void) | undefined {
    const bytes = this.#copiedBytes;
    return bytes === 0 ? undefined : () => this.#bounds.letGo(bytes);
  }

  /**
   * At once where as much of the body is here. Throws `too_large`, `queue_full`, and what breaks the
   * body.
   */
  run(): SearchedBody | Promise<SearchedBody> {
    for (;;) {
      const piece = this.#exchange.nextBody();
      if (piece instanceof Promise) return this.#runOn(piece);
      const found = this.#take(piece);
      if (found !== undefined) return found;
    }
  }

  async #runOn(first: Promise<DataEvent | EndEvent>): Promise<SearchedBody> {
    for (let found = this.#take(await first);;) {
      if (found !== undefined) return found;
      found = this.#take(await this.#exchange.nextBody());
    }
  }

  #take(piece: DataEvent | EndEvent): SearchedBody | undefined {
    const held = this.#held;
    if (piece.type === "end") {
      held.end(piece);
      return { outcome: this.#scan.end(), held };
    }
    const { bytes } = piece;
    const left = this.#bounds.bodyBytes - held.size;
    const outcome = this.#scan.scan(bytes.length > left ? bytes.subarray(0, left) : bytes);
    if (outcome === undefined) {
      if (bytes.length > left) throw this.#bounds.tooLarge();
      this.#bounds.hold(bytes.length);
      this.#copiedBytes += bytes.length;
      held.add(bytes.slice());
      return undefined;
    }
    // It is passed on before the next one is asked for, so it need not be copied.
    held.add(bytes);
    return { outcome, held };
  }
}

/** What is no form is read as JSON, whatever it is called: what is none is seen at its first byte. */
function scanOf({ fields }: ReceivedRequest): ModelScan {
  const index = fields.find("content-type");
  // Of most their first letter tells it.
  const isOther = index < 0 || ((fields.value(index)[0] ?? 0) | 0x20) !== LETTER_M;
  const type = isOther ? "" : fields.text(index);
  return /^multipart\/form-data\s*(;|$)/i.test(type)
    ? new MultipartModelScan(type)
    : new JsonModelScan();
}
