import {
  BACKSLASH,
  type ByteKind,
  CR,
  EQUALS,
  escapeBytes,
  HEX,
  isBlank,
  isOf,
  LF,
  QUOTE,
  QUOTED,
  SEMICOLON,
  TEXT,
  TOKEN,
  toLower,
} from "./grammar.ts";
import type { Http1Limits } from "./limits.ts";
import { remoteFault, type Rule } from "./rules.ts";

/** Where in `;name="value"` the next byte stands. */
type ExtensionState =
  | "name_start"
  | "name"
  | "value_start"
  | "token"
  | "quoted"
  | "escaped"
  | "after";
type LineState = "size" | "size_lf" | ExtensionState | "extension_lf";

/** One way on: a byte, or any of a kind, leads to a state. */
type Arrow = readonly [on: number | { readonly kind: ByteKind }, to: LineState];

const anyOf = (kind: ByteKind) => ({ kind });
const NEXT_OR_END: readonly Arrow[] = [[SEMICOLON, "name_start"], [CR, "extension_lf"]];

/** chunk-ext of RFC 9112 section 7.1.1, without the white space it tolerates. No arrow = refused. */
const EXTENSION: Readonly<Record<ExtensionState, readonly Arrow[]>> = {
  name_start: [[anyOf(TOKEN), "name"]],
  name: [[anyOf(TOKEN), "name"], [EQUALS, "value_start"], ...NEXT_OR_END],
  value_start: [[anyOf(TOKEN), "token"], [QUOTE, "quoted"]],
  token: [[anyOf(TOKEN), "token"], ...NEXT_OR_END],
  quoted: [[QUOTE, "after"], [BACKSLASH, "escaped"], [anyOf(QUOTED), "quoted"]],
  escaped: [[anyOf(TEXT), "quoted"]],
  after: NEXT_OR_END,
};

/** The size line of one chunk, `1f;name=value` CR LF, byte for byte; extensions are ignored. */
export class ChunkLine {
  readonly #limits: Http1Limits;
  #state: LineState = "size";
  #size = 0;
  #digits = 0;
  #length = 0;

  constructor(limits: Http1Limits) {
    this.#limits = limits;
  }

  /** Bytes of the chunk; right once `push` has returned `true`. */
  get size(): number {
    return this.#size;
  }

  /** Bytes of the line so far, its CR LF included. */
  get length(): number {
    return this.#length;
  }

  /** Begins another line. */
  restart(): void {
    this.#state = "size";
    this.#size = this.#digits = this.#length = 0;
  }

  /** Takes the next byte; `true` = the line is whole. */
  push(byte: number): boolean {
    if (++this.#length > this.#limits.maxChunkLineBytes) throw remoteFault("BAD_CHUNK_EXT");
    switch (this.#state) {
      case "size":
        this.#state = this.#sizeByte(byte);
        return false;
      case "size_lf":
        return this.#lineFeed(byte, "BAD_LINE_END");
      case "extension_lf":
        return this.#lineFeed(byte, "BAD_CHUNK_EXT");
      default:
        this.#state = this.#extensionByte(this.#state, byte);
        return false;
    }
  }

  #sizeByte(byte: number): LineState {
    if (isOf(byte, HEX)) {
      if (++this.#digits > this.#limits.maxChunkSizeDigits) throw fault("BAD_CHUNK_SIZE", byte);
      this.#size = this.#size * 16 + hexDigit(byte);
      return "size";
    }
    if (this.#digits === 0) throw fault("BAD_CHUNK_SIZE", byte);
    if (byte === CR) return "size_lf";
    if (byte === SEMICOLON) return "name_start";
    if (byte === LF) throw fault("BAD_LINE_END", byte);
    throw fault(isBlank(byte) ? "BAD_CHUNK_EXT" : "BAD_CHUNK_SIZE", byte);
  }

  #extensionByte(state: ExtensionState, byte: number): LineState {
    for (const [on, to] of EXTENSION[state]) {
      if (typeof on === "number" ? on === byte : isOf(byte, on.kind)) return to;
    }
    throw fault("BAD_CHUNK_EXT", byte);
  }

  #lineFeed(byte: number, rule: Rule): true {
    if (byte !== LF) throw fault(rule, byte);
    return true;
  }
}

function hexDigit(byte: number): number {
  return byte <= 0x39 ? byte - 0x30 : toLower(byte) - 0x61 + 10;
}

function fault(rule: Rule, byte: number) {
  return remoteFault(rule, escapeBytes(Uint8Array.of(byte)));
}
