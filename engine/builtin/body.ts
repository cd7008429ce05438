/** Request bodies, bounded while they arrive. */

export const MAX_BODY_BYTES = 1024 * 1024;

/** What became of a body: here, over the limit, or its sender has left. */
export type Body =
  | { readonly kind: "whole"; readonly bytes: Uint8Array<ArrayBuffer> }
  | { readonly kind: "too_large" }
  | { readonly kind: "gone" };

export interface ReadBodyOptions {
  /** @default 1 MiB */
  readonly maxBytes?: number;
  /** How long what is too much is read on. @default 1_000 */
  readonly lingerMs?: number;
}

/**
 * Reads the body of `request`. No more than the limit and one chunk is ever held. What is too much is
 * read on and thrown away for a moment, since a client that is still writing when its connection
 * closes may never read the answer.
 */
export async function readBody(request: Request, options: ReadBodyOptions = {}): Promise<Body> {
  const { maxBytes = MAX_BODY_BYTES, lingerMs = 1_000 } = options;
  if (request.body === null) return { kind: "whole", bytes: new Uint8Array() };
  const reader = request.body.getReader();
  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    while (true) {
      const { done, value } = await reader.read();
      if (done) return { kind: "whole", bytes: join(chunks, length) };
      length += value.length;
      if (length > maxBytes) break;
      chunks.push(value);
    }
    await discard(reader, lingerMs);
    return { kind: "too_large" };
  } catch {
    return { kind: "gone" };
  }
}

function join(chunks: readonly Uint8Array[], length: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}

/** Reads to the end of the body, or for `lingerMs`. Keeps no chunk, as `Promise.race` on each would. */
async function discard(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  lingerMs: number,
): Promise<void> {
  const { promise: late, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, lingerMs);
  try {
    await Promise.race([readToEnd(reader), late]);
    await reader.cancel();
  } finally {
    clearTimeout(timer);
  }
}

async function readToEnd(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<void> {
  while (!(await reader.read()).done);
}
