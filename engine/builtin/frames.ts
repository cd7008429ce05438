/** The framed protocol of direct calls (docs/frames.md), an engine's side, without a connection. */
import type { Payload } from "./functions.ts";

export const MAX_PAYLOAD_BYTES = 4 * 1024 * 1024;
const MAX_FRAME_LENGTH = MAX_PAYLOAD_BYTES + 256;
const HEAD_BYTES = 10;
/** The length counts what follows it. */
const LENGTH_BYTES = 4;
const MAX_NAME_BYTES = 64;
const MAX_MESSAGE = 4_096;

const KIND = { hello: 1, call: 2, result: 3, error: 4, cancel: 5 } as const;
const FORMAT = { none: 0, json: 1, bytes: 2 } as const;

/** A call as it came. */
export interface Call {
  readonly id: number;
  readonly name: string;
  /** Raw bytes rather than JSON. */
  readonly isRaw: boolean;
  readonly argument: Uint8Array<ArrayBuffer>;
}

/** The caller did not keep to the protocol; its connection is to be closed. */
export class FrameError extends Error {
  override readonly name = "FrameError";
}

/** Bytes in, calls out. Holds what has come of one frame, not what it announces. */
export class CallReader {
  #pieces: Uint8Array[] = [];
  #size = 0;
  /** Nothing is whole before there are so many bytes. */
  #needed = HEAD_BYTES;

  /**
   * The calls that are whole with `bytes`. What takes a call back is of no effect: each is answered
   * as soon as it is read. Throws {@linkcode FrameError}.
   */
  receive(bytes: Uint8Array): Call[] {
    this.#pieces.push(bytes.slice());
    this.#size += bytes.length;
    if (this.#size < this.#needed) return [];
    const held = join(this.#pieces, this.#size);
    const calls: Call[] = [];
    let at = 0;
    for (this.#needed = HEAD_BYTES; held.length - at >= HEAD_BYTES; this.#needed = HEAD_BYTES) {
      const view = new DataView(held.buffer, at);
      const length = view.getUint32(0);
      checkHead(view, length);
      this.#needed = LENGTH_BYTES + length;
      if (held.length - at < this.#needed) break;
      const body = held.subarray(at + HEAD_BYTES, at + this.#needed);
      if (view.getUint8(4) === KIND.call) calls.push(parseCall(view, body));
      at += this.#needed;
    }
    this.#pieces = [held.slice(at)];
    this.#size = held.length - at;
    return calls;
  }
}

/** What is sent first. */
export function encodeHello(maxCalls: number): Uint8Array {
  const said = { protocol: "ai-engine-frames", version: 1, maxCalls };
  return encode(KIND.hello, { id: 0, format: FORMAT.json, body: toJson(said) });
}

/** The answer with a result. Throws `TypeError` for what JSON can't say. */
export function encodeResult(id: number, value: Payload): Uint8Array {
  const isRaw = value instanceof Uint8Array;
  const body = isRaw ? value : toJson(value);
  if (body.length > MAX_PAYLOAD_BYTES) {
    const message = `The result has ${body.length} bytes, over ${MAX_PAYLOAD_BYTES}.`;
    return encodeError(id, { code: "too_large", message });
  }
  return encode(KIND.result, { id, format: isRaw ? FORMAT.bytes : FORMAT.json, body });
}

/** Why there is no result, as docs/frames.md lists it. */
export interface CallFault {
  readonly code: "unknown_function" | "bad_argument" | "failed" | "too_large" | "stopping";
  readonly message: string;
  readonly type?: string;
  readonly functions?: readonly string[];
}

/** The answer that says why there is no result. */
export function encodeError(id: number, fault: CallFault): Uint8Array {
  const body = toJson({ ...fault, message: fault.message.slice(0, MAX_MESSAGE) });
  return encode(KIND.error, { id, format: FORMAT.json, body });
}

function checkHead(view: DataView, length: number): void {
  const [kind, format, id] = [view.getUint8(4), view.getUint8(5), view.getUint32(6)];
  const bodyBytes = length + LENGTH_BYTES - HEAD_BYTES;
  const isCall = kind === KIND.call && bodyBytes > 1 && length <= MAX_FRAME_LENGTH &&
    (format === FORMAT.json || format === FORMAT.bytes);
  const isCancel = kind === KIND.cancel && bodyBytes === 0 && format === FORMAT.none;
  if ((isCall || isCancel) && id > 0) return;
  throw new FrameError(`no frame begins with ${length}, ${kind}, ${format}, ${id}`);
}

function parseCall(view: DataView, body: Uint8Array<ArrayBuffer>): Call {
  const size = body[0] ?? 0;
  const argument = body.slice(1 + size);
  const isNamed = size > 0 && size <= MAX_NAME_BYTES && size < body.length;
  if (!isNamed || argument.length > MAX_PAYLOAD_BYTES) {
    throw new FrameError(`a name of ${size} bytes in a body of ${body.length}`);
  }
  const name = String.fromCharCode(...body.subarray(1, 1 + size));
  return { id: view.getUint32(6), name, isRaw: view.getUint8(5) === FORMAT.bytes, argument };
}

function encode(
  kind: number,
  { id, format, body }: { readonly id: number; readonly format: number; readonly body: Uint8Array },
): Uint8Array {
  const frame = new Uint8Array(HEAD_BYTES + body.length);
  const view = new DataView(frame.buffer);
  view.setUint32(0, HEAD_BYTES - LENGTH_BYTES + body.length);
  view.setUint8(4, kind);
  view.setUint8(5, format);
  view.setUint32(6, id);
  frame.set(body, HEAD_BYTES);
  return frame;
}

function toJson(value: unknown): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(JSON.stringify(value));
}

function join(pieces: readonly Uint8Array[], size: number): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(size);
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}
