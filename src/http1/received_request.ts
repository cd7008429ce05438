import type { FieldList } from "./field_list.ts";
import {
  ASTERISK,
  beginsWith,
  byteAt,
  decodeLatin1,
  escapeBytes,
  isSameText,
  QUESTION,
  SLASH,
  startsWith,
  TextMemo,
} from "./grammar.ts";
import { isHostAndPort } from "./host_value.ts";
import type { RequestLine } from "./request_line.ts";
import { remoteFault } from "./rules.ts";

const SCHEME = "http://";
const HOSTS = new TextMemo();
const ROOT = Uint8Array.of(SLASH);

/** Methods that cost no decoding. */
const COMMON_METHODS = ["GET", "POST", "HEAD", "PUT", "DELETE", "OPTIONS", "PATCH"] as const;

/** The head of a request that came in, as bytes of its own: nothing is decoded before it is asked for. */
export class ReceivedRequest {
  readonly fields: FieldList;
  /** 0 for HTTP/1.0, 1 for HTTP/1.1. */
  readonly minorVersion: number;
  /** Path and query as they came, e.g. `/a/../b%2e?x=1`, or `*`; always visible ASCII. */
  readonly targetBytes: Uint8Array;
  readonly #bytes: Uint8Array;
  readonly #methodEnd: number;
  /** The host of a target in absolute form. */
  readonly #authority: Uint8Array | undefined;

  /**
   * Looks at the form of the target (RFC 9112 section 3.2): of the absolute form its path is the
   * target. Throws `UNSUPPORTED_METHOD` for CONNECT, `BAD_TARGET`, and `BAD_HOST` when a target in
   * absolute form names another host than `Host`.
   */
  constructor(line: RequestLine, fields: FieldList) {
    this.fields = fields;
    this.minorVersion = line.minorVersion;
    this.#bytes = fields.bytes;
    this.#methodEnd = line.methodEnd;
    if (this.isMethod("CONNECT")) throw remoteFault("UNSUPPORTED_METHOD");
    const came = this.#bytes.subarray(line.targetStart, line.targetEnd);
    const isAsterisk = came.length === 1 && byteAt(came, 0) === ASTERISK;
    if (byteAt(came, 0) === SLASH || (isAsterisk && this.isMethod("OPTIONS"))) {
      this.targetBytes = came;
      return;
    }
    if (!startsWith(came, SCHEME)) throw remoteFault("BAD_TARGET", escapeBytes(came));
    const { authority, path } = splitAbsolute(came.subarray(SCHEME.length));
    this.#authority = authority;
    this.targetBytes = path;
    this.#checkAuthority(authority);
  }

  /** Case matters. */
  get method(): string {
    for (const method of COMMON_METHODS) {
      if (this.isMethod(method)) return method;
    }
    return decodeLatin1(this.methodBytes);
  }

  get methodBytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#methodEnd);
  }

  /** Whether the method is `name`, without decoding it. */
  isMethod(name: string): boolean {
    return this.#methodEnd === name.length && beginsWith(this.#bytes, name);
  }

  /** `targetBytes` as text. */
  get target(): string {
    return decodeLatin1(this.targetBytes);
  }

  /** Whether the target begins with `prefix`, byte for byte, without decoding it. */
  targetStartsWith(prefix: string): boolean {
    return beginsWith(this.targetBytes, prefix);
  }

  /** The host and port as they came; `undefined` only for HTTP/1.0. */
  get host(): string | undefined {
    const index = this.fields.find("host");
    if (index >= 0) return this.fields.text(index, HOSTS);
    return this.#authority === undefined ? undefined : decodeLatin1(this.#authority);
  }

  /** Two names for the host of one request would let two readers choose differently. */
  #checkAuthority(authority: Uint8Array): void {
    if (!isHostAndPort(authority)) throw remoteFault("BAD_TARGET");
    const index = this.fields.find("host");
    if (index >= 0 && !isSameText(authority, this.fields.value(index))) {
      throw remoteFault("BAD_HOST");
    }
  }
}

/** `rest` is what follows the scheme; a missing path is `/`. */
function splitAbsolute(rest: Uint8Array): { authority: Uint8Array; path: Uint8Array } {
  const found = rest.findIndex((byte) => byte === SLASH || byte === QUESTION);
  if (found < 0) return { authority: rest, path: ROOT };
  const came = rest.subarray(found);
  const path = byteAt(came, 0) === SLASH ? came : Uint8Array.of(SLASH, ...came);
  return { authority: rest.subarray(0, found), path };
}
