/** Server-Sent Events read back, as a client would. */

export interface SeenEvent {
  readonly type: string;
  readonly id: string | null;
  readonly data: unknown;
}

/** One block of a stream: an event, or `null` for a comment or a `retry` alone. */
function parseBlock(block: string): SeenEvent | null {
  const field = (name: string) =>
    block.split("\n").find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2);
  const type = field("event");
  if (type === undefined) return null;
  return { type, id: field("id") ?? null, data: JSON.parse(field("data") ?? "null") };
}

function parsePiece(piece: string): SeenEvent[] {
  return piece.split("\n\n").map(parseBlock).filter((event) => event !== null);
}

/** All events of a stream that ends. */
export async function readEvents(response: Response): Promise<SeenEvent[]> {
  return parsePiece(await response.text());
}

/** A stream that goes on. It takes a piece when it is asked for one, and nothing ahead. */
export class EventReader {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;

  constructor(response: Response) {
    if (response.body === null) throw new Error("a response without a body");
    this.#reader = response.body.getReader();
  }

  /** The next piece as it was sent; `null` at the end. */
  async piece(): Promise<string | null> {
    const { value, done } = await this.#reader.read();
    return done ? null : new TextDecoder().decode(value);
  }

  /** The events of the next piece. */
  async next(): Promise<SeenEvent[]> {
    return parsePiece(await this.piece() ?? "");
  }

  /** Type, and id where there is one, of the events of the next piece. */
  async names(): Promise<string[]> {
    return (await this.next()).map(({ type, id }) => id === null ? type : `${type} ${id}`);
  }

  async cancel(): Promise<void> {
    await this.#reader.cancel();
  }
}
