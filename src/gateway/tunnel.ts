import type { ByteStream, Clock, Timer } from "../core/mod.ts";

/** A tunnel over which nothing moved for so long holds its engine no more. */
export const TUNNEL_HOLDS_MS = 600_000;

/** What a direction reads at once. */
const BUFFER_BYTES = 16 * 1024;

/** One end of a tunnel, and what has come from it already. */
export interface TunnelEnd {
  readonly stream: ByteStream;
  readonly rest: Uint8Array;
}

/** The tunnel's claim on the engine. */
export interface TunnelHold {
  /** Bytes move: the engine is in use. */
  take(): void;
  /** Nothing moved for {@linkcode TUNNEL_HOLDS_MS}. */
  release(): void;
}

export interface TunnelOptions {
  readonly client: TunnelEnd;
  readonly engine: TunnelEnd;
  readonly hold: TunnelHold;
  readonly clock: Clock;
}

/**
 * Copies bytes both ways until either end is over, then closes both: there is no half of a tunnel, as a
 * client that half-closes can't be told from one that left. Never rejects.
 */
export async function runTunnel({ client, engine, hold, clock }: TunnelOptions): Promise<void> {
  const quiet = new QuietTimer(clock, hold);
  const close = () => {
    client.stream.close();
    engine.stream.close();
  };
  const moved = () => quiet.moved();
  await Promise.all([
    copy(client, engine.stream, moved).then(close, close),
    copy(engine, client.stream, moved).then(close, close),
  ]);
  quiet.stop();
}

async function copy({ stream, rest }: TunnelEnd, to: ByteStream, moved: () => void): Promise<void> {
  await writeAll(to, rest);
  const buffer = new Uint8Array(BUFFER_BYTES);
  for (let count = await stream.read(buffer); count !== null; count = await stream.read(buffer)) {
    moved();
    await writeAll(to, buffer.subarray(0, count));
  }
}

async function writeAll(stream: ByteStream, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) at += await stream.write(bytes.subarray(at));
}

/** Tells when a tunnel falls silent and when it speaks again. */
class QuietTimer {
  readonly #clock: Clock;
  readonly #hold: TunnelHold;
  #movedAt: number;
  #timer: Timer | undefined;

  constructor(clock: Clock, hold: TunnelHold) {
    this.#clock = clock;
    this.#hold = hold;
    this.#movedAt = clock.now();
    this.#arm();
  }

  moved(): void {
    this.#movedAt = this.#clock.now();
    if (this.#timer !== undefined) return;
    this.#hold.take();
    this.#arm();
  }

  stop(): void {
    this.#timer?.cancel();
  }

  #arm(): void {
    this.#timer = this.#clock.at(this.#movedAt + TUNNEL_HOLDS_MS, () => {
      this.#timer = undefined;
      if (this.#clock.now() < this.#movedAt + TUNNEL_HOLDS_MS) return this.#arm();
      this.#hold.release();
    });
  }
}
