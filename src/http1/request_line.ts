import { type ByteKind, CR, LF, SP, TARGET, TOKEN } from "./grammar.ts";
import type { StartLine, StartLineVerdict } from "./head_parser.ts";

const VERSION = "HTTP/1.";
/** Where the parts of `HTTP/1.1` stand, from the first byte of the version. */
const MAJOR_AT = 5;
const MINOR_AT = 7;
const VERSION_END = 8;

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
    if (position === VERSION_END) return byte === CR ? "end" : "BAD_REQUEST_LINE";
    if (position === MINOR_AT) {
      this.#minorVersion = byte - 0x30;
      return this.#minorVersion === 0 || this.#minorVersion === 1 ? "more" : "BAD_VERSION";
    }
    if (byte === VERSION.charCodeAt(position)) return "more";
    return position < MAJOR_AT ? "BAD_REQUEST_LINE" : "BAD_VERSION";
  }
}
