/** Bodies of our own answers. */

type Body = ReadableStream<Uint8Array>;
type BodyReader = ReadableStreamDefaultReader<Uint8Array>;
type Piece = ReadableStreamReadResult<Uint8Array>;

/** What of a body is at hand: all of it, or a reader with the first two reads under way. */
export type OpenedBody =
  | { readonly kind: "whole"; readonly bytes: Uint8Array }
  | {
    readonly kind: "stream";
    readonly reader: BodyReader;
    readonly first: readonly Promise<Piece>[];
  };

const EMPTY: OpenedBody = { kind: "whole", bytes: new Uint8Array(0) };

/** A stream over bytes that are there settles its reads within so many turns of the microtasks. */
const TURNS = 8;

/**
 * Tells a body that is at hand from one that is made while it is sent, without waiting for either: a
 * `Response` says no length of a text it was made of. Rejects when the first piece is a failure.
 */
export async function openBody(body: Body | null): Promise<OpenedBody> {
  if (body === null) return EMPTY;
  const reader = body.getReader();
  const first = [reader.read(), reader.read()];
  const settled: Piece[] = [];
  let failure: { readonly error: unknown } | undefined;
  for (const read of first) {
    read.then((piece) => settled.push(piece), (error) => failure ??= { error });
  }
  for (let turn = 0; turn < TURNS && settled.length < 2; turn++) await undefined;
  const [one, two] = settled;
  if (one?.done === true) return EMPTY;
  if (one !== undefined && two?.done === true) return { kind: "whole", bytes: one.value };
  if (one === undefined && failure !== undefined) throw failure.error;
  return { kind: "stream", reader, first };
}

/** The pieces of a body that is made while it is sent. */
export async function* pieces(
  { reader, first }: Extract<OpenedBody, { kind: "stream" }>,
): AsyncGenerator<Uint8Array, void, void> {
  for (const read of first) {
    const { done, value } = await read;
    if (done) return;
    yield value;
  }
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    yield value;
  }
}
