import type { BodyDecoder } from "./body_decoder.ts";
import { ChunkLine } from "./chunk_line.ts";
import { byteAt, CR, escapeBytes, LF } from "./grammar.ts";
import { HeadParser } from "./head_parser.ts";
import type { Intake } from "./intake.ts";
import type { Http1Limits } from "./limits.ts";
import { type DataEvent, type EndEvent, NEED_DATA, type NeedData } from "./outcomes.ts";
import { remoteFault } from "./rules.ts";

/** What the next byte belongs to. */
type State = Line | Data | DataEnd | { readonly kind: "trailers"; readonly parser: HeadParser };

interface Line {
  readonly kind: "line";
  readonly line: ChunkLine;
}

interface Data {
  readonly kind: "data";
  left: number;
}

interface DataEnd {
  readonly kind: "data_end";
  readonly expects: typeof CR | typeof LF;
}

const DATA_CR: DataEnd = { kind: "data_end", expects: CR };
const DATA_LF: DataEnd = { kind: "data_end", expects: LF };

/** A size line of so many bytes, and twice the bytes of its chunk, are usual; the rest is excess. */
const USUAL_LINE_BYTES = 16;

/** The chunked transfer coding (RFC 9112 section 7.1). The trailers' blank line is part of the body. */
export class ChunkedBody implements BodyDecoder {
  readonly #limits: Http1Limits;
  /** Used for chunk after chunk: an event of a stream is one, and may be a few bytes long. */
  readonly #line: Line;
  readonly #data: Data = { kind: "data", left: 0 };
  #state: State;
  /** Bytes of size lines beyond what the data they frame makes up for. */
  #excessBytes = 0;
  /** How many more bytes of data are taken. */
  #roomBytes: number;

  constructor(limits: Http1Limits, maxBytes: number) {
    this.#limits = limits;
    this.#roomBytes = maxBytes;
    this.#state = this.#line = { kind: "line", line: new ChunkLine(limits) };
  }

  next(intake: Intake): DataEvent | EndEvent | NeedData {
    while (intake.size > 0) {
      const state = this.#state;
      switch (state.kind) {
        case "line":
          this.#sizeLine(state.line, intake);
          break;
        case "data":
          return this.#takeData(state, intake);
        case "data_end":
          this.#dataEnd(state.expects, intake);
          break;
        case "trailers": {
          const trailers = state.parser.parse(intake);
          return trailers === undefined ? NEED_DATA : { type: "end", trailers };
        }
      }
    }
    return NEED_DATA;
  }

  atEof(): EndEvent {
    throw remoteFault("TRUNCATED");
  }

  #sizeLine(line: ChunkLine, intake: Intake): void {
    const { bytes, start, size } = intake;
    for (let count = 1; count <= size; count++) {
      if (!line.push(byteAt(bytes, start + count - 1))) continue;
      intake.skip(count);
      this.#checkExcess(line);
      this.#roomBytes -= line.size;
      if (this.#roomBytes < 0) throw remoteFault("BODY_TOO_LARGE");
      this.#state = line.size > 0 ? this.#data : {
        kind: "trailers",
        parser: new HeadParser({ limits: this.#limits, faultsAs: "BAD_TRAILER" }),
      };
      this.#data.left = line.size;
      return;
    }
    intake.skip(size);
  }

  /** A peer that sends next to no data in long lines costs more than it brings (CVE-2023-39326). */
  #checkExcess({ length, size }: ChunkLine): void {
    const more = length - USUAL_LINE_BYTES - 2 * size;
    this.#excessBytes = Math.max(0, this.#excessBytes + more);
    if (this.#excessBytes > this.#limits.maxChunkExcessBytes) throw remoteFault("BAD_CHUNK_EXT");
  }

  #takeData(state: Data, intake: Intake): DataEvent {
    const bytes = intake.take(Math.min(state.left, intake.size));
    state.left -= bytes.length;
    if (state.left === 0) this.#state = DATA_CR;
    return { type: "data", bytes };
  }

  /** Both bytes are looked at: skipping them unread once let answers be smuggled (GHSA-vqfr-h8mv-ghfj). */
  #dataEnd(expects: typeof CR | typeof LF, intake: Intake): void {
    const byte = byteAt(intake.bytes, intake.start);
    intake.skip(1);
    if (byte !== expects) {
      throw remoteFault("BAD_CHUNK_END", escapeBytes(Uint8Array.of(byte)));
    }
    if (expects === LF) this.#line.line.restart();
    this.#state = expects === CR ? DATA_LF : this.#line;
  }
}
