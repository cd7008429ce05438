import type { HeadEvent, ResponseHead } from "../http1/mod.ts";
import type { ClientResponse, Field } from "./types.ts";

/** A response whose fields become strings when somebody reads them. */
export class WholeResponse implements ClientResponse {
  readonly status: number;
  readonly body: Uint8Array;
  readonly endsUnsaid: boolean;
  readonly #head: ResponseHead;
  #fields: readonly Field[] | undefined;

  constructor({ head, framing }: HeadEvent, body: Uint8Array) {
    this.status = head.status;
    this.body = body;
    this.endsUnsaid = framing.kind === "until_close";
    this.#head = head;
  }

  get fields(): readonly Field[] {
    return this.#fields ??= this.#head.fields.pairs();
  }
}
