/** Feeds bytes to a server codec in pieces, answers each request at once, writes down what it said. */
import { ProtocolError } from "../../../src/core/mod.ts";
import { RequestFault, ServerCodec, type ServerOutcome } from "../../../src/http1/mod.ts";
import { latin1 } from "./play.ts";

export interface ServeOptions {
  /** The connection ends after the bytes. @default false */
  readonly eof?: boolean;
}

/** One request as it came out. */
export interface Served {
  readonly method: string;
  readonly target: string;
  readonly host: string | undefined;
  readonly minorVersion: number;
  readonly fields: (readonly [string, string])[];
  readonly framing: string;
  readonly expectsContinue: boolean;
  readonly upgrade: string | undefined;
  body: string;
  /** There when the request is whole. */
  trailers?: (readonly [string, string])[];
}

/** Everything a caller could tell apart. */
export interface ServerTranscript {
  readonly requests: Served[];
  /** The rule that was broken, with the text of the error. */
  fault?: string;
  /** The status to answer the fault with. */
  status?: number;
  isReusable: boolean;
  /** Bytes that came in and were not taken. */
  bufferedBytes: number;
}

/** What comes out when `pieces` come in. Errors that are not ours go through. */
export function serve(
  pieces: readonly Uint8Array[],
  options: ServeOptions = {},
): ServerTranscript {
  const codec = new ServerCodec();
  const transcript: ServerTranscript = { requests: [], isReusable: false, bufferedBytes: 0 };
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
    transcript.bufferedBytes = codec.bufferedBytes;
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    transcript.fault = `${error.side} ${error.rule}: ${error.message}`;
    if (error instanceof RequestFault) transcript.status = error.status;
  }
  transcript.isReusable = codec.isReusable;
  return transcript;
}

function drain(codec: ServerCodec, { requests }: ServerTranscript): void {
  for (;;) {
    const outcome = codec.next();
    if (outcome.type === "need_data" || outcome.type === "paused") return;
    note(outcome, requests);
    if (outcome.type === "end") answer(codec);
  }
}

/** Answers the request that is there with an empty 200. */
export function answer(codec: ServerCodec): void {
  codec.sendHead(codec.planResponse({ status: 200, body: { kind: "none" } }));
  codec.sendEnd();
}

function note(outcome: ServerOutcome, requests: Served[]): void {
  const last = requests.at(-1);
  if (outcome.type === "head") requests.push(servedOf(outcome));
  else if (outcome.type === "data" && last !== undefined) last.body += latin1(outcome.bytes);
  else if (outcome.type === "end" && last !== undefined) last.trailers = outcome.trailers.pairs();
}

function servedOf(event: ServerOutcome & { type: "head" }): Served {
  const { request, framing, expectsContinue, upgrade } = event;
  return {
    method: request.method,
    target: request.target,
    host: request.host,
    minorVersion: request.minorVersion,
    fields: request.fields.pairs(),
    framing: framing.kind,
    expectsContinue,
    upgrade: upgrade === undefined ? undefined : latin1(upgrade),
    body: "",
  };
}
