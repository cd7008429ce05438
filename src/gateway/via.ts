import { RequestError } from "../core/mod.ts";
import type { FieldList } from "../http1/mod.ts";

/**
 * Our name in `Via` (RFC 9110 section 7.6.3), new with each start: a request that carries it has come
 * back to us. Another supervisor's is no loop.
 */
export class Via {
  readonly #pseudonym: string;
  /** The line we add, with its CR LF. */
  readonly line: Uint8Array;

  /** `boot` is 8 hexadecimal digits. */
  constructor(boot: string) {
    this.#pseudonym = `ai-engine-${boot}`;
    this.line = new TextEncoder().encode(`Via: 1.1 ${this.#pseudonym}\r\n`);
  }

  /** Throws `loop_detected` when the request went through here before. */
  check(fields: FieldList): void {
    for (let at = fields.find("via"); at >= 0; at = fields.find("via", at + 1)) {
      if (fields.text(at).split(/[\s,]+/).includes(this.#pseudonym)) throw loop();
    }
  }
}

function loop(): RequestError {
  return new RequestError("loop_detected", {
    detail: "The request came back to the supervisor that sent it on: its Via names it.",
    remedy: "See where the engine sends its requests; it must not be this supervisor.",
  });
}
