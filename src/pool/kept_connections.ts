import type { Connection } from "./connection.ts";
import type { Deadline, Deadlines } from "./deadlines.ts";

/** Idle limit where the peer gives no hint: the usual server closes after 5 s. */
const IDLE_MS = 4_000;
/** A peer's own limit is undercut by this, so that the two never cross. */
const HINT_MARGIN_MS = 1_000;
const LONGEST_IDLE_MS = 600_000;
/** Idle connections to one instance; servers with a thread per connection pay for each. */
const MAX_IDLE = 32;

interface Kept {
  readonly connection: Connection;
  readonly deadline: Deadline;
}

/** The idle connections to one instance. The last used one goes first; the others may age out. */
export class KeptConnections {
  readonly #deadlines: Deadlines;
  /** Last used last. */
  #kept: Kept[] = [];

  constructor(deadlines: Deadlines) {
    this.#deadlines = deadlines;
  }

  /** Takes in a reusable connection, until its idle limit or the peer ends it. */
  add(connection: Connection): void {
    const idleMs = idleLimitMs(connection.codec.idleHintMs);
    if (idleMs <= 0) return connection.close();
    const retireAt = this.#deadlines.now() + idleMs;
    const deadline = this.#deadlines.add(retireAt, () => this.#drop(kept));
    const kept: Kept = { connection, deadline };
    this.#kept.push(kept);
    connection.rest(() => this.#drop(kept));
    if (this.#kept.length > MAX_IDLE) this.#drop(this.#kept[0]);
  }

  /** Lends the last used connection; `undefined` when none is left. */
  take(): Connection | undefined {
    for (let kept = this.#kept.pop(); kept !== undefined; kept = this.#kept.pop()) {
      this.#deadlines.remove(kept.deadline);
      kept.connection.wake();
      if (this.#deadlines.now() < kept.deadline.at) return kept.connection;
      kept.connection.close();
    }
    return undefined;
  }

  close(): void {
    for (const kept of this.#kept) this.#drop(kept);
  }

  #drop(kept: Kept | undefined): void {
    if (kept === undefined) return;
    this.#deadlines.remove(kept.deadline);
    this.#kept = this.#kept.filter((other) => other !== kept);
    kept.connection.close();
  }
}

function idleLimitMs(hintMs: number | undefined): number {
  return hintMs === undefined ? IDLE_MS : Math.min(hintMs - HINT_MARGIN_MS, LONGEST_IDLE_MS);
}
