import { byteAt, type ByteKind, CR, DIGIT, isOf, LF, skipOf, SP, TEXT } from "./grammar.ts";
import type { StartLine, StartLineVerdict } from "./head_parser.ts";
import { minorVersionAt } from "./version_at.ts";

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

  sweep(bytes: Uint8Array, start: number, stop: number): number {
    const minorVersion = minorVersionAt(bytes, start);
    const statusEnd = start + STATUS_END;
    let status = 0;
    for (let at = start + STATUS_AT; at < statusEnd; at++) {
      if (!isOf(byteAt(bytes, at), DIGIT)) return 0;
      status = status * 10 + byteAt(bytes, at) - 0x30;
    }
    const hasReason = byteAt(bytes, statusEnd) === SP;
    const end = hasReason ? skipOf(TEXT, bytes, statusEnd, stop) : statusEnd;
    const isWhole = minorVersion >= 0 && byteAt(bytes, start + SPACE_AT) === SP && status >= 100 &&
      status < 600 && end + 2 <= stop && byteAt(bytes, end) === CR && byteAt(bytes, end + 1) === LF;
    if (!isWhole) return 0;
    this.#minorVersion = minorVersion;
    this.#status = status;
    return end + 2 - start;
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
