/** Feeds bytes to a client codec in pieces and writes down what it said. */
import { ProtocolError } from "../../../src/core/mod.ts";
import { ClientCodec, encodeRequestHead } from "../../../src/http1/mod.ts";

export interface PlayOptions {
  /** Method of the request that is answered. @default "GET" */
  readonly method?: string;
  /** The connection ends after the bytes. @default false */
  readonly eof?: boolean;
}

/** Everything a caller could tell apart. */
export interface Transcript {
  readonly informational: number[];
  status?: number;
  minorVersion?: number;
  fields?: (readonly [string, string])[];
  body: string;
  trailers?: (readonly [string, string])[];
  /** The rule that was broken, with the text of the error. */
  fault?: string;
  isReusable: boolean;
}

/** A codec that has sent one whole request. */
export function askedCodec(method = "GET"): ClientCodec {
  const codec = new ClientCodec();
  const request = encodeRequestHead({ method, target: "/", fields: [["Host", "localhost"]] });
  codec.written(codec.sendHead(request).length);
  return codec;
}

/** What comes out when `pieces` come in. Errors that are not ours go through. */
export function play(pieces: readonly Uint8Array[], options: PlayOptions = {}): Transcript {
  const codec = askedCodec(options.method);
  const transcript: Transcript = { informational: [], body: "", isReusable: false };
  try {
    // One buffer for all reads, as a connection has it, spoiled as soon as the codec is through with it.
    const scratch = new Uint8Array(Math.max(0, ...pieces.map((piece) => piece.length)));
    for (const piece of pieces) {
      scratch.set(piece);
      codec.receive(scratch.subarray(0, piece.length));
      drain(codec, transcript);
      scratch.fill(0xee);
    }
    if (options.eof) {
      codec.receiveEof();
      drain(codec, transcript);
    }
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    transcript.fault = `${error.side} ${error.rule}: ${error.message}`;
  }
  transcript.isReusable = codec.isReusable;
  return transcript;
}

function drain(codec: ClientCodec, transcript: Transcript): void {
  for (let it = codec.next(); it.type !== "need_data"; it = codec.next()) {
    switch (it.type) {
      case "informational":
        transcript.informational.push(it.head.status);
        break;
      case "head":
        transcript.status = it.head.status;
        transcript.minorVersion = it.head.minorVersion;
        transcript.fields = it.head.fields.pairs();
        break;
      case "data":
        transcript.body += latin1(it.bytes);
        break;
      case "end":
        transcript.trailers = it.trailers.pairs();
    }
  }
}

/** One byte a character; characters above 255 are a mistake of the test. */
export function bytesOf(text: string): Uint8Array {
  return Uint8Array.from(text, (char) => {
    const code = char.charCodeAt(0);
    if (code > 255) throw new RangeError(`not Latin-1: ${char}`);
    return code;
  });
}

export function latin1(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
}

export function bytewise(bytes: Uint8Array): Uint8Array[] {
  return Array.from(bytes, (byte) => Uint8Array.of(byte));
}

/** `bytes` cut in two, once at every point; at `atMost` evenly spread ones when it is long. */
export function* everySplit(bytes: Uint8Array, atMost = 2_000): Generator<Uint8Array[]> {
  const step = Math.max(1, Math.ceil(bytes.length / atMost));
  for (let at = 1; at < bytes.length; at += step) {
    yield [bytes.subarray(0, at), bytes.subarray(at)];
  }
}
