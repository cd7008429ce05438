import { RequestError } from "../core/mod.ts";
import { type ReceivedRequest, TextMemo } from "../http1/mod.ts";

/** What the targets of requests to an engine begin with. */
export const PREFIX = "/upstream/";

/** Longer than any name may be: what is cut off here is found nowhere. */
const LONGEST_NAME_END = PREFIX.length + 64;

const NAMES = new TextMemo();

const SLASH = 0x2f;
const QUESTION = 0x3f;
const ROOT = Uint8Array.of(SLASH);

/** Which engine a target names, and what is left of it for the engine. */
export interface EngineTarget {
  readonly engine: string;
  /** As it came: nothing is decoded, no dot-segment is followed. */
  readonly rest: Uint8Array;
}

/** Cuts `/upstream/NAME` off. Throws `not_found` when no name follows. */
export function readTarget(request: ReceivedRequest): EngineTarget {
  const { targetBytes } = request;
  let end = PREFIX.length;
  while (end < targetBytes.length && !endsName(targetBytes[end])) end++;
  if (end === PREFIX.length) throw nameless();
  // Visible ASCII only: the codec has seen to that.
  const engine = NAMES.decode(targetBytes, PREFIX.length, Math.min(end, LONGEST_NAME_END));
  return { engine, rest: originForm(targetBytes.subarray(end)) };
}

function endsName(byte: number | undefined): boolean {
  return byte === SLASH || byte === QUESTION;
}

/** An empty path is `/` (RFC 9112 section 3.2.1), with the query or without. */
function originForm(rest: Uint8Array): Uint8Array {
  if (rest.length === 0) return ROOT;
  if (rest[0] === SLASH) return rest;
  const target = new Uint8Array(rest.length + 1);
  target.set(ROOT);
  target.set(rest, 1);
  return target;
}

function nameless(): RequestError {
  return new RequestError("not_found", {
    detail: `After ${PREFIX} the name of an engine has to follow.`,
    remedy: "List the engines with `GET /api/engines`.",
  });
}
