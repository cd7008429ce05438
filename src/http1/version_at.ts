import { beginsAt, byteAt } from "./grammar.ts";

const MAJOR = "HTTP/1.";

/** How many bytes `HTTP/1.1` has. */
export const VERSION_BYTES = 8;

/** The minor version that `HTTP/1.0` or `HTTP/1.1` at `start` names; -1 when something else stands there. */
export function minorVersionAt(bytes: Uint8Array, start: number): number {
  const minor = byteAt(bytes, start + MAJOR.length) - 0x30;
  return (minor === 0 || minor === 1) && beginsAt(bytes, start, MAJOR) ? minor : -1;
}
