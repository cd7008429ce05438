import { byteAt, type ByteKind, CR, LF, skipOf, SP, TARGET, TOKEN } from "./grammar.ts";
import type { StartLine, StartLineVerdict } from "./head_parser.ts";
import { minorVersionAt, VERSION_BYTES } from "./version_at.ts";

const VERSION = "HTTP/1.";
/** Where the parts of `HTTP/1.1` stand, from the first byte of the version. */
const MAJOR_AT = 5;
const MINOR_AT = 7;

/**
 * `GET /x HTTP/1.1`, checked byte for byte as it comes (RFC 9112 section 3): one space between the
 * parts, nothing but visible ASCII in the target. It notes where the parts stand and makes no
 * string; what form the target has is looked at when the head is whole.
 */
export class RequestLine implements StartLine {
  #methodEnd = 0;
  #targetEnd = 0;
  #minorVersion = 1;

  get passes(): ByteKind {
    if (this.#targetEnd > 0) return 0;
    return this.#methodEnd > 0 ? TARGET : TOKEN;
  }

  /** 0 for HTTP/1.0, 1 for HTTP/1.1. */
  get minorVersion(): number {
    return this.#minorVersion;
  }
  /** Where the method ends; it begins at 0. */
  get methodEnd(): number {
    return this.#methodEnd;
  }
  get targetStart(): number {
    return this.#methodEnd + 1;
  }
  get targetEnd(): number {
    return this.#targetEnd;
  }

  restart(): void {
    this.#methodEnd = this.#targetEnd = 0;
  }

  sweep(bytes: Uint8Array, start: number, stop: number): number {
    const methodEnd = skipOf(TOKEN, bytes, start, stop);
    const targetEnd = skipOf(TARGET, bytes, methodEnd + 1, stop);
    const lineEnd = targetEnd + 1 + VERSION_BYTES;
    const minorVersion = minorVersionAt(bytes, targetEnd + 1);
    const isWhole = methodEnd > start && byteAt(bytes, methodEnd) === SP &&
      targetEnd > methodEnd + 1 && byteAt(bytes, targetEnd) === SP && minorVersion >= 0 &&
      lineEnd + 2 <= stop && byteAt(bytes, lineEnd) === CR && byteAt(bytes, lineEnd + 1) === LF;
    if (!isWhole) return 0;
    this.#methodEnd = methodEnd - start;
    this.#targetEnd = targetEnd - start;
    this.#minorVersion = minorVersion;
    return lineEnd + 2 - start;
  }

  accept(byte: number, position: number): StartLineVerdict {
    if (this.#targetEnd > 0) return this.#version(byte, position - this.#targetEnd - 1);
    if (this.#methodEnd > 0) return this.#target(byte, position);
    return this.#method(byte, position);
  }

  /** Sees what ends the method. */
  #method(byte: number, position: number): StartLineVerdict {
    if (byte === CR || byte === LF) return position === 0 ? "BAD_LINE_END" : "BAD_REQUEST_LINE";
    if (byte !== SP || position === 0) return "BAD_METHOD";
    this.#methodEnd = position;
    return "more";
  }

  /** Sees what ends the target. */
  #target(byte: number, position: number): StartLineVerdict {
    const isEmpty = position === this.targetStart;
    if (byte === CR || (byte === SP && isEmpty)) return "BAD_REQUEST_LINE";
    if (byte !== SP) return "BAD_TARGET";
    this.#targetEnd = position;
    return "more";
  }

  #version(byte: number, position: number): StartLineVerdict {
    if (position === VERSION_BYTES) return byte === CR ? "end" : "BAD_REQUEST_LINE";
    if (position === MINOR_AT) {
      this.#minorVersion = byte - 0x30;
      return this.#minorVersion === 0 || this.#minorVersion === 1 ? "more" : "BAD_VERSION";
    }
    if (byte === VERSION.charCodeAt(position)) return "more";
    return position < MAJOR_AT ? "BAD_REQUEST_LINE" : "BAD_VERSION";
  }
}
