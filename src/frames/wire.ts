/**
 * The frames on the wire, version 1 (docs/frames.md): a head of ten bytes, big-endian, and a body.
 *
 * @module
 */
import { ProtocolError } from "../core/mod.ts";

/** What the first frame of an engine has to say. */
export const PROTOCOL = "ai-engine-frames";
export const VERSION = 1;

/** Length, kind, format, id. */
export const HEAD_BYTES = 10;
/** The length does not count itself. */
export const LENGTH_BYTES = 4;
/** The largest argument and the largest result. */
export const MAX_PAYLOAD_BYTES = 4 * 1024 * 1024;
/** The largest length: a payload, the rest of the head, and the name of a function. */
export const MAX_FRAME_LENGTH = MAX_PAYLOAD_BYTES + 256;
/** The largest body of what is no payload: a hello, an error. */
export const MAX_NOTE_BYTES = 64 * 1024;
export const MAX_NAME_BYTES = 64;

/** In the order of their numbers, from 1. */
export const KINDS = ["hello", "call", "result", "error", "cancel"] as const;
/** In the order of their numbers, from 0. */
export const FORMATS = ["none", "json", "bytes"] as const;

export type FrameKind = typeof KINDS[number];
export type FrameFormat = typeof FORMATS[number];

/** What goes into a call, or comes out of it. */
export interface Payload {
  /** `json` is UTF-8. */
  readonly format: "json" | "bytes";
  readonly bytes: Uint8Array;
}

/** A call of one function. */
export interface Call {
  readonly name: string;
  readonly argument: Payload;
}

export interface Frame {
  readonly kind: FrameKind;
  readonly format: FrameFormat;
  /** Of the call; 0 for a hello. */
  readonly id: number;
  readonly body: Uint8Array;
}

/** Which bodies a kind may have. */
const FORMATS_OF: Readonly<Record<FrameKind, readonly FrameFormat[]>> = {
  hello: ["json"],
  call: ["json", "bytes"],
  result: ["json", "bytes"],
  error: ["json"],
  cancel: ["none"],
};

const NAME = /^[A-Za-z_][A-Za-z0-9_.]{0,63}$/;

/** Whether a function can be called so: letters, digits, `_` and `.`, no digit or `.` first. */
export function isFunctionName(name: string): boolean {
  return NAME.test(name);
}

/** The bytes of a call with the number `id`. */
export function encodeCall(id: number, { name, argument: { format, bytes } }: Call): Uint8Array {
  if (!isFunctionName(name)) throw new RangeError("not the name of a function");
  if (bytes.length > MAX_PAYLOAD_BYTES) throw new RangeError("too large an argument");
  const bodyBytes = 1 + name.length + bytes.length;
  const frame = newFrame({ kind: "call", format, id }, bodyBytes);
  frame[HEAD_BYTES] = name.length;
  for (let at = 0; at < name.length; at++) frame[HEAD_BYTES + 1 + at] = name.charCodeAt(at);
  frame.set(bytes, HEAD_BYTES + 1 + name.length);
  return frame;
}

/** The bytes by which the caller takes call `id` back. */
export function encodeCancel(id: number): Uint8Array {
  return newFrame({ kind: "cancel", format: "none", id }, 0);
}

/** The length that a head announces. Throws `ProtocolError` for one that no frame has. */
export function readLength(bytes: Uint8Array, at: number): number {
  const length = readNumber(bytes, at);
  if (length >= HEAD_BYTES - LENGTH_BYTES && length <= MAX_FRAME_LENGTH) return length;
  throw broken("FRAME_LENGTH", `It announced a frame of ${length} bytes.`);
}

/** What a head says, all of it there. Throws `ProtocolError` for what no frame says. */
export function readHead(bytes: Uint8Array, at: number): Omit<Frame, "body"> {
  const bodyBytes = readLength(bytes, at) + LENGTH_BYTES - HEAD_BYTES;
  const kind = KINDS[(bytes[at + 4] ?? 0) - 1];
  const format = FORMATS[bytes[at + 5] ?? FORMATS.length];
  const id = readNumber(bytes, at + 6);
  if (kind === undefined) throw broken("FRAME_KIND", `It sent a frame of kind ${bytes[at + 4]}.`);
  if (format === undefined || !FORMATS_OF[kind].includes(format)) {
    throw broken("FRAME_FORMAT", `It sent a ${kind} of format ${bytes[at + 5]}.`);
  }
  if ((id === 0) !== (kind === "hello")) throw broken("FRAME_ID", `It sent a ${kind} for ${id}.`);
  if (bodyBytes > mostBytes(kind)) {
    throw broken("FRAME_LENGTH", `It announced a ${kind} of ${bodyBytes} bytes.`);
  }
  return { kind, format, id };
}

/** A peer that did not keep to the protocol. */
export function broken(rule: string, detail: string): ProtocolError {
  return new ProtocolError("remote", rule, {
    detail: `The engine did not keep to the protocol of direct calls. ${detail}`,
    remedy: "Compare what it sends with docs/frames.md.",
  });
}

function mostBytes(kind: FrameKind): number {
  switch (kind) {
    case "cancel":
      return 0;
    case "hello":
    case "error":
      return MAX_NOTE_BYTES;
    case "result":
      return MAX_PAYLOAD_BYTES;
    case "call":
      return MAX_PAYLOAD_BYTES + 1 + MAX_NAME_BYTES;
  }
}

function newFrame({ kind, format, id }: Omit<Frame, "body">, bodyBytes: number): Uint8Array {
  const frame = new Uint8Array(HEAD_BYTES + bodyBytes);
  writeNumber(frame, 0, HEAD_BYTES - LENGTH_BYTES + bodyBytes);
  frame[4] = KINDS.indexOf(kind) + 1;
  frame[5] = FORMATS.indexOf(format);
  writeNumber(frame, 6, id);
  return frame;
}

function readNumber(bytes: Uint8Array, at: number): number {
  let value = 0;
  for (let index = at; index < at + 4; index++) value = value * 256 + (bytes[index] ?? 0);
  return value;
}

function writeNumber(bytes: Uint8Array, at: number, value: number): void {
  for (let index = at + 3, rest = value; index >= at; index--, rest = Math.floor(rest / 256)) {
    bytes[index] = rest % 256;
  }
}
