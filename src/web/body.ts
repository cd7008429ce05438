/**
 * Bodies of requests to ourselves, never more than 1 MiB of them, checked as an engine of ours
 * checks them (contract section 2), so that no engine is started for an input it would refuse.
 *
 * @module
 */
import { type Clock, RequestError, sleep } from "../core/mod.ts";

export const MAX_BODY_BYTES = 1024 * 1024;

const REMEDY = 'Send JSON like {"input":"hello"}, at most 1 MiB of it.';

/** How long, and how much of, what is too much is read on and thrown away. */
const LINGER_MS = 1_000;
const LINGER_BYTES = 16 * MAX_BODY_BYTES;

type BodyReader = ReadableStreamDefaultReader<Uint8Array>;

export interface BodyDeps {
  readonly clock: Clock;
  /** Told of each body that is refused for its size. */
  readonly onTooLarge: () => void;
  /** @default MAX_BODY_BYTES */
  readonly maxBytes?: number;
}

/**
 * Reads a body whole. What is announced or turns out to be larger than the limit is refused; it is
 * read on for a moment and thrown away, since a client that is still writing when its connection
 * closes may never read the answer.
 *
 * @throws {RequestError} `too_large`; `bad_request` when the body breaks off.
 */
export async function readBody(
  request: Request,
  { clock, onTooLarge, maxBytes = MAX_BODY_BYTES }: BodyDeps,
): Promise<Uint8Array<ArrayBuffer>> {
  const announced = Number(request.headers.get("content-length"));
  const reader: BodyReader | undefined = request.body?.getReader();
  if (reader === undefined) return new Uint8Array();
  const body = await readWithin(reader, announced > maxBytes ? 0 : maxBytes);
  if (body !== null) return body;
  onTooLarge();
  await discard(reader, clock);
  throw tooLarge(maxBytes);
}

/** The whole body; `null` once it has more than `maxBytes`. */
async function readWithin(
  reader: BodyReader,
  maxBytes: number,
): Promise<Uint8Array<ArrayBuffer> | null> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      size += part.value.byteLength;
      if (size > maxBytes) return null;
      chunks.push(part.value);
    }
  } catch (error) {
    throw new RequestError("bad_request", {
      detail: "The body broke off before its end.",
      remedy: "Send the request again.",
      cause: error,
    });
  }
  return join(chunks, size);
}

/** Reads to the end of the body, as far as that is near, and keeps nothing. */
async function discard(reader: BodyReader, clock: Clock): Promise<void> {
  const readOn = async () => {
    for (let left = LINGER_BYTES; left > 0;) {
      const { done, value } = await reader.read();
      if (done) return;
      left -= value.byteLength;
    }
  };
  const over = new AbortController();
  // A client that breaks off reads no answer; there is nothing to be told.
  await Promise.race([readOn().catch(() => {}), sleep(clock, LINGER_MS, over.signal)]);
  over.abort();
  await reader.cancel().catch(() => {});
}

/**
 * The text of `{"input": TEXT}`.
 *
 * @throws {RequestError} `bad_request` for what is not JSON, `bad_input` for an empty body and for
 * JSON without a text as `input`.
 */
export function parseInput(body: Uint8Array): string {
  if (body.byteLength === 0) throw badInput("The body is empty.");
  const value = parseJson(body, REMEDY);
  const input = typeof value === "object" && value !== null && "input" in value
    ? value.input
    : undefined;
  if (typeof input !== "string") throw badInput('The body has no text as "input".');
  return input;
}

/**
 * What `body` says as JSON.
 *
 * @throws {RequestError} `bad_request` for what is not JSON in UTF-8.
 */
export function parseJson(body: Uint8Array, remedy: string): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body));
  } catch (cause) {
    throw new RequestError("bad_request", {
      detail: "The body is not JSON in UTF-8.",
      remedy,
      cause,
    });
  }
}

function badInput(detail: string): RequestError {
  return new RequestError("bad_input", { detail, remedy: REMEDY });
}

function tooLarge(maxBytes: number): RequestError {
  const isInput = maxBytes === MAX_BODY_BYTES;
  return new RequestError("too_large", {
    detail: `The body is larger than ${isInput ? "1 MiB" : `${maxBytes} bytes`}.`,
    remedy: isInput ? REMEDY : "Send only what is asked for.",
  });
}

function join(chunks: readonly Uint8Array[], size: number): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(size);
  let offset = 0;
  for (const chunk of chunks) {
    whole.set(chunk, offset);
    offset += chunk.byteLength;
  }
  return whole;
}
