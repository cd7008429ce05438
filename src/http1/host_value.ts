import {
  byteAt,
  CLOSE_BRACKET,
  COLON,
  DIGIT,
  DOT,
  HEX,
  HOST,
  isOf,
  OPEN_BRACKET,
} from "./grammar.ts";

/**
 * Whether `bytes` are one host and at most one port (RFC 9110 section 7.2): a
 * registered name, a dotted address or an IPv6 literal in brackets. No user info, path, comma or
 * white space; of the registered names only those of letters, digits and `-._~%`.
 */
export function isHostAndPort(bytes: Uint8Array): boolean {
  const isLiteral = byteAt(bytes, 0) === OPEN_BRACKET;
  const hostEnd = isLiteral ? endOfLiteral(bytes) : endOfName(bytes);
  if (hostEnd === 0) return false;
  if (hostEnd === bytes.length) return true;
  return byteAt(bytes, hostEnd) === COLON && areDigits(bytes, hostEnd + 1);
}

/** Where the name ends; 0 when there is none. */
function endOfName(bytes: Uint8Array): number {
  let at = 0;
  while (at < bytes.length && isOf(byteAt(bytes, at), HOST)) at++;
  return at;
}

/** Where the literal in brackets ends; 0 when it does not, or is empty. */
function endOfLiteral(bytes: Uint8Array): number {
  let at = 1;
  while (at < bytes.length && isAddressByte(byteAt(bytes, at))) at++;
  return at > 1 && at < bytes.length && byteAt(bytes, at) === CLOSE_BRACKET ? at + 1 : 0;
}

function isAddressByte(byte: number): boolean {
  return isOf(byte, HEX) || byte === COLON || byte === DOT;
}

/** A port may be empty. */
function areDigits(bytes: Uint8Array, start: number): boolean {
  for (let at = start; at < bytes.length; at++) {
    if (!isOf(byteAt(bytes, at), DIGIT)) return false;
  }
  return true;
}
