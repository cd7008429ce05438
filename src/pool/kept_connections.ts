import type { Clock, Timer } from "../core/mod.ts";
import type { Connection } from "./connection.ts";

/** Idle limit where the peer gives no hint: the usual server closes after 5 s. */
const IDLE_MS = 4_000;
/** A peer's own limit is undercut by this, so that the two never cross. */
const HINT_MARGIN_MS = 1_000;
const LONGEST_IDLE_MS = 600_000;
/** Idle connections to one instance; servers with a thread per connection pay for each. */
const MAX_IDLE = 32;

interface Kept {
  readonly connection: Connection;
  readonly retireAt: number;
  readonly timer: Timer;
}

/** The idle connections to one instance. The last used one goes first; the others may age out. */
export class KeptConnections {
  readonly #clock: Clock;
  /** Last used last. */
  #kept: readonly Kept[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Takes in a reusable connection, until its idle limit or the peer ends it. */
  add(connection: Connection): void {
    const idleMs = idleLimitMs(connection.codec.idleHintMs);
    if (idleMs <= 0) return connection.close();
    const retireAt = this.#clock.now() + idleMs;
    const kept = { connection, retireAt, timer: this.#clock.at(retireAt, () => this.#drop(kept)) };
    this.#kept = [...this.#kept, kept];
    connection.rest(() => this.#drop(kept));
    if (this.#kept.length > MAX_IDLE) this.#drop(this.#kept[0]);
  }

  /** Lends the last used connection; `undefined` when none is left. */
  take(): Connection | undefined {
    for (let kept = this.#kept.at(-1); kept !== undefined; kept = this.#kept.at(-1)) {
      if (this.#clock.now() >= kept.retireAt) {
        this.#drop(kept);
        continue;
      }
      this.#remove(kept);
      kept.connection.wake();
      return kept.connection;
    }
    return undefined;
  }

  close(): void {
    for (const kept of this.#kept) this.#drop(kept);
  }

  #drop(kept: Kept | undefined): void {
    if (kept === undefined) return;
    this.#remove(kept);
    kept.connection.close();
  }

  #remove(kept: Kept): void {
    kept.timer.cancel();
    this.#kept = this.#kept.filter((other) => other !== kept);
  }
}

function idleLimitMs(hintMs: number | undefined): number {
  return hintMs === undefined ? IDLE_MS : Math.min(hintMs - HINT_MARGIN_MS, LONGEST_IDLE_MS);
}
