import type { AccessHead } from "../access/mod.ts";
import type { FieldList, ReceivedRequest } from "../http1/mod.ts";

/** What the decision about access reads of a request, decoded when it is read: of most little is. */
export class RequestAccess implements AccessHead {
  /** The codec has seen to it that a target in absolute form names no other host. */
  readonly authority = null;
  readonly #request: ReceivedRequest;

  constructor(request: ReceivedRequest) {
    this.#request = request;
  }

  get method(): string {
    return this.#request.method;
  }
  get path(): string {
    const { target } = this.#request;
    const query = target.indexOf("?");
    return query < 0 ? target : target.slice(0, query);
  }
  get host(): string | null {
    return this.#request.host ?? null;
  }
  get authorization(): string | null {
    return fieldText(this.#request.fields, "authorization");
  }
  get cookie(): string | null {
    return fieldText(this.#request.fields, "cookie", "; ");
  }
  get origin(): string | null {
    return fieldText(this.#request.fields, "origin");
  }
  get secFetchSite(): string | null {
    return fieldText(this.#request.fields, "sec-fetch-site");
  }
  get secFetchMode(): string | null {
    return fieldText(this.#request.fields, "sec-fetch-mode");
  }
  get secFetchDest(): string | null {
    return fieldText(this.#request.fields, "sec-fetch-dest");
  }
  get preflightFor(): string | null {
    return fieldText(this.#request.fields, "access-control-request-method");
  }
  get via(): string | null {
    return fieldText(this.#request.fields, "via");
  }
}

/**
 * The value of a field; several lines are joined as RFC 9110 section 5.2 says, with another separator
 * for cookies. `null` = none.
 */
export function fieldText(fields: FieldList, name: string, separator = ", "): string | null {
  let index = fields.find(name);
  if (index < 0) return null;
  let text = fields.text(index);
  while ((index = fields.find(name, index + 1)) >= 0) text += separator + fields.text(index);
  return text;
}
