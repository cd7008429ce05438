import type { Connection } from "./connection.ts";

/** Idle limit where the peer gives no hint: the usual server closes after 5 s. */
const IDLE_MS = 4_000;
/** A peer's own limit is undercut by this, so that the two never cross. */
const HINT_MARGIN_MS = 1_000;
const LONGEST_IDLE_MS = 600_000;
/** Idle connections to one instance; servers with a thread per connection pay for each. */
const MAX_IDLE = 32;

/** One who waits for a connection. */
export interface Waiter {
  /** Called once at most, and not after {@linkcode KeptConnections.leave}. */
  take(connection: Connection): void;
}

/**
 * The idle connections to one instance, and who waits for one to be given back. The last used one goes
 * first; the others may age out.
 */
export class KeptConnections {
  /** Last used last. */
  #idle: Connection[] = [];
  /** First come first. */
  readonly #waiters = new Set<Waiter>();
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
    for (const waiter of this.#waiters) {
      this.#waiters.delete(waiter);
      connection.unlimit();
      return waiter.take(connection);
    }
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

  /** The next connection that comes back is for `waiter`, after those who came before. */
  wait(waiter: Waiter): void {
    this.#waiters.add(waiter);
  }

  /** Ends a wait; tells whether it went on until now. */
  leave(waiter: Waiter): boolean {
    return this.#waiters.delete(waiter);
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
