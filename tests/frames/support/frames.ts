/** An engine's side of the frames, written by hand: what our own room must read. */
import { AiEngineError } from "../../../src/core/mod.ts";
import type { Payload } from "../../../src/frames/mod.ts";
import { FORMATS, type FrameFormat, type FrameKind, KINDS } from "../../../src/frames/wire.ts";

export interface RawFrame {
  readonly kind: number;
  readonly format: number;
  readonly id: number;
  readonly body: Uint8Array;
  /** Instead of the right one. */
  readonly length?: number;
}

/** Any frame, right or wrong. */
export function rawFrame({ kind, format, id, body, length }: RawFrame): Uint8Array {
  const bytes = new Uint8Array(10 + body.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, length ?? 6 + body.length);
  view.setUint8(4, kind);
  view.setUint8(5, format);
  view.setUint32(6, id);
  bytes.set(body, 10);
  return bytes;
}

export function frame(
  kind: FrameKind,
  { id = 0, format = "json", body = "" }: {
    readonly id?: number;
    readonly format?: FrameFormat;
    readonly body?: string | Uint8Array;
  },
): Uint8Array {
  return rawFrame({
    kind: KINDS.indexOf(kind) + 1,
    format: FORMATS.indexOf(format),
    id,
    body: typeof body === "string" ? utf8(body) : body,
  });
}

export function hello(maxCalls = 8): Uint8Array {
  const said = { protocol: "ai-engine-frames", version: 1, maxCalls };
  return frame("hello", { body: JSON.stringify(said) });
}

export function result(id: number, value: unknown): Uint8Array {
  return frame("result", { id, body: JSON.stringify(value) });
}

export function failure(id: number, said: Readonly<Record<string, unknown>>): Uint8Array {
  return frame("error", { id, body: JSON.stringify(said) });
}

export function json(value: unknown): Payload {
  return { format: "json", bytes: utf8(JSON.stringify(value)) };
}

export function valueOf({ bytes }: Payload): unknown {
  return JSON.parse(new TextDecoder().decode(bytes));
}

export function utf8(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}

export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

/** What became of a promise: its value, the code of our error, or the name of another. */
export function outcome(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    (value) => value,
    (error) => error instanceof AiEngineError ? error.code : (error as Error).name,
  );
}
