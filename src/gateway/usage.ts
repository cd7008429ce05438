/**
 * What the end of an answer says of tokens: the last `"usage":{…}` in it, whatever stands around. In a
 * string of JSON its quotes would be escaped, so that no text of a model looks like it.
 *
 * @module
 */

export interface Usage {
  /** `null` = it is not told. */
  readonly tokensIn: number | null;
  readonly tokensOut: number | null;
}

const NONE: Usage = { tokensIn: null, tokensOut: null };

const NAME = new TextEncoder().encode('"usage"');
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
/** More is no account of tokens. */
const MAX_USAGE_BYTES = 2 * 1024;

const BEGINNING = /^\s*:\s*$/;

/** Reads nothing but what follows the name; an answer that says `null`, as each piece of a stream but the last does, is passed over. */
export function readUsage(tail: Uint8Array): Usage {
  for (let at = lastName(tail, tail.length); at >= 0; at = lastName(tail, at)) {
    const open = tail.indexOf(OPEN_BRACE, at + NAME.length);
    if (open < 0) continue;
    if (!BEGINNING.test(latin1(tail.subarray(at + NAME.length, open)))) continue;
    const usage = parse(tail, open);
    if (usage !== undefined) return usage;
  }
  return NONE;
}

/** Where the name begins that ends before `before`; -1 = nowhere. */
function lastName(tail: Uint8Array, before: number): number {
  const [quote] = NAME;
  for (let at = before - NAME.length; at >= 0; at--) {
    if (tail[at] === quote && NAME.every((byte, i) => tail[at + i] === byte)) return at;
  }
  return -1;
}

function parse(tail: Uint8Array, open: number): Usage | undefined {
  const text = latin1(tail.subarray(open, endOf(tail, open)));
  try {
    const { prompt_tokens, completion_tokens, input_tokens, output_tokens } = JSON.parse(text);
    return {
      tokensIn: count(prompt_tokens) ?? count(input_tokens),
      tokensOut: count(completion_tokens) ?? count(output_tokens),
    };
  } catch {
    return undefined;
  }
}

/** Behind the brace that closes the one at `open`. What is no account of numbers does not parse then. */
function endOf(tail: Uint8Array, open: number): number {
  let depth = 0;
  const limit = Math.min(tail.length, open + MAX_USAGE_BYTES);
  for (let at = open; at < limit; at++) {
    if (tail[at] === OPEN_BRACE) depth++;
    else if (tail[at] === CLOSE_BRACE && --depth === 0) return at + 1;
  }
  return open;
}

function count(value: unknown): number | null {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0 ? value : null;
}

function latin1(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}
