import type { FieldList } from "./field_list.ts";
import { HeadWriter, type Skips } from "./head_writer.ts";
import type { WireBuffer } from "./wire_buffer.ts";

const CRLF = Uint8Array.of(0x0d, 0x0a);

/** Frames a body in chunks (RFC 9112 section 7.1), as many in one buffer as the caller likes. */
export class ChunkWriter {
  readonly #out: WireBuffer;

  constructor(out: WireBuffer) {
    this.#out = out;
  }

  /** Adds `piece` as one chunk; an empty piece adds nothing, since it would end the body. */
  chunk(piece: Uint8Array): this {
    if (piece.length === 0) return this;
    this.#out.addText(piece.length.toString(16));
    this.#out.add(CRLF);
    this.#out.add(piece);
    this.#out.add(CRLF);
    return this;
  }

  /** Ends the body, with the trailers that `skips` leaves. */
  last(trailers?: FieldList, skips?: Skips): void {
    this.#out.addText("0\r\n");
    const writer = new HeadWriter(this.#out);
    if (trailers !== undefined) writer.fields(trailers, skips);
    writer.end();
  }
}
