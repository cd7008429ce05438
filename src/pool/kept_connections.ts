import type { Connection } from "./connection.ts";

/** Idle limit where the peer gives no hint: the usual server closes after 5 s. */
const IDLE_MS = 4_000;
/** A peer's own limit is undercut by this, so that the two never cross. */
const HINT_MARGIN_MS = 1_000;
const LONGEST_IDLE_MS = 600_000;
/** Idle connections to one instance; servers with a thread per connection pay for each. */
const MAX_IDLE = 32;

/** The idle connections to one instance. The last used one goes first; the others may age out. */
export class KeptConnections {
  /** Last used last. */
  #idle: Connection[] = [];
  #isClosed = false;

  /** Whether {@linkcode close} was called. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Takes a connection back after an exchange: keeps it if it may be used again, else closes it. */
  giveBack(connection: Connection): void {
    const idleMs = idleLimitMs(connection.codec.idleHintMs);
    const isWanted = !this.#isClosed && connection.codec.isReusable && idleMs > 0;
    if (!isWanted) return connection.close();
    this.#idle.push(connection);
    connection.rest(idleMs, this.#forget);
    if (this.#idle.length > MAX_IDLE) this.#idle.shift()?.close();
  }

  /** Lends the last used connection; `undefined` when none is left. */
  take(): Connection | undefined {
    for (let last = this.#idle.pop(); last !== undefined; last = this.#idle.pop()) {
      if (last.wake()) return last;
    }
    return undefined;
  }

  /** Closes the idle connections; those in use are closed when they come back. */
  close(): void {
    this.#isClosed = true;
    for (const connection of this.#idle.splice(0)) connection.close();
  }

  readonly #forget = (connection: Connection): void => {
    this.#idle = this.#idle.filter((other) => other !== connection);
  };
}

function idleLimitMs(hintMs: number | undefined): number {
  return hintMs === undefined ? IDLE_MS : Math.min(hintMs - HINT_MARGIN_MS, LONGEST_IDLE_MS);
}
