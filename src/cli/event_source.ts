/**
 * Server-Sent Events out of bytes (HTML standard, section 9.2), as far as ours go: no retry, no BOM.
 *
 * @module
 */
export interface SourceEvent {
  readonly type: string;
  /** `null` where it has none of its own. */
  readonly id: string | null;
  /** Parsed; `undefined` when it is not JSON. */
  readonly data: unknown;
}

/** A line that never ends is not kept. */
const MAX_PENDING_CHARACTERS = 8_388_608;

/** The events in `body`, each when it is whole; a last one that is cut is dropped. */
export async function* readEvents(
  body: AsyncIterable<Uint8Array>,
): AsyncGenerator<SourceEvent, void, undefined> {
  const decoder = new TextDecoder();
  let pending = "";
  for await (const piece of body) {
    pending += decoder.decode(piece, { stream: true });
    if (pending.length > MAX_PENDING_CHARACTERS) throw new RangeError("an event without an end");
    const blocks = pending.split(/\r?\n\r?\n/);
    pending = blocks.pop() ?? "";
    for (const block of blocks) {
      const event = parseBlock(block);
      if (event !== null) yield event;
    }
  }
}

function parseBlock(block: string): SourceEvent | null {
  let type = "message";
  let id: string | null = null;
  const data: string[] = [];
  for (const line of block.split(/\r?\n/)) {
    const colon = line.indexOf(":");
    const name = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (name === "event") type = value;
    if (name === "id") id = value;
    if (name === "data") data.push(value);
  }
  return data.length === 0 ? null : { type, id, data: parseJson(data.join("\n")) };
}

/** `undefined` when `text` is not JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
