/** HTTP/1.1 messages as they come over a connection: as little as both ends of the soak need. */

/** A start line and the fields behind it. */
export class MessageHead {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  get startLine(): string {
    return this.#text.slice(0, this.#text.indexOf("\r\n"));
  }

  /** The value of the first field of that name, which is given in lower case. */
  field(name: string): string | undefined {
    const lower = this.#lower ??= this.#text.toLowerCase();
    const at = lower.indexOf(`\r\n${name}:`);
    if (at < 0) return undefined;
    const begin = at + name.length + 3;
    return this.#text.slice(begin, this.#text.indexOf("\r\n", begin)).trim();
  }

  /** What the fields say of the body; `undefined` = nothing. */
  get framing(): Framing | undefined {
    if (this.field("transfer-encoding") !== undefined) return { kind: "chunked" };
    const length = this.field("content-length");
    return length === undefined ? undefined : { kind: "length", bytes: Number(length) };
  }

  #lower: string | undefined;
}

export type Framing =
  | { readonly kind: "length"; readonly bytes: number }
  | { readonly kind: "chunked" };

/** The connection ended, and something was missing. */
export class Cut extends Error {
  override readonly name = "Cut";
}

/** What came is no HTTP/1.1. */
export class Garbled extends Error {
  override readonly name = "Garbled";
}

export interface MessageReaderOptions {
  /** Holds at least a head. */
  readonly buffer: Uint8Array<ArrayBuffer>;
  /** Waited for before each read. @default no wait */
  readonly pace?: () => Promise<void>;
}

const CR = 13;
const LF = 10;
const decoder = new TextDecoder();

export class MessageReader {
  readonly #conn: Deno.Conn;
  readonly #buffer: Uint8Array<ArrayBuffer>;
  readonly #pace: (() => Promise<void>) | undefined;
  #start = 0;
  #end = 0;

  constructor(conn: Deno.Conn, options: MessageReaderOptions) {
    this.#conn = conn;
    this.#buffer = options.buffer;
    this.#pace = options.pace;
  }

  /** The next head; `undefined` when the connection ended before a byte of it. Throws `Cut`. */
  async head(): Promise<MessageHead | undefined> {
    for (let seen = 0;;) {
      const end = this.#findBlankLine(seen);
      if (end >= 0) {
        const text = decoder.decode(this.#buffer.subarray(this.#start, end - 2));
        this.#start = end;
        return new MessageHead(text);
      }
      seen = Math.max(0, this.#end - this.#start - 3);
      if (await this.#fill()) continue;
      if (this.#start === this.#end) return undefined;
      throw new Cut("the connection ended within a head");
    }
  }

  /** A whole body, piece by piece; each is valid until `take` returns. Throws `Cut`. */
  async body(framing: Framing, take: (piece: Uint8Array) => void): Promise<void> {
    if (framing.kind === "length") return await this.#take(framing.bytes, take);
    for (;;) {
      const size = Number.parseInt(await this.#line(), 16);
      if (!(size >= 0)) throw new Garbled("a chunk without a size");
      if (size === 0) break;
      await this.#take(size, take);
      if (await this.#line() !== "") throw new Garbled("a chunk longer than its size");
    }
    while (await this.#line() !== "");
  }

  /** Whatever comes next, a view; `undefined` at the end of the connection. */
  async piece(): Promise<Uint8Array | undefined> {
    if (this.#start === this.#end && !await this.#fill()) return undefined;
    const piece = this.#buffer.subarray(this.#start, this.#end);
    this.#start = this.#end;
    return piece;
  }

  async #take(bytes: number, take: (piece: Uint8Array) => void): Promise<void> {
    for (let left = bytes; left > 0;) {
      if (this.#start === this.#end && !await this.#fill()) {
        throw new Cut(`the connection ended ${left} bytes too early`);
      }
      const end = Math.min(this.#end, this.#start + left);
      const piece = this.#buffer.subarray(this.#start, end);
      this.#start = end;
      left -= piece.length;
      take(piece);
    }
  }

  async #line(): Promise<string> {
    for (;;) {
      const end = this.#buffer.subarray(0, this.#end).indexOf(LF, this.#start);
      if (end >= 0) {
        const line = decoder.decode(this.#buffer.subarray(this.#start, end - 1));
        this.#start = end + 1;
        return line;
      }
      if (!await this.#fill()) throw new Cut("the connection ended within a chunked body");
    }
  }

  #findBlankLine(seen: number): number {
    const bytes = this.#buffer;
    for (let at = this.#start + seen; at + 3 < this.#end; at++) {
      if (bytes[at] !== CR || bytes[at + 1] !== LF) continue;
      if (bytes[at + 2] === CR && bytes[at + 3] === LF) return at + 4;
    }
    return -1;
  }

  /** Reads some bytes behind those that are there; `false` = the connection has ended. */
  async #fill(): Promise<boolean> {
    if (this.#start === this.#end) this.#start = this.#end = 0;
    if (this.#end === this.#buffer.length) {
      if (this.#start === 0) throw new Garbled("a line that is too long");
      this.#buffer.copyWithin(0, this.#start, this.#end);
      this.#end -= this.#start;
      this.#start = 0;
    }
    if (this.#pace !== undefined) await this.#pace();
    const count = await readOrEnd(this.#conn, this.#buffer.subarray(this.#end));
    this.#end += count ?? 0;
    return count !== null;
  }
}

/** A connection that was reset, or closed on this side, has ended like any other. */
async function readOrEnd(
  conn: Deno.Conn,
  buffer: Uint8Array<ArrayBuffer>,
): Promise<number | null> {
  try {
    return await conn.read(buffer);
  } catch {
    return null;
  }
}

/** Writes all of `bytes`. */
export async function writeAll(conn: Deno.Conn, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) at += await conn.write(bytes.subarray(at));
}
