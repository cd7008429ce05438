import { checkField } from "./check_field.ts";
import type { FieldList } from "./field_list.ts";
import { statusLine } from "./reasons.ts";
import type { ResponsePlan } from "./response_plan.ts";
import type { WireBuffer } from "./wire_buffer.ts";

/** Whether field `index` of the list that is copied stays behind. */
export type Skips = (index: number) => boolean;

const CRLF = Uint8Array.of(0x0d, 0x0a);

/**
 * Writes heads into a buffer: fields that came in are copied as bytes, others are added. Start line
 * first, then fields, then {@linkcode end}; what comes in views (of requests, answers and their
 * fields) was checked when it was parsed and is not checked again.
 *
 * @example
 * ```ts ignore
 * const out = new WireBuffer();
 * new HeadWriter(out)
 *   .requestLine(request.methodBytes, request.targetBytes)
 *   .fields(request.fields, (index) => HOP_BY_HOP.has(request.fields, index))
 *   .field("Via", "1.1 ai-engine")
 *   .end();
 * // write out.bytes
 * ```
 */
export class HeadWriter {
  readonly #out: WireBuffer;

  constructor(out: WireBuffer) {
    this.#out = out;
  }

  /** `method target HTTP/1.1`, of checked bytes. */
  requestLine(method: Uint8Array, target: Uint8Array): this {
    this.#out.add(method);
    this.#out.addText(" ");
    this.#out.add(target);
    this.#out.addText(" HTTP/1.1\r\n");
    return this;
  }

  statusLine(status: number): this {
    this.#out.addText(statusLine(status));
    return this;
  }

  /** Copies all fields but those that `skips` names; neighbours go in one piece. */
  fields(fields: FieldList, skips?: Skips): this {
    let from = 0;
    for (let index = 0; index < fields.size; index++) {
      if (skips === undefined || !skips(index)) continue;
      fields.copyLines(this.#out, from, index);
      from = index + 1;
    }
    fields.copyLines(this.#out, from, fields.size);
    return this;
  }

  /** Adds a field. Throws `ProtocolError("local")`: `BAD_HEADER_NAME`, `BAD_HEADER_VALUE`. */
  field(name: string, value: string): this {
    checkField(name, value);
    this.#out.addText(name);
    this.#out.addText(": ");
    this.#out.addText(value);
    this.#out.add(CRLF);
    return this;
  }

  /** Adds a field of which the value is bytes that were parsed before; `name` is a literal. */
  fieldOfBytes(name: string, value: Uint8Array): this {
    this.#out.addText(name);
    this.#out.addText(": ");
    this.#out.add(value);
    this.#out.add(CRLF);
    return this;
  }

  /** Adds whole lines that were made before, each with its CR LF. */
  prepared(lines: Uint8Array): this {
    this.#out.add(lines);
    return this;
  }

  /** Adds what `plan` announces: `Content-Length` or `Transfer-Encoding`, and `Connection`. */
  framing({ announces, connection }: Pick<ResponsePlan, "announces" | "connection">): this {
    if (announces.kind === "length") {
      this.#out.addText("Content-Length: ");
      this.#out.addText(String(announces.bytes));
      this.#out.add(CRLF);
    } else if (announces.kind === "chunked") {
      this.#out.addText("Transfer-Encoding: chunked\r\n");
    }
    if (connection !== undefined) this.#out.addText(`Connection: ${connection}\r\n`);
    return this;
  }

  /** Ends the head with its blank line. */
  end(): void {
    this.#out.add(CRLF);
  }
}
