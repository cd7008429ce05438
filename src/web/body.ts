/**
 * Bodies of requests to ourselves, never more than 1 MiB of them, checked as an engine of ours
 * checks them (contract section 2), so that no engine is started for an input it would refuse.
 *
 * @module
 */
import { RequestError } from "../core/mod.ts";

export const MAX_BODY_BYTES = 1024 * 1024;

const REMEDY = 'Send JSON like {"input":"hello"}, at most 1 MiB of it.';

/**
 * Reads a body whole. What is announced or turns out to be larger than the limit is refused and
 * not read further.
 *
 * @throws {RequestError} `too_large`; `bad_request` when the body breaks off.
 */
export async function readBody(request: Request): Promise<Uint8Array<ArrayBuffer>> {
  if (Number(request.headers.get("content-length")) > MAX_BODY_BYTES) throw tooLarge();
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of request.body ?? []) {
      size += chunk.byteLength;
      if (size > MAX_BODY_BYTES) throw tooLarge();
      chunks.push(chunk);
    }
  } catch (error) {
    if (error instanceof RequestError) throw error;
    throw new RequestError("bad_request", {
      detail: "The body broke off before its end.",
      remedy: "Send the request again.",
      cause: error,
    });
  }
  return join(chunks, size);
}

/**
 * The text of `{"input": TEXT}`.
 *
 * @throws {RequestError} `bad_request` for what is not JSON, `bad_input` for an empty body and for
 * JSON without a text as `input`.
 */
export function parseInput(body: Uint8Array): string {
  if (body.byteLength === 0) throw badInput("The body is empty.");
  const value = parseJson(body);
  const input = typeof value === "object" && value !== null && "input" in value
    ? value.input
    : undefined;
  if (typeof input !== "string") throw badInput('The body has no text as "input".');
  return input;
}

function parseJson(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body));
  } catch (cause) {
    throw new RequestError("bad_request", {
      detail: "The body is not JSON in UTF-8.",
      remedy: REMEDY,
      cause,
    });
  }
}

/** For an input that came as a form field, too. */
export function badInput(detail: string): RequestError {
  return new RequestError("bad_input", { detail, remedy: REMEDY });
}

function tooLarge(): RequestError {
  return new RequestError("too_large", {
    detail: "The body is larger than 1 MiB.",
    remedy: REMEDY,
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
