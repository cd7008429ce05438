import { type ByteKind, CR, DIGIT, isOf, LF, SP, TEXT } from "./grammar.ts";
import type { StartLine, StartLineVerdict } from "./head_parser.ts";

const VERSION = "HTTP/1.";
/** Where the parts of `HTTP/1.1 200 OK` stand. */
const MINOR_AT = 7;
const SPACE_AT = 8;
const STATUS_AT = 9;
const STATUS_END = 12;

/**
 * `HTTP/1.1 200 OK`, checked byte for byte as it comes (RFC 9112 section 4). The reason is ignored; it
 * and its space may be missing. A status from 600 on is refused here: nothing of ours could pass it
 * on.
 */
export class StatusLine implements StartLine {
  #minorVersion = 1;
  #status = 0;
  #isInReason = false;

  /** The reason is let by. */
  get passes(): ByteKind {
    return this.#isInReason ? TEXT : 0;
  }

  /** 0 for HTTP/1.0, 1 for HTTP/1.1. */
  get minorVersion(): number {
    return this.#minorVersion;
  }
  get status(): number {
    return this.#status;
  }

  restart(): void {
    this.#status = 0;
    this.#isInReason = false;
  }

  accept(byte: number, position: number): StartLineVerdict {
    if (position === 0 && (byte === CR || byte === LF)) return "UNSOLICITED";
    if (position < SPACE_AT) return this.#version(byte, position);
    if (position === SPACE_AT) return this.#space(byte);
    if (position < STATUS_END) return this.#digit(byte, position);
    if (byte === CR) return "end";
    this.#isInReason = position === STATUS_END && byte === SP;
    return this.#isInReason ? "more" : "BAD_STATUS";
  }

  #version(byte: number, position: number): StartLineVerdict {
    if (position < MINOR_AT) {
      return byte === VERSION.charCodeAt(position) ? "more" : "BAD_VERSION";
    }
    this.#minorVersion = byte - 0x30;
    return this.#minorVersion === 0 || this.#minorVersion === 1 ? "more" : "BAD_VERSION";
  }

  #space(byte: number): StartLineVerdict {
    if (byte === SP) return "more";
    return isOf(byte, DIGIT) ? "BAD_VERSION" : "BAD_STATUS";
  }

  #digit(byte: number, position: number): StartLineVerdict {
    if (!isOf(byte, DIGIT)) return "BAD_STATUS";
    const digit = byte - 0x30;
    if (position === STATUS_AT && (digit < 1 || digit > 5)) return "BAD_STATUS";
    this.#status = this.#status * 10 + digit;
    return "more";
  }
}
