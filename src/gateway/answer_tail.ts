import type { RequestRecord } from "../core/mod.ts";
import { type FieldList, spells } from "../http1/mod.ts";
import { readUsage } from "./usage.ts";

/** So much of an answer's end is looked at. */
const TAIL_BYTES = 4 * 1024;

const JSON_TYPE = /^application\/json[ \t]*(;|$)/i;
const STREAM_TYPE = /^text\/event-stream[ \t]*(;|$)/i;

/** Keeps the end of an answer while that passes. */
export class AnswerTail {
  #bytes: Uint8Array = new Uint8Array(0);
  #size = 0;

  /** For an answer that begins with `fields`; `undefined` for one whose end can't be read. */
  static of(fields: FieldList): AnswerTail | undefined {
    const index = fields.find("content-type");
    if (index < 0) return undefined;
    const type = fields.text(index);
    if (!JSON_TYPE.test(type) && !STREAM_TYPE.test(type)) return undefined;
    const coding = fields.find("content-encoding");
    if (coding >= 0 && !spells(fields.value(coding), "identity")) return undefined;
    return new AnswerTail();
  }

  add(piece: Uint8Array): void {
    const end = piece.length > TAIL_BYTES ? piece.subarray(piece.length - TAIL_BYTES) : piece;
    const over = this.#size + end.length - TAIL_BYTES;
    if (this.#bytes.length < Math.min(this.#size + end.length, TAIL_BYTES)) this.#grow(end.length);
    if (over > 0) {
      this.#bytes.copyWithin(0, over, this.#size);
      this.#size -= over;
    }
    this.#bytes.set(end, this.#size);
    this.#size += end.length;
  }

  /** The answer is whole: puts what its end says into `record`. */
  tell(record: RequestRecord): void {
    const usage = readUsage(this.#bytes.subarray(0, this.#size));
    record.tokensIn = usage.tokensIn;
    record.tokensOut = usage.tokensOut;
  }

  /** Small answers are kept in little, streams at once in all they may need. */
  #grow(count: number): void {
    const grown = new Uint8Array(this.#size === 0 ? count : TAIL_BYTES);
    grown.set(this.#bytes.subarray(0, this.#size));
    this.#bytes = grown;
  }
}
