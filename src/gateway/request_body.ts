import {
  type BodyFraming,
  ChunkWriter,
  type DataEvent,
  type EndEvent,
  type WireBuffer,
} from "../http1/mod.ts";
import type { PooledConnection } from "../pool/mod.ts";
import type { ClientExchange } from "./client_exchange.ts";
import type { RequestSkips } from "./hop_by_hop.ts";

/** As much of a body goes into one write with its head, and one more piece. */
const JOINED_BYTES = 16 * 1024;
/** And so much while the request is held anyway; behind it the client's leaving is not seen. */
const AHEAD_BYTES = 64 * 1024;

const NOTHING = () => {};

type Piece = DataEvent | EndEvent;

/**
 * The body on its way to the engine: first what is here, joined to the head, then the rest piece by
 * piece, each read when the one before is written.
 */
export class RequestBody {
  readonly #exchange: ClientExchange;
  readonly #out: WireBuffer;
  readonly #skips: RequestSkips;
  readonly #framing: BodyFraming;
  #isRead = false;
  #isCleared = false;
  /** How much of the body went into the buffer. */
  #framedBytes = 0;
  #nextPiece: Promise<Piece> | undefined;

  /** `out` holds the head; it stays in use until all is written. */
  constructor(exchange: ClientExchange, out: WireBuffer, skips: RequestSkips) {
    this.#exchange = exchange;
    this.#out = out;
    this.#skips = skips;
    this.#framing = exchange.framing;
  }

  /** Whether the client's body was read to its end. */
  get isRead(): boolean {
    return this.#isRead;
  }

  /** The head, and what {@linkcode takeHere} found; valid until `writeRest`. */
  get joined(): Uint8Array {
    return this.#out.bytes;
  }

  /** Whether all that there is stands in {@linkcode joined}, so that it can be sent again. */
  get isJoined(): boolean {
    return this.#isRead && !this.#isCleared;
  }

  /** Puts what is here into the buffer behind the head; waits for nothing. */
  takeHere(): void {
    this.#takeUpTo(JOINED_BYTES);
  }

  /**
   * While `held` is not settled, takes what comes, up to a bound, so that a client that leaves is seen.
   * Gives what `held` gives.
   */
  async takeWhile<T>(held: Promise<T>): Promise<T> {
    let isHeld = true;
    this.#takeAhead(() => isHeld).catch(NOTHING);
    try {
      return await held;
    } finally {
      isHeld = false;
    }
  }

  async #takeAhead(isHeld: () => boolean): Promise<void> {
    while (this.#nextPiece !== undefined && this.#out.size <= AHEAD_BYTES) {
      // What breaks the body is told to whoever takes the piece.
      const piece = await this.#nextPiece;
      if (!isHeld()) return;
      this.#nextPiece = undefined;
      this.#frame(piece);
      this.#takeUpTo(AHEAD_BYTES);
    }
  }

  #takeUpTo(bytes: number): void {
    while (!this.#isRead && this.#out.size <= bytes) {
      const piece = this.#exchange.nextBody();
      if (!(piece instanceof Promise)) this.#frame(piece);
      else {
        this.#nextPiece = piece;
        // Whoever takes it later hears of a failure; until then it is nobody's fault.
        piece.catch(NOTHING);
        return;
      }
    }
  }

  /**
   * Writes all that `takeHere` did not take, each piece while the next one is read. Rejects with what
   * broke the client's body (`ClientBodyError`) or the connection to the engine.
   */
  async writeRest(connection: PooledConnection, pace: WritePace): Promise<void> {
    this.#isCleared = true;
    let left = this.#framing.kind === "length" ? this.#framing.bytes - this.#framedBytes : 0;
    while (!this.#isRead) {
      pace.waits();
      const piece = await this.#take();
      pace.writes();
      if (this.#framing.kind === "length" && piece.type === "data") {
        left -= piece.bytes.length;
        this.#exchange.record.bytesIn += piece.bytes.length;
        // Not behind the last one: with the end of the body its bytes are nobody's any more.
        if (left > 0) this.#readOn();
        await connection.write(piece.bytes);
        continue;
      }
      this.#out.clear();
      this.#frame(piece);
      if (this.#out.size > 0) await connection.write(this.#out.bytes);
    }
    if (this.#framing.kind === "chunked") connection.sendEnd();
  }

  /** Asks for the next piece, whose bytes lie elsewhere than those of this one. */
  #readOn(): void {
    // What it throws at once is for whoever takes the piece, too.
    this.#nextPiece = (async () => await this.#exchange.nextBody())();
    this.#nextPiece.catch(NOTHING);
  }

  async #take(): Promise<Piece> {
    const next = this.#nextPiece;
    this.#nextPiece = undefined;
    try {
      return await (next ?? this.#exchange.nextBody());
    } catch (error) {
      throw new ClientBodyError(error);
    }
  }

  #frame(piece: Piece): void {
    const isChunked = this.#framing.kind === "chunked";
    if (piece.type === "data") {
      this.#framedBytes += piece.bytes.length;
      this.#exchange.record.bytesIn += piece.bytes.length;
      if (isChunked) new ChunkWriter(this.#out).chunk(piece.bytes);
      else this.#out.add(piece.bytes);
      return;
    }
    this.#isRead = true;
    if (!isChunked) return;
    new ChunkWriter(this.#out).last(piece.trailers, this.#skips.trailers(piece.trailers));
  }
}

/** Told what the writing side waits for. */
export interface WritePace {
  /** For the client. */
  waits(): void;
  /** For the engine. */
  writes(): void;
}

/** The client's body broke off or broke a rule; `cause` is our error that says how. */
export class ClientBodyError extends Error {
  override readonly name = "ClientBodyError";
  constructor(cause: unknown) {
    super("the client's body broke off", { cause });
  }
}
