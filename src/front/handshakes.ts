import { type AcceptedStream, type Lookout, type Watched } from "../core/mod.ts";

export interface HandshakesOptions {
  readonly lookout: Lookout;
  /** How long one may take, in milliseconds. */
  readonly limitMs: number;
}

/** Clients that are still agreeing with us on TLS; nothing was asked by them yet. */
export class Handshakes {
  readonly #options: HandshakesOptions;
  readonly #underWay = new Set<Handshake>();
  #failed = 0;

  constructor(options: HandshakesOptions) {
    this.#options = options;
  }

  /** How many are under way. */
  get size(): number {
    return this.#underWay.size;
  }

  /** How many have come to nothing. */
  get failed(): number {
    return this.#failed;
  }

  /** Whether `stream` can be read and written; else it is closed. */
  async agree(stream: AcceptedStream): Promise<boolean> {
    const { lookout, limitMs } = this.#options;
    const handshake = new Handshake(stream, lookout.now() + limitMs);
    this.#underWay.add(handshake);
    lookout.add(handshake);
    try {
      await stream.handshake?.();
      return !handshake.isOver;
    } catch {
      // The client left, took too long, or speaks something else: it is for nobody here to mend.
      this.#failed++;
      stream.close();
      return false;
    } finally {
      this.#underWay.delete(handshake);
      lookout.remove(handshake);
    }
  }

  /** Ends all of them. */
  close(): void {
    for (const handshake of this.#underWay) handshake.onDeadline();
  }
}

class Handshake implements Watched {
  readonly #stream: AcceptedStream;
  #deadlineAt: number;
  #isOver = false;

  constructor(stream: AcceptedStream, deadlineAt: number) {
    this.#stream = stream;
    this.#deadlineAt = deadlineAt;
  }

  get deadlineAt(): number {
    return this.#deadlineAt;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  onDeadline(): void {
    this.#deadlineAt = Infinity;
    this.#isOver = true;
    // What is under way would wait for the client; now it fails.
    this.#stream.cut?.();
    this.#stream.close();
  }
}
